//! The task that requests due sessions from the provider, most urgent first.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::registry::StatusRequest;
use super::schedule::RefreshOutcome;
use super::{SessionRegistry, WatchedSession, list_refresh};
use crate::clock;
use crate::error_chain::ErrorChain;
use crate::provider::{Budget, Client, FetchedSession, ProviderError};
use crate::shutdown::stopped;
use crate::store::Store;

/// Maximum number of concurrent refreshes.
const MAX_CONCURRENT: usize = 8;

/// Interval between clean-ups of the database.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(60);

/// Refreshes all sessions, most urgent first, until `stop`.
///
/// All watchers of a session share one request to the provider. Several sessions that are due together share one page
/// of the list.
pub(crate) async fn run(
    registry: Arc<SessionRegistry>,
    client: Client,
    budget: Budget,
    store: Store,
    mut stop: watch::Receiver<bool>,
) {
    let slot = Arc::new(Semaphore::new(MAX_CONCURRENT));
    let mut refreshes = JoinSet::new();
    let mut cleanup = tokio::time::interval(CLEANUP_INTERVAL);
    loop {
        // Frees the finished tasks. They have already published their results.
        while refreshes.try_join_next().is_some() {}
        let now = clock::mono();
        let next = registry.next_due(now, clock::wall()).map(|(due, _)| due);
        let step = async {
            match next {
                Some(due) if due.at <= now => {
                    let Ok(slot) = slot.clone().acquire_owned().await else { return None };
                    Some((budget.permit(due.priority).await, slot))
                }
                Some(due) => {
                    tokio::time::sleep(clock::duration(due.at.since(now))).await;
                    None
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            granted = step => if let Some((permit, slot)) = granted {
                // Another session may have become the most urgent during the wait.
                let (now, wall) = (clock::mono(), clock::wall());
                if let Some((_, watched)) = registry.next_due(now, wall).filter(|(due, _)| due.at <= now) {
                    let batch = registry.list_candidates(&watched, now, wall);
                    if batch.is_empty() {
                        watched.schedule().record_request(now);
                    }
                    batch.iter().for_each(|watched| watched.schedule().record_list_request());
                    let (registry, client, budget) = (registry.clone(), client.clone(), budget.clone());
                    refreshes.spawn(async move {
                        if batch.is_empty() {
                            let request = registry.start_request();
                            let response = client.session(permit, watched.id()).await;
                            finish(&registry, &watched, request, response).await;
                        } else {
                            list_refresh::look_up(&registry, &client, &budget, permit, batch).await;
                        }
                        registry.wake();
                        drop(slot);
                    });
                }
            },
            // Another session may have become due: start over.
            () = registry.woken() => {}
            _ = cleanup.tick() => clean_up(&store).await,
        }
    }
}

async fn finish(
    registry: &SessionRegistry,
    watched: &WatchedSession,
    request: StatusRequest,
    response: Result<FetchedSession, ProviderError>,
) {
    let confirming = watched.schedule().is_confirming();
    let outcome = match response {
        Ok(fetched) => stored(registry, watched, request, fetched, confirming).await,
        Err(error) => {
            // Consecutive failures are logged at 1, 2, 4, 8 and so on.
            let failures = watched.schedule().failures() + 1;
            if failures.is_power_of_two() {
                let cause = ErrorChain(&error);
                tracing::warn!(session = watched.id(), failures, %cause, "could not refresh session");
            }
            if error.is_retryable() { RefreshOutcome::Failed } else { RefreshOutcome::Refused }
        }
    };
    watched.schedule().record_result(clock::mono(), outcome, rand::random());
}

async fn stored(
    registry: &SessionRegistry,
    watched: &WatchedSession,
    request: StatusRequest,
    fetched: FetchedSession,
    confirming: bool,
) -> RefreshOutcome {
    let mut result = registry.apply(watched, fetched, request).await.map(drop);
    if confirming && result.is_ok() {
        result = registry.mark_confirmed(watched, request).await;
    }
    match result {
        Ok(()) => RefreshOutcome::Refreshed,
        Err(error) => {
            tracing::error!(session = watched.id(), cause = %ErrorChain(&error), "could not save session");
            RefreshOutcome::Failed
        }
    }
}

async fn clean_up(store: &Store) {
    if let Err(error) = store.delete_expired(clock::wall()).await {
        tracing::error!(cause = %ErrorChain(&error), "could not delete expired rows from the database");
    }
}
