//! Consecutive failures of status polls. A failure delays the next poll; it never removes the iframe or ends the
//! session.

use super::Context;
use super::protocol::{Connection, Failure, FailureKind};
use crate::time::Millis;

/// Records failed polls and decides when to report them.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: u32,
    last_kind: Option<FailureKind>,
    denials: u32,
    denied_since: Millis,
    stalled: bool,
}

/// The consequences of a failed poll.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailedPoll {
    /// Delay before the next poll.
    pub(super) delay: Millis,
    /// The host page is informed: of the first failure in a row, and of the one that stalls the session.
    pub(super) is_reported: bool,
}

impl Health {
    /// Forgets all failures: the server responded, or the polls stop.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Records a failed poll. `never_confirmed`: the session was resumed and no server has confirmed it yet, so that a
    /// refusal is shown at once.
    pub(super) fn poll_failed(&mut self, ctx: &mut Context, failure: Failure, never_confirmed: bool) -> FailedPoll {
        let now = ctx.now.mono;
        let was_stalled = self.stalled;
        self.failures = self.failures.saturating_add(1);
        self.last_kind = Some(failure.kind);
        let mut delay = ctx.backoff(self.failures, failure.retry_after);
        if !failure.kind.is_retryable() {
            if self.denials == 0 {
                self.denied_since = now;
            }
            self.denials = self.denials.saturating_add(1);
            let denied_long =
                self.denials >= ctx.config.stall_denials && now.since(self.denied_since) >= ctx.config.stall_after;
            self.stalled = self.stalled || denied_long || never_confirmed;
            if denied_long {
                delay = ctx.config.poll_interval_stalled;
            }
        }
        FailedPoll { delay, is_reported: self.failures == 1 || self.stalled != was_stalled }
    }

    /// Returns true if the proxy keeps refusing requests for the session.
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled
    }

    /// Returns true if the last poll failed.
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Shows a problem only after a second consecutive failure, or after the first if the browser knows of it.
    pub(super) fn connection(&self, ctx: &Context) -> Connection {
        match self.last_kind {
            kind if ctx.is_offline(kind) => Connection::Offline,
            Some(kind) if self.failures >= 2 => Connection::after(kind),
            _ => Connection::Fine,
        }
    }
}
