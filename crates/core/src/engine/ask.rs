//! How it asks: one question at a time, held by the server where it can.

use super::effect::Effect;
use super::event::{self, Event};
use super::input::{CallId, Failure, FailureKind};
use super::live::Live;
use super::{Engine, State};
use crate::contract::FRESH_MIN_INTERVAL_SECS;
use crate::time::Millis;
use crate::wire::SessionStatus;

/// A status question under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking {
    call: CallId,
    sent: Millis,
    due: Millis,
    fresh: bool,
    /// The page was hidden meanwhile, so its failure says nothing about the server.
    spanned: bool,
}

impl Engine {
    /// Asks as soon as the spacing allows, with the server looking at the provider first. A question under way is
    /// given up: what it was asked about is out of date.
    pub(super) fn ask_anew(&mut self) {
        self.cancel_ask();
        let now = self.now.mono;
        if let Some(live) = self.live() {
            live.ask_fresh = true;
            // A time that the server named stands, whoever is impatient.
            if !live.busy {
                live.ask_at = now;
            }
        }
    }

    /// Somebody thinks that something changed: the iframe, or an impatient host page.
    ///
    /// Each such cancellation doubles how long the next question is left alone, until one is answered: a flood of
    /// messages cannot keep a slow server from ever being heard.
    pub(super) fn hinted(&mut self) {
        let (now, patience) = (self.now.mono, Millis::from_secs(FRESH_MIN_INTERVAL_SECS));
        let Some(live) = self.live() else { return };
        live.ask_fresh = true;
        let Some(asking) = live.ask else { return self.ask_anew() };
        let least_age = match (asking.fresh, live.hint_cancels) {
            (false, 0) => Millis(0),
            (_, cancels) => Millis(patience.0 << cancels.min(6)),
        };
        if now >= asking.sent + least_age {
            live.hint_cancels = live.hint_cancels.saturating_add(1);
            self.ask_anew();
        }
    }

    pub(super) fn cancel_ask(&mut self) {
        let now = self.now.mono;
        if let Some(live) = self.live()
            && let Some(asking) = live.ask.take()
        {
            live.ask_at = now;
            self.out.push(Effect::Cancel(asking.call));
        }
    }

    pub(super) fn mark_ask_spanned(&mut self) {
        if let Some(asking) = self.live().and_then(|live| live.ask.as_mut()) {
            asking.spanned = true;
        }
    }

    /// Closes the question `call`; `None` when it is not the open one.
    pub(super) fn take_ask(&mut self, call: CallId) -> Option<Asking> {
        self.live()?.ask.take_if(|asking| asking.call == call)
    }

    pub(super) fn schedule_after_answer(&mut self, asking: &Asking, held: bool, changed: bool) {
        let (config, now) = (self.config, self.now.mono);
        let Some(live) = self.live() else { return };
        let took = now.since(asking.sent);
        live.hint_cancels = 0;
        if held && took >= config.held_at_least {
            live.server_holds = true;
        } else if held && !changed {
            live.server_holds = false;
        }
        let users_turn = live.status.as_ref().is_some_and(SessionStatus::awaits_user);
        live.ask_at = if live.ask_fresh || held && live.server_holds {
            now
        } else {
            now + if users_turn { config.poll_user } else { config.poll_machine }
        };
    }

    /// A failure costs a wait, never the frame and never the session.
    pub(super) fn ask_failed(&mut self, asking: &Asking, failure: Failure) {
        if self.renews_after(&failure) {
            return;
        }
        let random = self.jitter.next_u64();
        let (config, now) = (self.config, self.now.mono);
        let Some(live) = self.live() else { return };
        if asking.spanned && failure.kind == FailureKind::Network {
            live.ask_at = now + config.backoff.base;
            return;
        }
        live.failures = live.failures.saturating_add(1);
        live.busy = failure.kind == FailureKind::RateLimited;
        let was_stalled = live.stalled;
        if failure.kind.is_retryable() {
            let wait = config.backoff.delay(live.failures, failure.retry_after, random, config.longest_retry_after);
            live.ask_at = now + wait;
        } else {
            if live.denials == 0 {
                live.denied_since = now;
            }
            live.denials = live.denials.saturating_add(1);
            // A session that was never seen is not worth half a minute of silence.
            let long_denied =
                live.denials >= config.stall_denials && now.since(live.denied_since) >= config.stall_after;
            live.stalled = live.stalled || long_denied || !live.seen && live.resumed;
            let wait = config.backoff.delay(live.failures, failure.retry_after, random, config.longest_retry_after);
            live.ask_at = now + if long_denied { config.stalled_poll } else { wait };
        }
        // The first failure of a row, and the one that stalls: a host page needs no more.
        if live.failures == 1 || live.stalled != was_stalled {
            let session_id = Some(live.session_id.clone());
            self.emit(Event::Error(event::Error {
                session_id,
                code: failure.kind.code().to_owned(),
                message: failure.kind.message().to_owned(),
                retrying: true,
            }));
        }
    }

    pub(super) fn run_ask_timers(&mut self) {
        let now = self.now.mono;
        if let Some(asking) = self.live().and_then(|live| live.ask.take_if(|asking| now >= asking.due)) {
            self.out.push(Effect::Cancel(asking.call));
            self.ask_failed(&asking, Failure { kind: FailureKind::Network, retry_after: None });
        }
        let (config, holds, may_ask) = (self.config, self.page.visible, self.may_ask());
        let spaced = self.asked_at.map(|at| at + config.ask_spacing);
        let call = CallId(self.calls.wrapping_add(1));
        let State::Live(live) = &mut self.state else { return };
        if !may_ask
            || !live.claim.is_ours()
            || live.ask.is_some()
            || now < live.ask_at
            || spaced.is_some_and(|at| now < at)
        {
            return;
        }
        let wait_secs = if holds { config.wait_secs } else { 0 };
        let due = now + Millis::from_secs(wait_secs) + config.ask_grace;
        let (after, fresh) = (live.rev, std::mem::take(&mut live.ask_fresh));
        live.ask = Some(Asking { call, sent: now, due, fresh, spanned: !holds });
        self.calls = call.0;
        self.asked_at = Some(now);
        self.out.push(Effect::PollStatus { call, after, wait_secs, fresh });
    }

    pub(super) fn ask_deadline(&self, live: &Live) -> Option<Millis> {
        match live.ask {
            Some(asking) => Some(asking.due),
            None => {
                let spaced = self.asked_at.map(|at| at + self.config.ask_spacing);
                spaced.max(Some(live.ask_at)).filter(|_| self.may_ask_about(live))
            }
        }
    }
}
