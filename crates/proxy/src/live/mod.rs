//! Sessions that have not ended: the long polls waiting for them, and their refresh from the provider.

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
use crate::provider::FetchedSession;
use crate::store::{Record, Store, StoreError};
use crate::view;
use listing::Listing;
use timing::{Due, Timing};

/// Maximum number of long polls held at a time, over all sessions.
const HELD: usize = 4096;

/// Time after startup over which the first requests for unwatched sessions are spread, in milliseconds.
const SPREAD: u64 = 60_000;

/// All sessions that have not ended, and some that have just ended.
#[derive(Debug)]
pub(crate) struct Live {
    entries: Mutex<HashMap<String, Arc<Entry>>>,
    /// Notified when a session may have become due sooner.
    wake: Notify,
    /// Permits for long polls, one for each.
    pub(crate) held: Semaphore,
    questions: AtomicU64,
    listing: Listing,
    error_messages: bool,
    store: Store,
}

/// A status request to the provider: its number in the order of sending, and its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    number: u64,
    asked: UnixMillis,
}

impl Live {
    /// Loads the sessions that have not ended and the webhooks not yet confirmed.
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

    /// Returns the session with this id, ended or not.
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

    /// Adds a session that was just created.
    pub(crate) fn add(&self, record: Record) {
        let id = record.session.session_id.clone();
        self.entries().insert(id, Arc::new(Entry::new(record, Timing::new(clock::mono()))));
        self.wake.notify_one();
    }

    /// Records a status request of a browser.
    pub(crate) fn asked(&self, entry: &Entry, fresh: bool) {
        entry.timing().ask(clock::mono(), fresh);
        self.wake.notify_one();
    }

    /// Records that a browser closed its view of the session.
    pub(crate) fn closed(&self, entry: &Entry) {
        entry.timing().close();
    }

    /// Schedules a request to confirm a webhook for the session.
    pub(crate) fn nudge(&self, entry: &Entry) {
        entry.timing().confirm();
        self.wake.notify_one();
    }

    /// Numbers a request to the provider. Call it immediately before sending the request.
    pub(crate) fn question(&self) -> Question {
        Question { number: self.questions.fetch_add(1, Ordering::Relaxed), asked: clock::wall() }
    }

    /// Stores a response of the provider and wakes the waiting long polls. Ignores a response that was overtaken by a
    /// later one, and any response once the session has ended.
    pub(crate) async fn apply(
        &self,
        entry: &Entry,
        fetched: FetchedSession,
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
            // Another writer already ended this session; the stored row is authoritative.
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
            // Before any client can see the new status.
            self.store.forget_embed_url(entry.id()).await?;
        }
        entry.publish(new.clone());
        if moved {
            tracing::info!(session = entry.id(), status = status.as_str(), "session status changed");
        }
        if status.is_terminal() {
            self.entries().remove(entry.id());
        }
        Ok(())
    }

    /// Marks the webhooks received before the request was sent as confirmed.
    async fn checked(&self, entry: &Entry, question: Question) -> Result<(), StoreError> {
        self.store.check_deliveries(entry.id(), question.asked).await
    }

    /// Returns the most urgent session that is due now, or else the one that is due next.
    fn next(&self, now: Millis, wall: UnixMillis) -> Option<(Due, Arc<Entry>)> {
        let due = self.snapshot().into_iter().filter_map(|entry| entry.due(now, wall).map(|due| (due, entry)));
        // Due sessions are ordered by urgency, the others by time.
        let order = |due: &Due| if due.at <= now { (Millis(0), Some(*due)) } else { (due.at, None) };
        due.min_by_key(|(due, _)| order(due))
    }

    /// Returns the sessions to look up on a list page together with `entry`, which is due. Empty if a page does not pay off.
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

    /// Returns all sessions and releases the lock of the map.
    fn snapshot(&self) -> Vec<Arc<Entry>> {
        self.entries().values().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
