//! The partner's backend for CR3DENTIALS verifications.
//!
//! It holds the API key, spends its request budget, receives webhooks, and gives each browser only its own session and
//! only harmless fields. Use it as a program (`cr3dentials-proxy`) or mount it into an axum app:
//!
//! ```no_run
//! use cr3dentials_proxy::{Config, User, open};
//!
//! # async fn example(app: axum::Router) -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::load(Some("proxy.toml".as_ref()), std::env::vars_os())?;
//! let proxy = open(config).await?;
//! // Your own layer says who the user is; here everybody is the same.
//! let routes = proxy.public_router().layer(axum::Extension(User("ada".to_owned())));
//! let app = app.merge(routes);
//! # Ok(())
//! # }
//! ```
//!
//! What a browser may ask is described in `docs/contract.md`. A verification counts when [`Proxy::backend_router`]
//! says so, never because a page does.

mod auth;
mod clock;
mod config;
mod create;
mod error;
mod live;
mod loopback;
mod platforms;
mod proxy;
mod routes;
mod running;
mod secret;
mod serve;
mod shared;
mod store;
mod token;
mod upstream;
mod view;

pub use auth::User;
pub use config::{Config, ConfigError, LogFormat, Origin, UserAuth};
pub use proxy::{Proxy, StartError, open};
pub use running::{Running, spawn};
pub use secret::Secret;
pub use store::StoreError;
