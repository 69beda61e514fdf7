use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::timing::Outcome;
use super::{Entry, Live, Question, listing};
use crate::clock;
use crate::error::Chain;
use crate::provider::{Budget, Client, FetchedSession, ProviderError};
use crate::shutdown::stopped;
use crate::store::Store;

/// Maximum number of concurrent refreshes.
const AT_ONCE: usize = 8;

/// Interval between clean-ups of the database.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Refreshes all sessions, most urgent first, until `stop`.
///
/// All watchers of a session share one request to the provider. Several sessions that are due together share one page of
/// the list.
pub(crate) async fn run(
    live: Arc<Live>,
    client: Client,
    budget: Budget,
    store: Store,
    mut stop: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut under_way = JoinSet::new();
    let mut tidy = tokio::time::interval(TIDY_EVERY);
    loop {
        // Frees the finished tasks. They have already published their results.
        while under_way.try_join_next().is_some() {}
        let now = clock::mono();
        let next = live.next(now, clock::wall()).map(|(due, _)| due);
        let step = async {
            match next {
                Some(due) if due.at <= now => {
                    let Ok(room) = room.clone().acquire_owned().await else { return None };
                    Some((budget.permit(due.priority).await, room))
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
            granted = step => if let Some((permit, room)) = granted {
                // Another session may have become the most urgent during the wait.
                let (now, wall) = (clock::mono(), clock::wall());
                if let Some((_, entry)) = live.next(now, wall).filter(|(due, _)| due.at <= now) {
                    let together = live.to_look_up(&entry, now, wall);
                    if together.is_empty() {
                        entry.timing().start(now);
                    }
                    together.iter().for_each(|entry| entry.timing().look_up());
                    let (live, client, budget) = (live.clone(), client.clone(), budget.clone());
                    under_way.spawn(async move {
                        if together.is_empty() {
                            let question = live.question();
                            let answer = client.session(permit, entry.id()).await;
                            finish(&live, &entry, question, answer).await;
                        } else {
                            listing::look_up(&live, &client, &budget, permit, together).await;
                        }
                        live.wake.notify_one();
                        drop(room);
                    });
                }
            },
            // Another session may have become due: start over.
            () = live.wake.notified() => {}
            _ = tidy.tick() => tidy_up(&store).await,
        }
    }
}

async fn finish(live: &Live, entry: &Entry, question: Question, answer: Result<FetchedSession, ProviderError>) {
    let confirming = entry.timing().is_confirming();
    let outcome = match answer {
        Ok(fetched) => stored(live, entry, question, fetched, confirming).await,
        Err(error) => {
            // Consecutive failures are logged at 1, 2, 4, 8 and so on.
            let failures = entry.timing().failures() + 1;
            if failures.is_power_of_two() {
                tracing::warn!(session = entry.id(), failures, cause = %Chain(&error), "could not refresh session");
            }
            if error.is_retryable() { Outcome::Failed } else { Outcome::Refused }
        }
    };
    entry.timing().finish(clock::mono(), outcome, rand::random());
}

async fn stored(live: &Live, entry: &Entry, question: Question, fetched: FetchedSession, confirming: bool) -> Outcome {
    let mut result = live.apply(entry, fetched, question).await.map(drop);
    if confirming && result.is_ok() {
        result = live.checked(entry, question).await;
    }
    match result {
        Ok(()) => Outcome::Answered,
        Err(error) => {
            tracing::error!(session = entry.id(), cause = %Chain(&error), "could not save session");
            Outcome::Failed
        }
    }
}

async fn tidy_up(store: &Store) {
    if let Err(error) = store.tidy(clock::wall()).await {
        tracing::error!(cause = %Chain(&error), "could not delete expired rows from the database");
    }
}
