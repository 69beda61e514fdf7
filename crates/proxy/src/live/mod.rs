//! The sessions that are not over: who waits for them, and how they are kept up to date.

mod entry;
mod frame;
mod listing;
mod refresher;
mod timing;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use tokio::sync::{Notify, Semaphore};

pub(crate) use entry::Entry;
pub(crate) use frame::PATIENCE;
pub(crate) use refresher::run as refresh;

use crate::clock;
use crate::store::{Record, Store, StoreError};
use crate::upstream::Fetched;
use crate::view;
use listing::Listing;
use timing::{Due, Timing};

/// Requests held in all.
const HELD: usize = 4096;

/// After a start, sessions nobody looks at are asked about within this time.
const SPREAD: u64 = 60_000;

/// Every session that is not over, and some that just ended.
#[derive(Debug)]
pub(crate) struct Live {
    entries: Mutex<HashMap<String, Arc<Entry>>>,
    /// Something became due sooner.
    wake: Notify,
    /// Room for held requests.
    pub(crate) held: Semaphore,
    questions: AtomicU64,
    listing: Listing,
    error_messages: bool,
    store: Store,
}

/// A question to the provider: its place in their order, and when it was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    number: u64,
    asked: UnixMillis,
}

impl Live {
    /// Loads what is not over, and the webhooks that are still to be confirmed.
    pub(crate) async fn load(store: Store, error_messages: bool) -> Result<Self, StoreError> {
        let now = clock::mono();
        let spread = || Millis(rand::random::<u64>() % SPREAD);
        let entry = |record: Record| Arc::new(Entry::new(record, Timing::loaded(now, now + spread())));
        let entries: HashMap<_, _> = store
            .live_sessions()
            .await?
            .into_iter()
            .map(|record| (record.session.session_id.clone(), entry(record)))
            .collect();
        for id in store.sessions_to_confirm().await? {
            if let Some(entry) = entries.get(&id) {
                entry.timing().confirm();
            }
        }
        Ok(Self {
            entries: Mutex::new(entries),
            wake: Notify::new(),
            held: Semaphore::new(HELD),
            questions: AtomicU64::new(1),
            listing: Listing::default(),
            error_messages,
            store,
        })
    }

    /// The session with this id, over or not.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        if let Some(entry) = self.entries().get(id) {
            return Ok(Some(entry.clone()));
        }
        let Some(record) = self.store.session(id).await? else { return Ok(None) };
        let over = record.session.status.is_terminal();
        let now = clock::mono();
        let entry = Arc::new(Entry::new(record, Timing::loaded(now, now)));
        if over {
            return Ok(Some(entry));
        }
        Ok(Some(self.entries().entry(id.to_owned()).or_insert(entry).clone()))
    }

    /// Takes in a session that was just made.
    pub(crate) fn add(&self, record: Record) {
        let id = record.session.session_id.clone();
        self.entries().insert(id, Arc::new(Entry::new(record, Timing::new(clock::mono()))));
        self.wake.notify_one();
    }

    /// A browser asks about the session.
    pub(crate) fn asked(&self, entry: &Entry, fresh: bool) {
        entry.timing().ask(clock::mono(), fresh);
        self.wake.notify_one();
    }

    /// A browser has closed its view of the session.
    pub(crate) fn closed(&self, entry: &Entry) {
        entry.timing().close();
    }

    /// A webhook came for the session.
    pub(crate) fn nudge(&self, entry: &Entry) {
        entry.timing().confirm();
        self.wake.notify_one();
    }

    /// To be called right before the provider is asked.
    pub(crate) fn question(&self) -> Question {
        Question { number: self.questions.fetch_add(1, Ordering::Relaxed), asked: clock::wall() }
    }

    /// Stores what the provider said and tells who waits. An answer that another has overtaken changes nothing, nor
    /// does anything once the session is over.
    pub(crate) async fn apply(
        &self,
        entry: &Entry,
        fetched: Fetched,
        question: Question,
    ) -> Result<Arc<Record>, StoreError> {
        let mut applied = entry.applied.lock().await;
        let old = entry.record();
        if old.session.status.is_terminal() || question.number < *applied {
            return Ok(old);
        }
        let raw = view::merge(&old.raw, fetched.raw);
        if raw == old.raw {
            *applied = question.number;
            return Ok(old);
        }
        let new = Arc::new(self.successor(&old, raw)?);
        let new = if self.store.update_session(&new).await? {
            new
        } else {
            // Over already, by the store's word, which counts.
            self.store.session(entry.id()).await?.map_or(new, Arc::new)
        };
        *applied = question.number;
        self.publish(entry, &old, new.clone()).await?;
        Ok(new)
    }

    fn successor(&self, old: &Record, raw: serde_json::Value) -> Result<Record, StoreError> {
        let session = serde_json::from_value(raw.clone())?;
        let now = clock::wall();
        let moved = view::looks_different(&old.session, &session, self.error_messages);
        Ok(Record {
            user: old.user.clone(),
            rev: old.rev + u64::from(moved),
            created_at: old.created_at,
            updated_at: now,
            ended_at: session.status.is_terminal().then_some(now),
            session,
            raw,
        })
    }

    async fn publish(&self, entry: &Entry, old: &Record, new: Arc<Record>) -> Result<(), StoreError> {
        let status = &new.session.status;
        let moved = *status != old.session.status;
        if moved && !matches!(status, SessionStatus::Created | SessionStatus::Initializing | SessionStatus::Ready) {
            // Before anybody can act on the new status.
            self.store.forget_embed_url(entry.id()).await?;
        }
        entry.publish(new.clone());
        if moved {
            tracing::info!(session = entry.id(), status = status.as_str(), "status");
        }
        if status.is_terminal() {
            self.entries().remove(entry.id());
        }
        Ok(())
    }

    /// Marks the webhooks that had come in when the question was asked.
    async fn checked(&self, entry: &Entry, question: Question) -> Result<(), StoreError> {
        self.store.check_deliveries(entry.id(), question.asked).await
    }

    /// What is due now, most urgent first; else what is due next.
    fn next(&self, now: Millis, wall: UnixMillis) -> Option<(Due, Arc<Entry>)> {
        let due = self.snapshot().into_iter().filter_map(|entry| entry.due(now, wall).map(|due| (due, entry)));
        // Of those due, the order is urgency; of the others, time.
        let order = |due: &Due| if due.at <= now { (Millis(0), Some(*due)) } else { (due.at, None) };
        due.min_by_key(|(due, _)| order(due))
    }

    /// What a page of the list would answer together with `entry`, which is due; nothing when a page is not worth it.
    fn to_look_up(&self, entry: &Entry, now: Millis, wall: UnixMillis) -> Vec<Arc<Entry>> {
        if !self.listing.is_on(now) || !entry.may_be_listed(now, wall) {
            return Vec::new();
        }
        let mut found = self.snapshot();
        found.retain(|entry| entry.may_be_listed(now, wall));
        if found.len() < listing::WORTH {
            found.clear();
        }
        found
    }

    /// Every entry, with the map unlocked again.
    fn snapshot(&self) -> Vec<Arc<Entry>> {
        self.entries().values().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
