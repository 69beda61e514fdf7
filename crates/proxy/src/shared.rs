use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::watch;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::live::Live;
use crate::platforms::Platforms;
use crate::store::Store;
use crate::token::TokenSigner;
use crate::upstream::{Budget, Client};

/// What every route has at hand.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) client: Client,
    pub(crate) budget: Budget,
    pub(crate) live: Arc<Live>,
    pub(crate) platforms: Platforms,
    pub(crate) signer: TokenSigner,
    pub(crate) auth: Authenticator,
    /// One creation at a time for each user's key.
    pub(crate) creations: KeyedLocks,
    /// Webhooks with a secret that nobody knows.
    pub(crate) strange_webhooks: AtomicU64,
    /// Requests of clients elsewhere, refused for want of users.
    pub(crate) forwarded_requests: AtomicU64,
    /// True when the proxy shuts down.
    pub(crate) stop: watch::Sender<bool>,
}

/// A lock for each user's key in use.
#[derive(Debug, Default)]
pub(crate) struct KeyedLocks(Mutex<HashMap<(String, String), Weak<Turn>>>);

type Turn = tokio::sync::Mutex<()>;

impl KeyedLocks {
    /// The lock of `key`; all who hold it at a time hold the same.
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

/// Resolves when the proxy shuts down, or is gone.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The value is not held: it would lock the sender.
    drop(stop.wait_for(|stop| *stop).await);
}
