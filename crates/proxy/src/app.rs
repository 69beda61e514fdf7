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
use crate::http;
use crate::provider::{Budget, Client, Platforms};
use crate::secret::Secret;
use crate::serve::{Limits, serve};
use crate::sessions::{self, SessionCreator, SessionRegistry};
use crate::state::{AppState, RefusalCounter};
use crate::store::{Store, StoreError};
use crate::token::TokenSigner;

/// Timeout at shutdown for requests in flight.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(20);

/// An opened proxy, ready to serve requests.
///
/// Mount its routers in your own app, or let [`Proxy::run`] serve them. Dropping it stops the task that refreshes
/// sessions, so keep it for as long as its routers.
#[must_use = "dropping a proxy stops refreshing its sessions"]
#[derive(Debug)]
pub struct Proxy {
    state: Arc<AppState>,
    refresher: JoinHandle<()>,
}

/// Opens the database and loads the sessions that have not ended and the webhooks not yet confirmed.
///
/// Sends no request to the provider, so it succeeds while the provider is unreachable.
///
/// # Errors
/// Returns an error for an invalid configuration or a database that cannot be opened.
pub async fn open(config: Config) -> Result<Proxy, StartError> {
    config.check()?;
    let store = Store::open(&config.database).await?;
    let token_secret = match &config.token_secret {
        Some(secret) => secret.clone(),
        None => Secret::new(store.setting_or("token_secret", Secret::random().expose()).await?),
    };
    let client = Client::new(&config.upstream_url, &config.api_key)?;
    let budget = Budget::start();
    let sessions = Arc::new(SessionRegistry::load(store.clone(), config.show_error_messages).await?);
    let platforms = Arc::new(Platforms::new(&config.upstream_url, client.clone(), budget.clone())?);
    let creator = SessionCreator::new(
        &config,
        store.clone(),
        client.clone(),
        budget.clone(),
        sessions.clone(),
        platforms.clone(),
    );
    let state = Arc::new(AppState {
        auth: Authenticator::new(config.user_auth.clone())?,
        signer: TokenSigner::new(token_secret),
        refused_webhooks: RefusalCounter::default(),
        refused_requests: RefusalCounter::default(),
        stop: watch::Sender::new(false),
        config,
        store,
        client,
        budget,
        sessions,
        creator,
        platforms,
    });
    let refresher = tokio::spawn(sessions::refresh(
        state.sessions.clone(),
        state.client.clone(),
        state.budget.clone(),
        state.store.clone(),
        state.stop.subscribe(),
    ));
    Ok(Proxy { state, refresher })
}

impl Proxy {
    /// Returns the browser routes below the configured base path, `/webhooks/{secret}` and `/healthz`.
    pub fn public_router(&self) -> Router {
        http::public(&self.state)
    }

    /// Returns `/results` and `/results/{id}`, which require the backend token. Never expose them to the public.
    pub fn backend_router(&self) -> Router {
        http::backend(&self.state)
    }

    /// Serves both routers until `stop` resolves, then responds to long polls, finishes requests in flight and closes
    /// the database.
    ///
    /// Limits connections by the number of files that the process may open when this is called. Some of them are
    /// reserved, so that load on the public listener cannot block the backend listener, the database or requests to the
    /// provider.
    pub async fn run(self, public: TcpListener, backend: TcpListener, stop: impl Future<Output = ()>) {
        let [public_limits, backend_limits] = Limits::shares(open_files());
        let stopping = || self.state.stop.subscribe();
        {
            let public = serve(public, self.public_router(), public_limits, stopping());
            let backend = serve(backend, self.backend_router(), backend_limits, stopping());
            let mut both = pin!(async { tokio::join!(public, backend) });
            tokio::select! {
                // Cannot resolve before `stop`.
                _ = both.as_mut() => {}
                () = stop => {}
            }
            self.state.stop.send_replace(true);
            if tokio::time::timeout(SHUTDOWN_TIMEOUT, both).await.is_err() {
                tracing::warn!("shutdown timed out; aborting requests in flight");
            }
        }
        self.state.store.close().await;
    }
}

/// Returns the soft limit of open files of this process.
fn open_files() -> usize {
    #[cfg(unix)]
    let limit = rlimit::Resource::NOFILE.get_soft().ok();
    #[cfg(not(unix))]
    let limit = None;
    limit.map_or(1024, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.stop.send_replace(true);
        self.refresher.abort();
    }
}

/// Reason why the proxy did not start.
#[derive(Debug)]
pub enum StartError {
    /// The configuration is invalid.
    Config(ConfigError),
    /// The database cannot be opened.
    Store(StoreError),
    /// A listener cannot be bound to its address.
    Listen(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Store(_) => f.write_str("configuration: database"),
            Self::Listen(_) => f.write_str("configuration: listen, backend_listen: could not listen on this address"),
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
