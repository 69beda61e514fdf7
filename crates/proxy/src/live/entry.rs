use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cr3dentials_core::time::{Millis, UnixMillis};
use tokio::sync::{Semaphore, watch};

use super::timing::{Due, Facts, Timing};
use crate::clock;
use crate::shared::stopped;
use crate::store::Record;

/// Requests held for one session at a time. One more is answered at once, as by a server that does not hold.
const HELD_PER_SESSION: usize = 128;

/// One session in memory: what is known of it, who waits for it, when to ask about it.
///
/// `known`, `timing` and `frame_at` each have a lock, and so has the map of all entries. None of them is taken while
/// another is held, so there is no order to get wrong. `applied` alone is held across other locks, and is always first.
#[derive(Debug)]
pub(crate) struct Entry {
    id: String,
    known: watch::Sender<Arc<Record>>,
    timing: Mutex<Timing>,
    /// The number of the question whose answer was applied last; held while one is applied.
    pub(super) applied: tokio::sync::Mutex<u64>,
    held: Semaphore,
    /// When an embed URL was last asked for.
    pub(super) frame_at: Mutex<Option<Millis>>,
}

impl Entry {
    pub(super) fn new(record: Record, timing: Timing) -> Self {
        Self {
            id: record.session.session_id.clone(),
            known: watch::Sender::new(Arc::new(record)),
            timing: Mutex::new(timing),
            applied: tokio::sync::Mutex::new(0),
            held: Semaphore::new(HELD_PER_SESSION),
            frame_at: Mutex::new(None),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What is known now.
    pub(crate) fn record(&self) -> Arc<Record> {
        self.known.borrow().clone()
    }

    /// What is known as soon as its revision is not `after`, the time is up, `all` has no room or `stop` resolves.
    pub(crate) async fn wait(
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
        let (Ok(_one), Ok(_of_all)) = (self.held.try_acquire(), all.try_acquire()) else { return now };
        let mut known = self.known.subscribe();
        let moved = async {
            // An error cannot be: the sender is ours.
            let _ = known.wait_for(|record| Some(record.rev) != after).await;
        };
        tokio::select! {
            () = moved => {}
            () = tokio::time::sleep(clock::duration(wait)) => {}
            () = stopped(&mut stop) => {}
        }
        self.record()
    }

    pub(super) fn publish(&self, record: Arc<Record>) {
        self.known.send_replace(record);
    }

    pub(super) fn timing(&self) -> MutexGuard<'_, Timing> {
        self.timing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When to ask about it next.
    pub(super) fn due(&self, now: Millis, wall: UnixMillis) -> Option<Due> {
        self.with_facts(wall, |timing, facts| timing.due(now, facts))
    }

    /// Whether a page of the list can answer what is due, now or soon.
    pub(super) fn may_be_listed(&self, now: Millis, wall: UnixMillis) -> bool {
        self.with_facts(wall, |timing, facts| timing.may_be_listed(now, facts))
    }

    fn with_facts<T>(&self, wall: UnixMillis, look: impl FnOnce(&Timing, &Facts<'_>) -> T) -> T {
        // Copied out: `known` stays locked for as long as it is borrowed.
        let record = self.record();
        let facts = Facts {
            status: &record.session.status,
            held: self.known.receiver_count() > 0,
            expires_in: record.session.expires_at.map(|at| at.since(wall)),
        };
        look(&self.timing(), &facts)
    }
}
