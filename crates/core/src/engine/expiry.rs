//! The session's expiry: warns before `expiresAt`, polls at it, and ends the session when no server responds well past
//! it.

use super::Context;
use super::protocol::Event;
use super::protocol::event;
use crate::time::{Millis, UnixMillis};

/// Longest wait before the expiry is computed again, as the device's clock may be set or stand still.
const MAX_WAIT: Millis = Millis::from_secs(300);

/// Tracks `expiresAt` by the server's clock.
#[derive(Debug, Default)]
pub(super) struct Expiry {
    expires_at: Option<UnixMillis>,
    /// The server's clock minus the device's, in milliseconds.
    clock_offset: i64,
    polled: bool,
    warned: bool,
    minutes_left: Option<u32>,
}

/// The action that the expiry requires now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpiryAction {
    /// Nothing.
    None,
    /// Poll: the session has just expired.
    Poll,
    /// End the session: it expired a while ago, and no server responds.
    GiveUp,
}

impl Expiry {
    pub(super) fn new(expires_at: Option<UnixMillis>) -> Self {
        Self { expires_at, ..Self::default() }
    }

    pub(super) fn minutes_left(&self) -> Option<u32> {
        self.minutes_left
    }

    pub(super) fn clear_minutes(&mut self) {
        self.minutes_left = None;
    }

    /// Adjusts to the server's clock.
    pub(super) fn sync_clock(&mut self, ctx: &Context, server_time: Option<UnixMillis>) {
        if let Some(server_time) = server_time {
            self.clock_offset = server_time.since(ctx.now.wall);
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
        UnixMillis(ctx.now.wall.0.saturating_add(self.clock_offset))
    }

    /// Warns if the session expires soon, and returns the action that is due. `unreachable`: no server responds.
    pub(super) fn run(&mut self, ctx: &mut Context, session_id: &str, unreachable: bool) -> ExpiryAction {
        let Some(left) = self.time_left(ctx) else { return ExpiryAction::None };
        if left <= -(ctx.config.expiry_grace.0 as i64) && unreachable {
            return ExpiryAction::GiveUp;
        }
        self.minutes_left = (left > 0 && left <= ctx.config.expiry_warning.0 as i64)
            .then(|| u32::try_from((left as u64).div_ceil(60_000)).unwrap_or(u32::MAX));
        if let Some(minutes) = self.minutes_left
            && !std::mem::replace(&mut self.warned, true)
        {
            ctx.emit(Event::Expiring(event::Expiring { session_id: session_id.to_owned(), minutes }));
        }
        if left <= 0 && !std::mem::replace(&mut self.polled, true) {
            return ExpiryAction::Poll;
        }
        ExpiryAction::None
    }

    /// Returns the next time at which [`Expiry::run`] may act or the minutes change.
    pub(super) fn deadline(&self, ctx: &Context) -> Option<Millis> {
        let left = self.time_left(ctx)?;
        let warning = ctx.config.expiry_warning.0 as i64;
        let grace = ctx.config.expiry_grace.0 as i64;
        let wait = if left > warning {
            left - warning
        } else if left > 0 {
            // The next whole minute, or the expiry itself.
            (left - 1) % 60_000 + 1
        } else if left > -grace {
            left + grace
        } else {
            return None;
        };
        Some(ctx.now.mono + Millis(wait as u64).min(MAX_WAIT))
    }

    /// Milliseconds until `expiresAt` by the server's clock; negative after it.
    fn time_left(&self, ctx: &Context) -> Option<i64> {
        self.expires_at.map(|at| at.since(self.server_now(ctx)))
    }
}
