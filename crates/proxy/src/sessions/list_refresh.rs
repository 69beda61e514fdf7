//! List pages that replace one status request for each session where that costs less.
//!
//! A list page is trusted only to show that a session has not changed. A changed session is fetched individually, since
//! the provider documents fewer fields of list items than of sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cr3dentials_core::time::Millis;

use super::{SessionRegistry, WatchedSession};
use crate::clock;
use crate::error_chain::ErrorChain;
use crate::provider::{Budget, Client, ListItem, Permit, Priority, ProviderError};

/// Minimum number of sessions to look up for which a list page is requested.
pub(super) const MIN_SESSIONS: usize = 3;

/// Maximum number of pages per look-up. Sessions on later pages are fetched one by one.
const MAX_PAGES: usize = 5;

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

    fn record_success(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = BackoffState::default();
    }

    fn record_failure(&self, now: Millis) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = Millis(BASE_BACKOFF.0.saturating_mul(1 << state.failures.min(8)));
        state.not_before = now + wait.min(MAX_BACKOFF);
        state.failures = state.failures.saturating_add(1);
    }
}

/// Looks up `sessions`, page by page. They must be marked as in flight.
pub(super) async fn look_up(
    registry: &SessionRegistry,
    client: &Client,
    budget: &Budget,
    mut permit: Permit,
    sessions: Vec<Arc<WatchedSession>>,
) {
    let mut wanted: HashMap<String, Arc<WatchedSession>> =
        sessions.into_iter().map(|watched| (watched.id().to_owned(), watched)).collect();
    let mut offset = 0;
    for _ in 0..MAX_PAGES {
        let requested_at = clock::mono();
        let page = match client.sessions(permit, offset).await {
            Ok(page) => page,
            Err(error) => return record_failure(registry, &wanted, &error),
        };
        for item in &page.items {
            if let Some(watched) = wanted.remove(&item.session_id) {
                apply_item(&watched, item, requested_at);
            }
        }
        offset += page.count;
        if wanted.len() < MIN_SESSIONS || page.count == 0 || offset >= page.total {
            break;
        }
        permit = budget.permit(Priority::Watched).await;
    }
    registry.list_backoff().record_success();
    let now = clock::mono();
    wanted.values().for_each(|watched| watched.schedule().record_unlisted(now));
}

/// Records the session's `item` on a page that was requested at `requested_at`.
pub(super) fn apply_item(watched: &WatchedSession, item: &ListItem, requested_at: Millis) {
    // Before `schedule` is locked, since this locks `known`.
    let changed = differs(watched, item);
    watched.schedule().record_listed(requested_at, changed);
}

/// Returns true if the item differs from the last known state. Fields that the item omits are ignored.
fn differs(watched: &WatchedSession, item: &ListItem) -> bool {
    let known = &watched.record().session;
    item.status != known.status || item.progress.is_some_and(|progress| progress != known.progress)
}

fn record_failure(registry: &SessionRegistry, wanted: &HashMap<String, Arc<WatchedSession>>, error: &ProviderError) {
    tracing::warn!(cause = %ErrorChain(error), "could not fetch the session list; fetching sessions one by one");
    registry.list_backoff().record_failure(clock::mono());
    wanted.values().for_each(|watched| watched.schedule().record_list_failure());
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
