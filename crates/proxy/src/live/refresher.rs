use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::timing::Outcome;
use super::{Entry, Live, Question, listing};
use crate::clock;
use crate::error::Chain;
use crate::shared::stopped;
use crate::store::Store;
use crate::upstream::{Budget, Client, Fetched, UpstreamError};

/// Questions under way at a time.
const AT_ONCE: usize = 8;

/// How often the store is tidied.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Keeps every session up to date, most urgent first, until `stop`.
///
/// A question belongs to a session, not to who asked: a hundred watchers cost one. Several sessions that are due together
/// cost one page of the list.
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
        // Only to let them go; what they found is told already.
        while under_way.try_join_next().is_some() {}
        let now = clock::mono();
        let next = live.next(now, clock::wall()).map(|(due, _)| due);
        let step = async {
            match next {
                Some(due) if due.at <= now => {
                    let Ok(room) = room.clone().acquire_owned().await else { return None };
                    Some((budget.permit(due.class).await, room))
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
                // While we waited another may have become the most urgent.
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
            // Something may have become more urgent: look again.
            () = live.wake.notified() => {}
            _ = tidy.tick() => tidy_up(&store).await,
        }
    }
}

async fn finish(live: &Live, entry: &Entry, question: Question, answer: Result<Fetched, UpstreamError>) {
    let confirming = entry.timing().is_confirming();
    let outcome = match answer {
        Ok(fetched) => stored(live, entry, question, fetched, confirming).await,
        Err(error) => {
            // Failures in a row are told at 1, 2, 4, 8 and so on.
            let failures = entry.timing().failures() + 1;
            if failures.is_power_of_two() {
                tracing::warn!(session = entry.id(), failures, cause = %Chain(&error), "not refreshed");
            }
            if error.is_retryable() { Outcome::Failed } else { Outcome::Refused }
        }
    };
    entry.timing().finish(clock::mono(), outcome, rand::random());
}

async fn stored(live: &Live, entry: &Entry, question: Question, fetched: Fetched, confirming: bool) -> Outcome {
    let mut result = live.apply(entry, fetched, question).await.map(drop);
    if confirming && result.is_ok() {
        result = live.checked(entry, question).await;
    }
    match result {
        Ok(()) => Outcome::Answered,
        Err(error) => {
            tracing::error!(session = entry.id(), cause = %Chain(&error), "not stored");
            Outcome::Failed
        }
    }
}

async fn tidy_up(store: &Store) {
    if let Err(error) = store.tidy(clock::wall()).await {
        tracing::error!(cause = %Chain(&error), "the database was not tidied");
    }
}
