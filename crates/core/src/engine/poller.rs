//! Status polling: at most one request in flight, long-polled when the proxy supports it.

use super::Context;
use super::long_polls::{Cut, LongPolls};
use super::protocol::{CallId, Effect, Failure, FailureKind};
use crate::contract::FRESH_MIN_INTERVAL_SECS;
use crate::time::Millis;

/// Decides when to poll the session's status.
#[derive(Debug)]
pub(super) struct Poller {
    in_flight: Option<Poll>,
    next_at: Millis,
    /// True if the next poll makes the proxy refresh the status from the provider first.
    fresh: bool,
    /// Revision of the last response.
    rev: u64,
    /// Polls canceled by hints since the last response.
    hint_cancels: u32,
    long_polls: LongPolls,
    /// The server limited the rate, so `next_at` holds whatever happens.
    rate_limited: bool,
}

/// A status request in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    call: CallId,
    sent: Millis,
    wait_secs: u64,
    times_out_at: Millis,
    fresh: bool,
    was_hidden: bool,
}

/// The facts of a response that decide when the next poll is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollResult {
    pub(super) long_polled: bool,
    /// True if the response contained something new.
    pub(super) changed: bool,
    /// The session waits for the user, so changes are less frequent.
    pub(super) awaits_user: bool,
}

impl Poll {
    /// Returns true if the page was hidden during the request. Its failure then says nothing about the server.
    pub(super) fn was_hidden(&self) -> bool {
        self.was_hidden
    }
}

impl Poller {
    /// Creates a poller that polls at once.
    pub(super) fn new(ctx: &Context) -> Self {
        Self {
            in_flight: None,
            next_at: ctx.now.mono,
            fresh: false,
            rev: 0,
            hint_cancels: 0,
            long_polls: LongPolls::new(&ctx.config),
            rate_limited: false,
        }
    }

    /// Creates a poller whose first poll makes the proxy refresh the status from the provider.
    pub(super) fn fresh(ctx: &Context) -> Self {
        Self { fresh: true, ..Self::new(ctx) }
    }

    /// Polls as soon as the minimum interval allows, with a refresh from the provider. A poll in flight is canceled:
    /// its response would be out of date. A server-supplied Retry-After always wins, even over a manual refresh.
    pub(super) fn poll_now(&mut self, ctx: &mut Context) {
        self.cancel(ctx);
        self.fresh = true;
        if !self.rate_limited {
            self.next_at = ctx.now.mono;
        }
    }

    /// Requests a refresh with the next poll, without moving it.
    pub(super) fn refresh_next(&mut self) {
        self.fresh = true;
    }

    /// Polls soon because the status may have changed: the iframe sent a message, or the host page asked for a refresh.
    ///
    /// A hint cancels a poll in flight only once it has reached a minimum age, which doubles with each cancellation
    /// until a response arrives. A flood of messages therefore cannot keep a slow server from ever responding.
    pub(super) fn hint(&mut self, ctx: &mut Context) {
        self.fresh = true;
        let Some(poll) = self.in_flight else { return self.poll_now(ctx) };
        let min_age = match (poll.fresh, self.hint_cancels) {
            (false, 0) => Millis(0),
            (_, cancels) => Millis(Millis::from_secs(FRESH_MIN_INTERVAL_SECS).0 << cancels.min(6)),
        };
        if ctx.now.mono >= poll.sent + min_age {
            self.hint_cancels = self.hint_cancels.saturating_add(1);
            self.poll_now(ctx);
        }
    }

    /// Cancels a poll in flight. The next one is then due at once.
    pub(super) fn cancel(&mut self, ctx: &mut Context) {
        if let Some(poll) = self.in_flight.take() {
            self.next_at = ctx.now.mono;
            ctx.push(Effect::Cancel(poll.call));
        }
    }

    pub(super) fn page_hidden(&mut self) {
        if let Some(poll) = &mut self.in_flight {
            poll.was_hidden = true;
        }
    }

    /// Takes the poll that `call` belongs to, or returns `None` if it is no longer in flight.
    pub(super) fn take_finished(&mut self, call: CallId) -> Option<Poll> {
        self.in_flight.take_if(|poll| poll.call == call)
    }

    /// Cancels and takes a poll that has timed out.
    pub(super) fn take_timed_out(&mut self, ctx: &mut Context) -> Option<Poll> {
        let poll = self.in_flight.take_if(|poll| ctx.now.mono >= poll.times_out_at)?;
        ctx.push(Effect::Cancel(poll.call));
        Some(poll)
    }

    /// Records the revision of a response. The server no longer limits the rate.
    pub(super) fn responded(&mut self, rev: u64) {
        self.rev = rev;
        self.rate_limited = false;
    }

    /// Schedules the next poll after a response.
    pub(super) fn schedule_next(&mut self, ctx: &Context, poll: &Poll, response: &PollResult) {
        let (config, now) = (&ctx.config, ctx.now.mono);
        self.hint_cancels = 0;
        let open_for = now.since(poll.sent);
        let at_once = self.long_polls.responded(config, response.long_polled, open_for, response.changed);
        self.next_at = if self.fresh || at_once {
            now
        } else if response.awaits_user {
            now + config.poll_interval_user
        } else {
            now + config.poll_interval_working
        };
    }

    /// Returns true if the poll failed because something cut it, as far as one failure can show: a long poll without a
    /// response of the proxy. The next one is then short, and due within a second: where the proxy restarts, it has cut
    /// the polls of all pages at once.
    pub(super) fn was_cut(&mut self, ctx: &mut Context, poll: &Poll, failure: Failure, long_polled: bool) -> bool {
        let no_response = matches!(failure.kind, FailureKind::Network | FailureKind::Intermediary);
        let was_cut = no_response && long_polled && poll.wait_secs > 0;
        if was_cut {
            let now = ctx.now.mono;
            let (held, timed_out) = (now.since(poll.sent), now >= poll.times_out_at);
            self.long_polls.cut(&ctx.config, Cut { wait_secs: poll.wait_secs, held, timed_out });
            self.next_at = now + ctx.backoff(1, failure.retry_after);
        }
        was_cut
    }

    /// Tries longer waits again, because the page may be in another network.
    pub(super) fn network_changed(&mut self, ctx: &Context) {
        self.long_polls.network_changed(&ctx.config);
    }

    /// Finds out with a short poll whether the network is gone. A poll in flight may never learn it.
    pub(super) fn network_doubted(&mut self, ctx: &mut Context) {
        self.long_polls.probe();
        self.cancel(ctx);
    }

    /// Schedules the next poll after a failure. `rate_limited`: nothing but the delay's end allows it.
    pub(super) fn retry_after(&mut self, ctx: &Context, delay: Millis, rate_limited: bool) {
        self.long_polls.failed();
        self.next_at = ctx.now.mono + delay;
        self.rate_limited = rate_limited;
    }

    /// Schedules the next poll after a failure that says nothing about the server.
    pub(super) fn retry_soon(&mut self, ctx: &Context) {
        self.next_at = ctx.now.mono + ctx.config.backoff.base;
    }

    /// Sends the next poll if it is due.
    pub(super) fn send_if_due(&mut self, ctx: &mut Context) {
        let now = ctx.now.mono;
        let too_early = now < self.next_at || ctx.next_poll_slot().is_some_and(|at| now < at);
        if !ctx.can_send() || self.in_flight.is_some() || too_early {
            return;
        }
        let wait_secs = if ctx.page.visible { self.long_polls.wait_secs() } else { 0 };
        let times_out_at = now + Millis::from_secs(wait_secs) + ctx.config.poll_grace;
        let (call, fresh) = (ctx.next_call(), std::mem::take(&mut self.fresh));
        self.in_flight = Some(Poll { call, sent: now, wait_secs, times_out_at, fresh, was_hidden: !ctx.page.visible });
        ctx.poll_sent();
        ctx.push(Effect::PollStatus { call, after: self.rev, wait_secs, fresh });
    }

    pub(super) fn deadline(&self, ctx: &Context) -> Option<Millis> {
        match self.in_flight {
            Some(poll) => Some(poll.times_out_at),
            None => ctx.next_poll_slot().max(Some(self.next_at)).filter(|_| ctx.can_send()),
        }
    }
}
