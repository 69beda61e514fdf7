//! Backend for CR3DENTIALS verifications.
//!
//! It holds the API key, keeps within the key's request budget, receives webhooks, and returns to each browser only its
//! own sessions and only fields that are safe to show. Run it as a program (`cr3dentials-proxy`) or mount it in an axum
//! app:
//!
//! ```no_run
//! use cr3dentials_proxy::{Config, User, open};
//!
//! # async fn example(app: axum::Router) -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::load(Some("proxy.toml".as_ref()), std::env::vars_os())?;
//! let proxy = open(config).await?;
//! // Your own layer identifies the user. This example uses one user for every request.
//! let routes = proxy.public_router().layer(axum::Extension(User("ada".to_owned())));
//! let app = app.merge(routes);
//! # Ok(())
//! # }
//! ```
//!
//! `docs/contract.md` describes the browser API. Trust a verification only when [`Proxy::backend_router`] reports it,
//! never because a page does.

mod app;
mod auth;
mod browser_view;
mod clock;
mod config;
mod error_chain;
mod http;
mod loopback;
mod provider;
mod running;
mod secret;
mod serve;
mod session_json;
mod sessions;
mod shutdown;
mod state;
mod store;
mod token;

pub use app::{Proxy, StartError, open};
pub use auth::User;
pub use config::{Config, ConfigError, LogFormat, Origin, UserAuth};
#[doc(hidden)]
pub use error_chain::ErrorChain;
pub use running::{Running, spawn};
pub use secret::Secret;
pub use store::StoreError;
