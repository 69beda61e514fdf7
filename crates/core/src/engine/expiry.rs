//! The session's expiry: warns before `expiresAt`, polls at it, and ends the session when no server responds well past
//! it.

use super::Context;
use super::protocol::event;
use super::protocol::{Event, Now};
use crate::time::{Millis, UnixMillis};

/// Longest wait before the expiry is computed again, as the device may have slept.
const MAX_WAIT: Millis = Millis::from_secs(300);

/// Difference of the device's two clocks from which on one of them has jumped: the wall clock was set, or the monotonic
/// clock stood still while the device slept.
const MAX_CLOCK_DIFFERENCE: u64 = 30_000;

/// Tracks `expiresAt` by the server's clock.
#[derive(Debug)]
pub(super) struct Expiry {
    expires_at: Option<UnixMillis>,
    clock: ServerClock,
    /// A poll for the server's time was requested since it was last known.
    clock_polled: bool,
    polled: bool,
    warned: bool,
    minutes_left: Option<u32>,
}

/// The server's time: as last reported, plus the time since then by the monotonic clock. No user can set that clock, and
/// it never runs ahead of the server's. It may stand still while the device sleeps, though. Before the first report the
/// device's clock is used.
#[derive(Clone, Copy, Debug)]
struct ServerClock {
    /// The server's time at `since`.
    time: UnixMillis,
    since: Now,
}

/// The action that the expiry requires now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpiryAction {
    /// Nothing.
    None,
    /// Poll: the session has just expired, or the server's time is not known any more.
    Poll,
    /// End the session: it expired a while ago, and no server responds.
    GiveUp,
}

impl ServerClock {
    fn now(&self, ctx: &Context) -> UnixMillis {
        self.time + ctx.now.mono.since(self.since.mono)
    }

    /// Returns true if the device's clocks disagree on the time since the last report. The server may then be far ahead.
    fn is_doubtful(&self, ctx: &Context) -> bool {
        let expected = self.since.wall + ctx.now.mono.since(self.since.mono);
        ctx.now.wall.0.abs_diff(expected.0) > MAX_CLOCK_DIFFERENCE
    }
}

impl Expiry {
    pub(super) fn new(ctx: &Context, expires_at: Option<UnixMillis>) -> Self {
        let clock = ServerClock { time: ctx.now.wall, since: ctx.now };
        Self { expires_at, clock, clock_polled: false, polled: false, warned: false, minutes_left: None }
    }

    pub(super) fn minutes_left(&self) -> Option<u32> {
        self.minutes_left
    }

    pub(super) fn clear_minutes(&mut self) {
        self.minutes_left = None;
    }

    /// Adjusts to the server's clock.
    pub(super) fn sync_clock(&mut self, ctx: &Context, server_time: Option<UnixMillis>) {
        if let Some(time) = server_time {
            self.clock = ServerClock { time, since: ctx.now };
            self.clock_polled = false;
        }
    }

    /// Takes over `expiresAt` from a response, and returns true if it changed.
    pub(super) fn merge(&mut self, expires_at: Option<UnixMillis>) -> bool {
        let changed = expires_at.is_some() && expires_at != self.expires_at;
        self.expires_at = expires_at.or(self.expires_at);
        changed
    }

    /// Returns the current time by the server's clock.
    pub(super) fn server_now(&self, ctx: &Context) -> UnixMillis {
        self.clock.now(ctx)
    }

    /// Warns if the session expires soon, and returns the action that is due. `unreachable`: no server responds.
    pub(super) fn run(&mut self, ctx: &mut Context, session_id: &str, unreachable: bool) -> ExpiryAction {
        let Some(left) = self.time_left(ctx) else { return ExpiryAction::None };
        if unreachable && self.give_up_at(ctx).is_some_and(|at| ctx.now.mono >= at) {
            return ExpiryAction::GiveUp;
        }
        let is_doubtful = self.clock.is_doubtful(ctx);
        let soon = left > 0 && left <= ctx.config.expiry_warning.0 as i64;
        self.minutes_left =
            (soon && !is_doubtful).then(|| u32::try_from((left as u64).div_ceil(60_000)).unwrap_or(u32::MAX));
        if let Some(minutes) = self.minutes_left
            && !std::mem::replace(&mut self.warned, true)
        {
            ctx.emit(Event::Expiring(event::Expiring { session_id: session_id.to_owned(), minutes }));
        }
        let expired = left <= 0 && !std::mem::replace(&mut self.polled, true);
        let unknown = is_doubtful && !std::mem::replace(&mut self.clock_polled, true);
        if expired || unknown { ExpiryAction::Poll } else { ExpiryAction::None }
    }

    /// Returns the next time at which [`Expiry::run`] may act or the minutes change.
    pub(super) fn deadline(&self, ctx: &Context) -> Option<Millis> {
        let left = self.time_left(ctx)?;
        let warning = ctx.config.expiry_warning.0 as i64;
        if left <= 0 {
            return self.give_up_at(ctx).filter(|at| *at > ctx.now.mono);
        }
        // The next whole minute, or the expiry itself.
        let wait = if left > warning { left - warning } else { (left - 1) % 60_000 + 1 };
        Some(ctx.now.mono + Millis(wait as u64).min(MAX_WAIT))
    }

    /// Milliseconds until `expiresAt` by the server's clock; negative after it.
    fn time_left(&self, ctx: &Context) -> Option<i64> {
        self.expires_at.map(|at| at.since(self.server_now(ctx)))
    }

    /// Returns the time from which on an unreachable session counts as expired: some time past its expiry, and past the
    /// last report of the server's time, which may have come later.
    fn give_up_at(&self, ctx: &Context) -> Option<Millis> {
        let lasts = u64::try_from(self.expires_at?.since(self.clock.time)).unwrap_or_default();
        Some(self.clock.since.mono + Millis(lasts) + ctx.config.expiry_grace)
    }
}
