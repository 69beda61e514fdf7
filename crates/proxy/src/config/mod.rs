//! Configuration from a TOML file and the environment. The environment takes precedence.

mod error;
mod keys;
mod origin;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use error::ConfigError;
pub use origin::Origin;
use url::Url;

use crate::secret::Secret;
use keys::Values;

/// Configuration of the proxy. Start with [`Config::new`] or [`Config::load`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// API key of the partner. `api_key`, `CR3D_API_KEY`; required.
    pub api_key: Secret,
    /// Base URL of the provider's API, with its version: `https://…/v1`. `upstream_url`, `CR3D_UPSTREAM_URL`;
    /// [`cr3dentials_core::wire::DEFAULT_BASE_URL`] when loaded.
    pub upstream_url: Url,
    /// Address for browsers and webhooks. `listen`, `CR3D_LISTEN`; 127.0.0.1:7072.
    pub listen: SocketAddr,
    /// Address for the partner's server. `backend_listen`, `CR3D_BACKEND_LISTEN`; 127.0.0.1:7073.
    pub backend_listen: SocketAddr,
    /// Bearer token of the partner's server, at least 16 characters. `backend_token`, `CR3D_BACKEND_TOKEN`; required.
    pub backend_token: Secret,
    /// Path of the SQLite file, created if absent. `database`, `CR3D_DATABASE`; `cr3dentials-proxy.sqlite`.
    pub database: PathBuf,
    /// Origins of the pages that may use the proxy. `allowed_origins`, `CR3D_ALLOWED_ORIGINS`; required.
    pub allowed_origins: Vec<Origin>,
    /// Public base URL for webhooks. No webhooks are requested if absent. `webhook_url`, `CR3D_WEBHOOK_URL`.
    ///
    /// [`crate::spawn`] replaces port 0 with the port of the public listener.
    pub webhook_url: Option<Url>,
    /// Lower-case name and value of the custom header that webhooks must carry, as set in the provider's dashboard.
    /// `webhook_header_name` and `webhook_header_value`, `CR3D_WEBHOOK_HEADER_NAME` and `CR3D_WEBHOOK_HEADER_VALUE`.
    pub webhook_header: Option<(String, Secret)>,
    /// Path below which the browser routes are mounted. Begins with a slash and does not end with one. `base_path`,
    /// `CR3D_BASE_PATH`; `/api/verification`.
    pub base_path: String,
    /// Source of the user of a browser's request. `user_auth`, `CR3D_USER_AUTH`; required.
    pub user_auth: UserAuth,
    /// Lifetime of a session, in hours (1–168). The provider's default applies if absent. `expires_in_hours`,
    /// `CR3D_EXPIRES_IN_HOURS`.
    pub expires_in_hours: Option<u16>,
    /// Secret that signs client tokens, at least 32 characters. Generated once and kept in the database if absent.
    /// `token_secret`, `CR3D_TOKEN_SECRET`.
    pub token_secret: Option<Secret>,
    /// True if a browser may choose the session's `country`. `browser_may_choose_country`,
    /// `CR3D_BROWSER_MAY_CHOOSE_COUNTRY`; false.
    pub browser_may_choose_country: bool,
    /// True if browsers receive the provider's `errorMessage`, which is meant for developers. `show_error_messages`,
    /// `CR3D_SHOW_ERROR_MESSAGES`; false.
    pub show_error_messages: bool,
    /// Format of the log. `log_format`, `CR3D_LOG_FORMAT`; `text`.
    pub log_format: LogFormat,
}

/// Source of the user of a browser's request. A [`crate::User`] that the partner's own layer added to the request
/// always takes precedence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserAuth {
    /// Every request belongs to the user `local`: for local development. Requires a loopback listener and loopback
    /// origins; refuses a request for another host and one forwarded for a client on another machine. `none`.
    None,
    /// Only the partner's own layer identifies users (library use). `layer`.
    Layer,
    /// The partner's endpoint identifies users by the request's `Cookie` and `Authorization` headers. It receives
    /// nothing else. `forward`.
    Forward {
        /// URL of the endpoint. `forward_auth_url`, `CR3D_FORWARD_AUTH_URL`.
        url: Url,
        /// Response header that holds the user id, in lower case. `forward_auth_header`, `CR3D_FORWARD_AUTH_HEADER`;
        /// `x-user-id`.
        header: String,
    },
}

/// Format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Human-readable lines.
    Text,
    /// One JSON object per line.
    Json,
}

impl Config {
    /// Creates a configuration from the required values, with defaults for the rest.
    pub fn new(
        api_key: Secret,
        backend_token: Secret,
        allowed_origins: Vec<Origin>,
        upstream_url: Url,
        user_auth: UserAuth,
    ) -> Self {
        Self {
            api_key,
            upstream_url,
            listen: SocketAddr::from(([127, 0, 0, 1], 7072)),
            backend_listen: SocketAddr::from(([127, 0, 0, 1], 7073)),
            backend_token,
            database: PathBuf::from("cr3dentials-proxy.sqlite"),
            allowed_origins,
            webhook_url: None,
            webhook_header: None,
            base_path: "/api/verification".to_owned(),
            user_auth,
            expires_in_hours: None,
            token_secret: None,
            browser_may_choose_country: false,
            show_error_messages: false,
            log_format: LogFormat::Text,
        }
    }

    /// Reads `file`, if given, and `environment`, such as [`std::env::vars_os`], which takes precedence. The variable
    /// of a key is `CR3D_` followed by the key in upper case.
    ///
    /// # Errors
    /// Returns an error for the first key that is missing, unknown, invalid or without the one it requires, named as in
    /// its source. A variable that begins with `CR3D_` and is not a key is unknown.
    pub fn load<K: Into<OsString>, V: Into<OsString>>(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ConfigError> {
        let environment = environment.into_iter().map(|(name, value)| (name.into(), value.into()));
        let config = keys::read(&Values::collect(file, environment)?)?;
        config.check()?;
        Ok(config)
    }

    /// Checks values that depend on each other, and limits that every source must respect.
    ///
    /// # Errors
    /// Returns an error that names the key to change.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, message: &str| Err(ConfigError::new(key, message));
        if self.user_auth == UserAuth::None && !self.listen.ip().is_loopback() {
            return wrong(
                "user_auth",
                "`none` authenticates no one and requires a loopback `listen`; use `forward`, or `layer` in a library",
            );
        }
        if self.user_auth == UserAuth::None && !self.allowed_origins.iter().all(Origin::is_loopback) {
            return wrong(
                "user_auth",
                "`none` requires all `allowed_origins` to be loopback; use `forward`, or `layer` in a library",
            );
        }
        if self.webhook_header.is_some() && self.webhook_url.is_none() {
            return wrong("webhook_header_name", "has no effect without `webhook_url`");
        }
        if self.allowed_origins.is_empty() {
            return wrong("allowed_origins", "name at least one page origin, such as https://www.example.com");
        }
        if self.backend_token.expose().len() < 16 {
            return wrong("backend_token", "use at least 16 characters");
        }
        if self.token_secret.as_ref().is_some_and(|secret| secret.expose().len() < 32) {
            return wrong("token_secret", "use at least 32 characters");
        }
        if self.api_key.expose().is_empty() || !self.api_key.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("api_key", "must be visible ASCII without spaces");
        }
        Ok(())
    }
}
