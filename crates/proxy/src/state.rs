use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::provider::{Budget, Client, Platforms};
use crate::sessions::{SessionCreator, SessionRegistry};
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
    pub(crate) creator: SessionCreator,
    pub(crate) platforms: Arc<Platforms>,
    pub(crate) signer: TokenSigner,
    pub(crate) auth: Authenticator,
    /// Number of webhooks with an unknown secret or without the custom header.
    pub(crate) refused_webhooks: RefusalCounter,
    /// Number of requests refused because `user_auth` is `none` and they come from another machine.
    pub(crate) refused_requests: RefusalCounter,
    /// Becomes true when the proxy shuts down.
    pub(crate) stop: watch::Sender<bool>,
}

/// Counts refusals whose cause is an outsider, so that they cannot flood the log.
#[derive(Debug, Default)]
pub(crate) struct RefusalCounter(AtomicU64);

impl RefusalCounter {
    /// Counts a refusal. Returns the number of refusals so far if this one must be logged: at 1, 2, 4, 8 and so on.
    pub(crate) fn count(&self) -> Option<u64> {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        count.is_power_of_two().then_some(count)
    }
}
