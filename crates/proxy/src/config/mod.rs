//! The configuration: a TOML file and the environment, where the environment wins.

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

/// How the proxy is set up. Start from [`Config::new`] or [`Config::load`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The partner's API key. `api_key`, `CR3D_API_KEY`; required.
    pub api_key: Secret,
    /// The provider's base, with its version: `https://…/v1`. `upstream_url`, `CR3D_UPSTREAM_URL`;
    /// [`cr3dentials_core::wire::DEFAULT_BASE_URL`] when loaded.
    pub upstream_url: Url,
    /// Where browsers and webhooks come in. `listen`, `CR3D_LISTEN`; 127.0.0.1:7072.
    pub listen: SocketAddr,
    /// Where the partner's own server comes in. `backend_listen`, `CR3D_BACKEND_LISTEN`; 127.0.0.1:7073.
    pub backend_listen: SocketAddr,
    /// What the partner's own server shows as its bearer token. `backend_token`, `CR3D_BACKEND_TOKEN`; required.
    pub backend_token: Secret,
    /// The SQLite file, made when absent. `database`, `CR3D_DATABASE`; `cr3dentials-proxy.sqlite`.
    pub database: PathBuf,
    /// The pages that may use the proxy from a browser. `allowed_origins`, `CR3D_ALLOWED_ORIGINS`; required.
    pub allowed_origins: Vec<Origin>,
    /// The public base for webhooks; absent: none are asked for. `webhook_url`, `CR3D_WEBHOOK_URL`.
    ///
    /// Port 0 stands for the port that [`crate::spawn`] found for the public listener.
    pub webhook_url: Option<Url>,
    /// The one custom header that the provider's dashboard can add to webhooks, as a name in lower case and a value.
    /// `webhook_header_name` and `webhook_header_value`, `CR3D_WEBHOOK_HEADER_NAME` and `CR3D_WEBHOOK_HEADER_VALUE`.
    pub webhook_header: Option<(String, Secret)>,
    /// Where the browser routes are mounted: begins with a slash, does not end with one. `base_path`,
    /// `CR3D_BASE_PATH`; `/api/verification`.
    pub base_path: String,
    /// The source of a browser's user. `user_auth`, `CR3D_USER_AUTH`; required.
    pub user_auth: UserAuth,
    /// How long a session lives, in hours (1–168); absent: the provider's default. `expires_in_hours`,
    /// `CR3D_EXPIRES_IN_HOURS`.
    pub expires_in_hours: Option<u16>,
    /// What client tokens are signed with: at least 32 characters; absent: made once and kept in the database.
    /// `token_secret`, `CR3D_TOKEN_SECRET`.
    pub token_secret: Option<Secret>,
    /// Whether a browser may choose the session's `country`. `browser_may_choose_country`,
    /// `CR3D_BROWSER_MAY_CHOOSE_COUNTRY`; false.
    pub browser_may_choose_country: bool,
    /// Whether the provider's `errorMessage`, which is for developers, is passed on to browsers.
    /// `show_error_messages`, `CR3D_SHOW_ERROR_MESSAGES`; false.
    pub show_error_messages: bool,
    /// How logs are written. `log_format`, `CR3D_LOG_FORMAT`; `text`.
    pub log_format: LogFormat,
}

/// Who a browser's user is. An [`crate::User`] that the partner's own layer put into the request always comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserAuth {
    /// Everybody is the user `local`: for one person at this very machine. Only on a loopback listener, for pages of
    /// loopback origins; a request for another host, or forwarded for a client elsewhere, is refused. `none`.
    None,
    /// Only the partner's own layer says it (library use). `layer`.
    Layer,
    /// The partner's endpoint says it: it gets the request's `Cookie` and `Authorization` and nothing else. `forward`.
    Forward {
        /// `forward_auth_url`, `CR3D_FORWARD_AUTH_URL`.
        url: Url,
        /// The answer's header that names the user, in lower case. `forward_auth_header`, `CR3D_FORWARD_AUTH_HEADER`;
        /// `x-user-id`.
        header: String,
    },
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// The required values, and the defaults of the rest.
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

    /// Reads the file, if one is named, and the environment, which wins: all its variables, such as
    /// [`std::env::vars_os`]. A key of the file in upper case after `CR3D_` is its name in the environment.
    ///
    /// # Errors
    /// The first key that is missing, unknown, without the one it needs or has a wrong value, by its name in the place it
    /// came from. A variable that begins with `CR3D_` and is no key is unknown.
    pub fn load<K: Into<OsString>, V: Into<OsString>>(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ConfigError> {
        let environment = environment.into_iter().map(|(name, value)| (name.into(), value.into()));
        let config = keys::read(&Values::collect(file, environment)?)?;
        config.check()?;
        Ok(config)
    }

    /// What no single value tells.
    ///
    /// # Errors
    /// The key to change.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, message: &str| Err(ConfigError::new(key, message));
        if self.user_auth == UserAuth::None && !self.listen.ip().is_loopback() {
            return wrong(
                "user_auth",
                "`none` lets everybody in and needs a loopback `listen`; use `forward`, or `layer` in library use",
            );
        }
        if self.user_auth == UserAuth::None && !self.allowed_origins.iter().all(Origin::is_loopback) {
            return wrong(
                "user_auth",
                "`none` is for pages on this machine, and `allowed_origins` has others; use `forward`, or `layer` in \
                 library use",
            );
        }
        if self.webhook_header.is_some() && self.webhook_url.is_none() {
            return wrong("webhook_header_name", "is of no effect without `webhook_url`");
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
            return wrong("api_key", "a key is visible ASCII without spaces");
        }
        Ok(())
    }
}
