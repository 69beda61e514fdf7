//! All sessions in order of creation, and the time of each one's next transition.

use std::collections::{BTreeMap, BTreeSet};

use cr3dentials_core::time::UnixMillis;

use super::{Pace, Session};

/// Maximum number of sessions. Beyond it, the oldest ended session is dropped.
const MAX_SESSIONS: usize = 50_000;

/// Sequence number of a session: higher is newer.
pub(crate) type Seq = u64;

/// Every session, by number and by id.
#[derive(Debug)]
pub(crate) struct SessionStore {
    by_seq: BTreeMap<Seq, Session>,
    by_id: BTreeMap<String, Seq>,
    due: BTreeSet<(UnixMillis, Seq)>,
    last_seq: Seq,
    pace: Pace,
}

impl SessionStore {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { by_seq: BTreeMap::new(), by_id: BTreeMap::new(), due: BTreeSet::new(), last_seq: 0, pace }
    }

    /// Stores `session`; returns false if there is no room.
    pub(crate) fn insert(&mut self, session: Session) -> bool {
        if self.by_seq.len() >= MAX_SESSIONS && !self.drop_oldest_ended() {
            return false;
        }
        self.last_seq += 1;
        self.by_id.insert(session.id.clone(), self.last_seq);
        self.due.extend(session.due(self.pace).map(|at| (at, self.last_seq)));
        self.by_seq.insert(self.last_seq, session);
        true
    }

    /// Returns the number of the session with this id.
    pub(crate) fn find(&self, id: &str) -> Option<Seq> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn get(&self, seq: Seq) -> Option<&Session> {
        self.by_seq.get(&seq)
    }

    /// Changes a session and updates the time of its next transition.
    pub(crate) fn change<R>(&mut self, seq: Seq, act: impl FnOnce(&mut Session, Pace) -> R) -> Option<R> {
        let session = self.by_seq.get_mut(&seq)?;
        if let Some(at) = session.due(self.pace) {
            self.due.remove(&(at, seq));
        }
        let result = act(session, self.pace);
        self.due.extend(session.due(self.pace).map(|at| (at, seq)));
        Some(result)
    }

    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    /// Returns the earliest transition of any session.
    pub(crate) fn next_due(&self) -> Option<(UnixMillis, Seq)> {
        self.due.first().copied()
    }

    /// Returns the sessions, newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Session> {
        self.by_seq.values().rev()
    }

    /// Returns the sessions in the order of their ids, which are random.
    pub(crate) fn by_id(&self) -> impl Iterator<Item = &Session> {
        self.by_id.values().filter_map(|seq| self.by_seq.get(seq))
    }

    /// Drops all sessions.
    pub(crate) fn clear(&mut self) {
        *self = Self { last_seq: self.last_seq, ..Self::new(self.pace) };
    }

    fn drop_oldest_ended(&mut self) -> bool {
        let Some(seq) = self.by_seq.iter().find(|(_, session)| session.end().is_some()).map(|(seq, _)| *seq) else {
            return false;
        };
        let Some(session) = self.by_seq.remove(&seq) else { return false };
        self.by_id.remove(&session.id).is_some()
    }
}
