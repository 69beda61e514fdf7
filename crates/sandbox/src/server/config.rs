use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use crate::world::Settings;

/// How to run the sandbox. The default is a free port of 127.0.0.1 and the key `sandbox-key`.
#[derive(Clone)]
pub struct Config {
    /// A loopback address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The one key that is accepted.
    pub api_key: String,
    /// The origin in embed URLs, when it is not `http://LISTEN`: `http://localhost:PORT` makes the frame page another
    /// site than a page on 127.0.0.1, as in production.
    pub frame_origin: Option<String>,
    /// The origins that may frame the page and that get its messages. None: nobody may.
    pub parent_origins: Vec<String>,
    /// Whether webhooks may go to plain HTTP on a loopback address.
    pub allow_http_webhooks: bool,
    /// How fast lifecycles run, and how soon webhooks are tried again: 1 is lifelike, 10 ten times as fast.
    pub speed: f64,
    /// A header added to every webhook: name and value.
    pub webhook_header: Option<(String, String)>,
}

impl Config {
    /// The key when none is chosen; obviously not a real one.
    pub const DEFAULT_API_KEY: &str = "sandbox-key";

    /// The rules' settings, for a sandbox reached at `origin`.
    pub(super) fn into_settings(self, origin: &str) -> Settings {
        let trimmed = |text: String| text.trim_end_matches('/').to_owned();
        Settings {
            api_key: self.api_key,
            origin: origin.to_owned(),
            frame_origin: self.frame_origin.map_or_else(|| origin.to_owned(), trimmed),
            parent_origins: self.parent_origins.into_iter().map(trimmed).collect(),
            allow_http_webhooks: self.allow_http_webhooks,
            speed: self.speed,
            webhook_header: self.webhook_header,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: Self::DEFAULT_API_KEY.to_owned(),
            frame_origin: None,
            parent_origins: Vec::new(),
            allow_http_webhooks: false,
            speed: 1.0,
            webhook_header: None,
        }
    }
}

impl fmt::Debug for Config {
    /// Without the key and the header, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("frame_origin", &self.frame_origin)
            .field("parent_origins", &self.parent_origins)
            .field("allow_http_webhooks", &self.allow_http_webhooks)
            .field("speed", &self.speed)
            .finish_non_exhaustive()
    }
}
