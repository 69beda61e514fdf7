use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// One lock for each user's idempotency key in use.
#[derive(Debug, Default)]
pub(super) struct KeyedLocks(Mutex<HashMap<(String, String), Weak<Lock>>>);

type Lock = tokio::sync::Mutex<()>;

impl KeyedLocks {
    /// Returns the lock for `key`. Concurrent callers get the same lock.
    pub(super) fn of(&self, user: &str, key: &str) -> Arc<Lock> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.len() >= 1024 {
            locks.retain(|_, lock| lock.strong_count() > 0);
        }
        let slot = locks.entry((user.to_owned(), key.to_owned())).or_default();
        slot.upgrade().unwrap_or_else(|| {
            let lock = Arc::new(Lock::new(()));
            *slot = Arc::downgrade(&lock);
            lock
        })
    }
}
