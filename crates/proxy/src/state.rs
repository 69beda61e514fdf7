use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::watch;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::platforms::Platforms;
use crate::provider::{Budget, Client};
use crate::sessions::SessionRegistry;
use crate::store::Store;
use crate::token::TokenSigner;

/// State shared by all routes.
#[derive(Debug)]
pub(crate) struct AppState {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) client: Client,
    pub(crate) budget: Budget,
    pub(crate) sessions: Arc<SessionRegistry>,
    pub(crate) platforms: Platforms,
    pub(crate) signer: TokenSigner,
    pub(crate) auth: Authenticator,
    /// Allow one creation at a time for each user's idempotency key.
    pub(crate) creations: KeyedLocks,
    /// Number of webhooks with an unknown secret or without the custom header.
    pub(crate) refused_webhooks: AtomicU64,
    /// Number of requests refused because `user_auth` is `none` and they come from another machine.
    pub(crate) refused_requests: AtomicU64,
    /// Becomes true when the proxy shuts down.
    pub(crate) stop: watch::Sender<bool>,
}

/// One lock for each user's idempotency key in use.
#[derive(Debug, Default)]
pub(crate) struct KeyedLocks(Mutex<HashMap<(String, String), Weak<Turn>>>);

type Turn = tokio::sync::Mutex<()>;

impl KeyedLocks {
    /// Returns the lock for `key`. Concurrent callers get the same lock.
    pub(crate) fn of(&self, user: &str, key: &str) -> Arc<Turn> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.len() >= 1024 {
            locks.retain(|_, lock| lock.strong_count() > 0);
        }
        let place = locks.entry((user.to_owned(), key.to_owned())).or_default();
        place.upgrade().unwrap_or_else(|| {
            let lock = Arc::new(Turn::new(()));
            *place = Arc::downgrade(&lock);
            lock
        })
    }
}
