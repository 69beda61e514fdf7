use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::auth::Authenticator;
use crate::config::{Config, ConfigError};
use crate::live::{self, Live};
use crate::platforms::Platforms;
use crate::routes;
use crate::secret::Secret;
use crate::serve::{Limits, serve};
use crate::shared::{KeyedLocks, Shared};
use crate::store::{Store, StoreError};
use crate::token::TokenSigner;
use crate::upstream::{Budget, Client};

/// Answers that are under way at shutdown have so long.
const LAST_ANSWERS: Duration = Duration::from_secs(20);

/// The partner's backend, open for requests.
///
/// Mount its routers into an app of yours, or let [`Proxy::run`] serve them. Dropping it stops keeping sessions up to
/// date, so keep it as long as its routers.
#[must_use = "a proxy that is dropped keeps no session up to date"]
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    refresher: JoinHandle<()>,
}

/// Opens the database and takes up what a previous run left: sessions that are not over, webhooks not yet confirmed.
///
/// Nothing is asked of the provider yet, so it opens without one.
///
/// # Errors
/// A configuration that cannot be used, or a database that cannot be opened.
pub async fn open(config: Config) -> Result<Proxy, StartError> {
    config.check()?;
    let store = Store::open(&config.database).await?;
    let token_secret = match &config.token_secret {
        Some(secret) => secret.clone(),
        None => Secret::new(store.setting_or("token_secret", Secret::random().expose()).await?),
    };
    let client = Client::new(&config.upstream_url, &config.api_key)?;
    let budget = Budget::start();
    let live = Arc::new(Live::load(store.clone(), config.show_error_messages).await?);
    let shared = Arc::new(Shared {
        platforms: Platforms::new(&config.upstream_url)?,
        auth: Authenticator::new(config.user_auth.clone())?,
        signer: TokenSigner::new(token_secret),
        creations: KeyedLocks::default(),
        strange_webhooks: 0.into(),
        forwarded_requests: 0.into(),
        stop: watch::Sender::new(false),
        config,
        store,
        client,
        budget,
        live,
    });
    let refresher = tokio::spawn(live::refresh(
        shared.live.clone(),
        shared.client.clone(),
        shared.budget.clone(),
        shared.store.clone(),
        shared.stop.subscribe(),
    ));
    Ok(Proxy { shared, refresher })
}

impl Proxy {
    /// Browser routes below the configured base path, `/webhooks/{secret}` and `/healthz`.
    pub fn public_router(&self) -> Router {
        routes::public(&self.shared)
    }

    /// `/results` and `/results/{id}`, for the bearer of the backend token. Never for the public.
    pub fn backend_router(&self) -> Router {
        routes::backend(&self.shared)
    }

    /// Serves both routers until `stop` resolves; then answers what is held, finishes what is under way and closes the
    /// database.
    ///
    /// Connections share the files that the process may open when this is called; a part is kept from the public, so
    /// that the backend listener, the database and requests to the provider go on whatever browsers do.
    pub async fn run(self, public: TcpListener, backend: TcpListener, stop: impl Future<Output = ()>) {
        let [public_limits, backend_limits] = Limits::shares(open_files());
        let stopping = || self.shared.stop.subscribe();
        {
            let public = serve(public, self.public_router(), public_limits, stopping());
            let backend = serve(backend, self.backend_router(), backend_limits, stopping());
            let mut both = pin!(async { tokio::join!(public, backend) });
            tokio::select! {
                // Cannot end before `stop`.
                _ = both.as_mut() => {}
                () = stop => {}
            }
            self.shared.stop.send_replace(true);
            if tokio::time::timeout(LAST_ANSWERS, both).await.is_err() {
                tracing::warn!("some requests were still under way and are cut off");
            }
        }
        self.shared.store.close().await;
    }
}

/// The number of files that this process may have open at a time.
fn open_files() -> usize {
    #[cfg(unix)]
    let limit = rlimit::Resource::NOFILE.get_soft().ok();
    #[cfg(not(unix))]
    let limit = None;
    limit.map_or(1024, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
        self.refresher.abort();
    }
}

/// Why the proxy did not start.
#[derive(Debug)]
pub enum StartError {
    /// A value of the configuration.
    Config(ConfigError),
    /// The database.
    Store(StoreError),
    /// A listener.
    Listen(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Store(_) => f.write_str("configuration: database"),
            Self::Listen(_) => f.write_str("configuration: listen, backend_listen: the address cannot be used"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(_) => None,
            Self::Store(error) => Some(error),
            Self::Listen(error) => Some(error),
        }
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
