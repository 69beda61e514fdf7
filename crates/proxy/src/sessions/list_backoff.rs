//! Conditions for requesting a list page: enough sessions to look up, and no recent failure.

use std::sync::{Mutex, PoisonError};

use cr3dentials_core::time::Millis;

/// Minimum number of sessions to look up for which a list page is requested.
pub(super) const MIN_SESSIONS: usize = 3;

/// Time without page requests after a failed one. Doubles after each further failure in a row.
const BASE_BACKOFF: Millis = Millis::from_secs(60);
/// Maximum time without page requests.
const MAX_BACKOFF: Millis = Millis::from_secs(15 * 60);

/// Availability of the provider's list.
#[derive(Debug, Default)]
pub(super) struct ListBackoff(Mutex<BackoffState>);

#[derive(Debug, Default)]
struct BackoffState {
    failures: u32,
    not_before: Millis,
}

impl ListBackoff {
    pub(super) fn is_over(&self, now: Millis) -> bool {
        now >= self.0.lock().unwrap_or_else(PoisonError::into_inner).not_before
    }

    pub(super) fn record_success(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = BackoffState::default();
    }

    pub(super) fn record_failure(&self, now: Millis) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = Millis(BASE_BACKOFF.0.saturating_mul(1 << state.failures.min(8)));
        state.not_before = now + wait.min(MAX_BACKOFF);
        state.failures = state.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_requests_back_off_after_each_failure() {
        let list_backoff = ListBackoff::default();
        let mut now = Millis(0);
        for secs in [60, 120, 240, 480, 900, 900] {
            assert!(list_backoff.is_over(now));
            list_backoff.record_failure(now);
            assert!(!list_backoff.is_over(now + Millis(secs * 1_000 - 1)), "{secs}");
            now = now + Millis::from_secs(secs);
        }
        list_backoff.record_success();
        list_backoff.record_failure(now);
        assert!(list_backoff.is_over(now + Millis::from_secs(60)), "the backoff starts over");
    }
}
