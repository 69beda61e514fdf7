//! List pages that replace one status request for each session where that costs less.
//!
//! A list page is trusted only to show that a session has not changed. A changed session is fetched individually, since
//! the provider documents fewer fields of list items than of sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cr3dentials_core::time::Millis;

use super::{Entry, Live};
use crate::clock;
use crate::error::Chain;
use crate::provider::{Budget, Client, ListItem, Permit, Priority, ProviderError};

/// Minimum number of sessions to look up for which a list page is requested.
pub(super) const WORTH: usize = 3;

/// Maximum number of pages per look-up. Sessions on later pages are fetched one by one.
const MAX_PAGES: usize = 5;

/// Time without page requests after a failed one. Doubles after each further failure in a row.
const OFF: Millis = Millis::from_secs(60);
/// Maximum time without page requests.
const OFF_AT_MOST: Millis = Millis::from_secs(15 * 60);

/// Availability of the provider's list.
#[derive(Debug, Default)]
pub(super) struct Listing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    not_before: Millis,
}

impl Listing {
    pub(super) fn is_on(&self, now: Millis) -> bool {
        now >= self.0.lock().unwrap_or_else(PoisonError::into_inner).not_before
    }

    fn worked(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    fn failed(&self, now: Millis) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let off = Millis(OFF.0.saturating_mul(1 << state.failures.min(8)));
        state.not_before = now + off.min(OFF_AT_MOST);
        state.failures = state.failures.saturating_add(1);
    }
}

/// Looks up `sessions`, page by page. They must be marked as in flight.
pub(super) async fn look_up(
    live: &Live,
    client: &Client,
    budget: &Budget,
    mut permit: Permit,
    sessions: Vec<Arc<Entry>>,
) {
    let mut wanted: HashMap<String, Arc<Entry>> =
        sessions.into_iter().map(|entry| (entry.id().to_owned(), entry)).collect();
    let mut offset = 0;
    for _ in 0..MAX_PAGES {
        let asked = clock::mono();
        let page = match client.sessions(permit, offset).await {
            Ok(page) => page,
            Err(error) => return give_up(live, &wanted, &error),
        };
        for item in &page.items {
            if let Some(entry) = wanted.remove(&item.session_id) {
                take(&entry, item, asked);
            }
        }
        offset += page.count;
        if wanted.len() < WORTH || page.count == 0 || offset >= page.total {
            break;
        }
        permit = budget.permit(Priority::Watched).await;
    }
    live.listing.worked();
    let now = clock::mono();
    wanted.values().for_each(|entry| entry.timing().not_listed(now));
}

/// Records the session's `item` on a page that was requested at `asked`.
pub(super) fn take(entry: &Entry, item: &ListItem, asked: Millis) {
    // Before `timing` is locked, since this locks `known`.
    let moved = has_moved(entry, item);
    entry.timing().listed(asked, moved);
}

/// Returns true if the item differs from the last known state. Fields that the item omits are ignored.
fn has_moved(entry: &Entry, item: &ListItem) -> bool {
    let known = &entry.record().session;
    item.status != known.status || item.progress.is_some_and(|progress| progress != known.progress)
}

fn give_up(live: &Live, wanted: &HashMap<String, Arc<Entry>>, error: &ProviderError) {
    tracing::warn!(cause = %Chain(error), "could not fetch the session list; fetching sessions one by one");
    live.listing.failed(clock::mono());
    wanted.values().for_each(|entry| entry.timing().let_go());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_requests_back_off_after_each_failure() {
        let listing = Listing::default();
        let mut now = Millis(0);
        for secs in [60, 120, 240, 480, 900, 900] {
            assert!(listing.is_on(now));
            listing.failed(now);
            assert!(!listing.is_on(now + Millis(secs * 1_000 - 1)), "{secs}");
            now = now + Millis::from_secs(secs);
        }
        listing.worked();
        listing.failed(now);
        assert!(listing.is_on(now + Millis::from_secs(60)), "the backoff starts over");
    }
}
