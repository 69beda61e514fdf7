//! One session in memory, with its long polls and its refresh schedule.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cr3dentials_core::contract::FRAME_MIN_INTERVAL_SECS;
use cr3dentials_core::time::{Millis, UnixMillis};
use tokio::sync::{Semaphore, watch};

use super::schedule::{Due, Facts, RefreshSchedule};
use crate::clock;
use crate::shutdown::stopped;
use crate::store::Record;

/// Maximum number of long polls held for one session. Further ones return immediately.
const MAX_LONG_POLLS: usize = 128;

/// One session in memory: its last known state, the long polls waiting for it, and its refresh schedule.
///
/// `known`, `schedule` and `embed_url_at` each have a lock, and so has the map of all sessions. None of them is taken
/// while another is held, so no lock order can be violated. Only `applied` is held across other locks, and it is always
/// taken first.
#[derive(Debug)]
pub(crate) struct WatchedSession {
    id: String,
    known: watch::Sender<Arc<Record>>,
    schedule: Mutex<RefreshSchedule>,
    /// Number of the request whose response was applied last. Locked while a response is applied.
    applied: tokio::sync::Mutex<u64>,
    long_polls: Semaphore,
    /// Time of the last request for an embed URL.
    embed_url_at: Mutex<Option<Millis>>,
}

impl WatchedSession {
    pub(super) fn new(record: Record, schedule: RefreshSchedule) -> Self {
        Self {
            id: record.session.session_id.clone(),
            known: watch::Sender::new(Arc::new(record)),
            schedule: Mutex::new(schedule),
            applied: tokio::sync::Mutex::new(0),
            long_polls: Semaphore::new(MAX_LONG_POLLS),
            embed_url_at: Mutex::new(None),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the last known state.
    pub(crate) fn record(&self) -> Arc<Record> {
        self.known.borrow().clone()
    }

    /// Returns the last known state once its revision differs from `after`, `wait` has passed or `stop` becomes true.
    /// Returns it immediately if the session or `all` has no permit for another long poll.
    pub(super) async fn wait(
        &self,
        after: Option<u64>,
        wait: Millis,
        all: &Semaphore,
        mut stop: watch::Receiver<bool>,
    ) -> Arc<Record> {
        let now = self.record();
        let settled = after.is_none_or(|after| after != now.rev) || now.session.status.is_terminal();
        if settled || wait == Millis(0) {
            return now;
        }
        let (Ok(_one), Ok(_of_all)) = (self.long_polls.try_acquire(), all.try_acquire()) else { return now };
        let mut known = self.known.subscribe();
        let changed = async {
            // Cannot fail: `self` owns the sender.
            let _ = known.wait_for(|record| Some(record.rev) != after).await;
        };
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(clock::duration(wait)) => {}
            () = stopped(&mut stop) => {}
        }
        self.record()
    }

    pub(super) fn publish(&self, record: Arc<Record>) {
        self.known.send_replace(record);
    }

    /// Locks the number of the request whose response was applied last, while another response is applied.
    pub(super) async fn lock_applied(&self) -> tokio::sync::MutexGuard<'_, u64> {
        self.applied.lock().await
    }

    /// Records a request for an embed URL at `now`. Returns the time of the previous one, to be restored by
    /// [`Self::undo_embed_url_request`].
    ///
    /// # Errors
    /// Returns the time until the next request is allowed.
    pub(super) fn start_embed_url_request(&self, now: Millis) -> Result<Option<Millis>, Millis> {
        let interval = Millis::from_secs(FRAME_MIN_INTERVAL_SECS);
        let mut last = self.embed_url_at.lock().unwrap_or_else(PoisonError::into_inner);
        match last.map(|at| now.since(at)).filter(|since| *since < interval) {
            Some(since) => Err(interval.since(since)),
            None => Ok(last.replace(now)),
        }
    }

    /// Restores the time of the last request for an embed URL after a failed one.
    pub(super) fn undo_embed_url_request(&self, before: Option<Millis>) {
        *self.embed_url_at.lock().unwrap_or_else(PoisonError::into_inner) = before;
    }

    pub(super) fn schedule(&self) -> MutexGuard<'_, RefreshSchedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time and the urgency of the next request for it.
    pub(super) fn due(&self, now: Millis, wall: UnixMillis) -> Option<Due> {
        self.with_facts(wall, |schedule, facts| schedule.due(now, facts))
    }

    /// Returns true if a list page can replace the next request for it, due now or soon.
    pub(super) fn may_be_listed(&self, now: Millis, wall: UnixMillis) -> bool {
        self.with_facts(wall, |schedule, facts| schedule.may_be_listed(now, facts))
    }

    fn with_facts<T>(&self, wall: UnixMillis, look: impl FnOnce(&RefreshSchedule, &Facts<'_>) -> T) -> T {
        // Cloned: `known` stays locked while it is borrowed.
        let record = self.record();
        let facts = Facts {
            status: &record.session.status,
            has_long_poll: self.known.receiver_count() > 0,
            expires_in: record.session.expires_at.map(|at| at.since(wall)),
        };
        look(&self.schedule(), &facts)
    }
}
