//! All watched sessions: look-up, long polls, and the application of provider responses.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use tokio::sync::{Notify, Semaphore, watch};

use super::WatchedSession;
use super::list_backoff::{ListBackoff, MIN_SESSIONS};
use super::schedule::{Due, RefreshSchedule};
use crate::browser_view::looks_different;
use crate::clock;
use crate::provider::FetchedSession;
use crate::session_json::merge_session;
use crate::store::{Record, Store, StoreError};

/// Maximum number of long polls held at a time, over all sessions.
const MAX_LONG_POLLS: usize = 4096;

/// Time after startup over which the first requests for unwatched sessions are spread, in milliseconds.
const SPREAD: u64 = 60_000;

/// All sessions that have not ended, and some that have just ended.
#[derive(Debug)]
pub(crate) struct SessionRegistry {
    sessions: Mutex<HashMap<String, Arc<WatchedSession>>>,
    /// Notified when a session may have become due sooner.
    wake: Notify,
    /// Permits for long polls, one for each.
    long_polls: Semaphore,
    requests: AtomicU64,
    list_backoff: ListBackoff,
    /// True if browsers receive the provider's error messages (`show_error_messages`), so that a new one increases `rev`.
    error_messages: bool,
    store: Store,
}

/// A status request to the provider: its number in the order of sending, and its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatusRequest {
    number: u64,
    sent_at: UnixMillis,
}

impl SessionRegistry {
    /// Loads the sessions that have not ended and the webhooks not yet confirmed.
    pub(crate) async fn load(store: Store, error_messages: bool) -> Result<Self, StoreError> {
        let now = clock::mono();
        let spread = || Millis(rand::random::<u64>() % SPREAD);
        let watched =
            |record: Record| Arc::new(WatchedSession::new(record, RefreshSchedule::loaded(now, now + spread())));
        let sessions: HashMap<_, _> = store
            .unfinished_sessions()
            .await?
            .into_iter()
            .map(|record| (record.session.session_id.clone(), watched(record)))
            .collect();
        for id in store.sessions_to_confirm().await? {
            if let Some(watched) = sessions.get(&id) {
                watched.schedule().record_webhook();
            }
        }
        Ok(Self {
            sessions: Mutex::new(sessions),
            wake: Notify::new(),
            long_polls: Semaphore::new(MAX_LONG_POLLS),
            requests: AtomicU64::new(1),
            list_backoff: ListBackoff::default(),
            error_messages,
            store,
        })
    }

    /// Returns the session with this id, ended or not.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<Arc<WatchedSession>>, StoreError> {
        if let Some(watched) = self.sessions().get(id) {
            return Ok(Some(watched.clone()));
        }
        let Some(record) = self.store.session(id).await? else { return Ok(None) };
        let ended = record.session.status.is_terminal();
        let now = clock::mono();
        let watched = Arc::new(WatchedSession::new(record, RefreshSchedule::loaded(now, now)));
        if ended {
            return Ok(Some(watched));
        }
        Ok(Some(self.sessions().entry(id.to_owned()).or_insert(watched).clone()))
    }

    /// Adds a session that was just created. Returns its first state.
    pub(super) fn add(&self, record: Record) -> Arc<Record> {
        let watched = Arc::new(WatchedSession::new(record, RefreshSchedule::new(clock::mono())));
        let record = watched.record();
        self.sessions().insert(watched.id().to_owned(), watched);
        self.wake();
        record
    }

    /// Waits until the session's revision differs from `after`, `timeout` has passed or `stop` becomes true. Returns
    /// the last known state, immediately if too many long polls are held.
    pub(crate) async fn wait(
        &self,
        watched: &WatchedSession,
        after: Option<u64>,
        timeout: Millis,
        stop: watch::Receiver<bool>,
    ) -> Arc<Record> {
        watched.wait(after, timeout, &self.long_polls, stop).await
    }

    /// Records a status request of a browser.
    pub(crate) fn record_poll(&self, watched: &WatchedSession, fresh: bool) {
        watched.schedule().record_poll(clock::mono(), fresh);
        self.wake();
    }

    /// Records that a browser closed its view of the session.
    pub(crate) fn record_closed(&self, watched: &WatchedSession) {
        watched.schedule().record_closed();
    }

    /// Schedules a request to confirm a webhook for the session.
    pub(crate) fn record_webhook(&self, watched: &WatchedSession) {
        watched.schedule().record_webhook();
        self.wake();
    }

    /// Numbers a request to the provider. Call it immediately before sending the request.
    pub(super) fn start_request(&self) -> StatusRequest {
        StatusRequest { number: self.requests.fetch_add(1, Ordering::Relaxed), sent_at: clock::wall() }
    }

    /// Stores a response of the provider and wakes the waiting long polls. Ignores a response that was overtaken by a
    /// later one, and any response once the session has ended.
    pub(super) async fn apply(
        &self,
        watched: &WatchedSession,
        fetched: FetchedSession,
        request: StatusRequest,
    ) -> Result<Arc<Record>, StoreError> {
        let mut applied = watched.lock_applied().await;
        let old = watched.record();
        if old.session.status.is_terminal() || request.number < *applied {
            return Ok(old);
        }
        let raw = merge_session(&old.raw, fetched.raw);
        if raw == old.raw {
            *applied = request.number;
            return Ok(old);
        }
        let new = Arc::new(self.successor(&old, raw)?);
        let new = if self.store.update_session(&new).await? {
            new
        } else {
            // Another writer already ended this session; the stored row is authoritative.
            self.store.session(watched.id()).await?.map_or(new, Arc::new)
        };
        *applied = request.number;
        self.publish(watched, &old, new.clone()).await?;
        Ok(new)
    }

    fn successor(&self, old: &Record, raw: serde_json::Value) -> Result<Record, StoreError> {
        let session = serde_json::from_value(raw.clone())?;
        let now = clock::wall();
        let changed = looks_different(&old.session, &session, self.error_messages);
        Ok(Record {
            user: old.user.clone(),
            rev: old.rev + u64::from(changed),
            created_at: old.created_at,
            updated_at: now,
            ended_at: session.status.is_terminal().then_some(now),
            session,
            raw,
        })
    }

    async fn publish(&self, watched: &WatchedSession, old: &Record, new: Arc<Record>) -> Result<(), StoreError> {
        let status = &new.session.status;
        let changed = *status != old.session.status;
        if changed && !matches!(status, SessionStatus::Created | SessionStatus::Initializing | SessionStatus::Ready) {
            // Before any client can see the new status.
            self.store.delete_embed_url(watched.id()).await?;
        }
        watched.publish(new.clone());
        if changed {
            tracing::info!(session = watched.id(), status = status.as_str(), "session status changed");
        }
        if status.is_terminal() {
            self.sessions().remove(watched.id());
        }
        Ok(())
    }

    /// Marks the webhooks received before the request was sent as confirmed.
    pub(super) async fn mark_confirmed(
        &self,
        watched: &WatchedSession,
        request: StatusRequest,
    ) -> Result<(), StoreError> {
        self.store.confirm_deliveries(watched.id(), request.sent_at).await
    }

    /// Returns the most urgent session that is due now, or else the one that is due next.
    pub(super) fn next_due(&self, now: Millis, wall: UnixMillis) -> Option<(Due, Arc<WatchedSession>)> {
        let due = self.snapshot().into_iter().filter_map(|watched| watched.due(now, wall).map(|due| (due, watched)));
        // Due sessions are ordered by urgency, the others by time.
        let order = |due: &Due| if due.at <= now { (Millis(0), Some(*due)) } else { (due.at, None) };
        due.min_by_key(|(due, _)| order(due))
    }

    /// Returns the sessions to look up on a list page together with `watched`, which is due. Empty if a page would
    /// not save requests.
    pub(super) fn list_candidates(
        &self,
        watched: &WatchedSession,
        now: Millis,
        wall: UnixMillis,
    ) -> Vec<Arc<WatchedSession>> {
        if !self.list_backoff.is_over(now) || !watched.may_be_listed(now, wall) {
            return Vec::new();
        }
        let mut found = self.snapshot();
        found.retain(|watched| watched.may_be_listed(now, wall));
        if found.len() < MIN_SESSIONS {
            found.clear();
        }
        found
    }

    /// Returns all sessions and releases the lock of the map.
    pub(super) fn snapshot(&self) -> Vec<Arc<WatchedSession>> {
        self.sessions().values().cloned().collect()
    }

    /// Makes the refresher look for due sessions again.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until a session may have become due sooner.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    pub(super) fn list_backoff(&self) -> &ListBackoff {
        &self.list_backoff
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Arc<WatchedSession>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
