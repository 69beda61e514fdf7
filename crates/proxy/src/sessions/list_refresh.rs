//! List pages that replace one status request for each session where that costs less.
//!
//! A list page is trusted only to show that a session has not changed. A changed session is fetched individually, since
//! the provider documents fewer fields of list items than of sessions.

use std::collections::HashMap;
use std::sync::Arc;

use cr3dentials_core::time::Millis;

use super::list_backoff::MIN_SESSIONS;
use super::{SessionRegistry, WatchedSession};
use crate::clock;
use crate::error_chain::ErrorChain;
use crate::provider::{Budget, Client, ListItem, Permit, Priority, ProviderError};

/// Maximum number of pages per look-up. Sessions on later pages are fetched one by one.
const MAX_PAGES: usize = 5;

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
