use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;

use crate::world::{ApiKey, Settings, Switches};

/// Configuration of a sandbox. The default is a free port of 127.0.0.1 and the key `sandbox-key`.
#[derive(Clone)]
pub struct Config {
    /// Address to listen on: loopback unless `expose` is set; port 0 takes any free one.
    pub listen: SocketAddr,
    /// True if `listen` may be any address. The control routes stay local to this machine.
    pub expose: bool,
    /// Accepted API keys.
    pub keys: Vec<ApiKey>,
    /// Requests per minute allowed for each key.
    pub rate_limit: u32,
    /// Origin at which others reach the sandbox, if not `http://LISTEN`. Used in icon URLs and, unless `frame_origin`
    /// is set, in embed URLs.
    pub public_origin: Option<String>,
    /// Origin in embed URLs, if it differs. With `http://localhost:PORT` the frame page is cross-site to a page on
    /// 127.0.0.1, as in production.
    pub frame_origin: Option<String>,
    /// Origins that may embed the frame page and receive its messages. If empty, no page may embed it.
    pub parent_origins: Vec<String>,
    /// Speed of session lifecycles and of webhook retries: 1 is realistic, 10 is ten times as fast.
    pub speed: f64,
    /// Source of the current time.
    pub clock: Clock,
    /// Seed of every id, token and key; the operating system's randomness if absent.
    pub seed: Option<u64>,
    /// Test user that new sessions follow until a user signs in.
    pub user: Option<String>,
    /// Behavior that the provider does not document.
    pub switches: Switches,
    /// Webhook settings.
    pub webhooks: Webhooks,
}

/// Clock of the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    Machine,
    /// Stands still at this time; only `/sandbox/clock` moves it.
    Stopped(UnixMillis),
}

/// Webhook settings: those of the provider's dashboard, and network settings for tests.
#[derive(Clone)]
pub struct Webhooks {
    /// URL for sessions that have no `webhookUrl`.
    pub url: Option<String>,
    /// Header added to each webhook: name and value.
    pub header: Option<(String, String)>,
    /// Retries after the first attempt.
    pub retries: u32,
    /// Timeout for the receiver's response.
    pub timeout: Duration,
    /// True if webhooks may use plain HTTP on a loopback address.
    pub allow_http: bool,
    /// PEM file of certificates to trust in addition to the system's.
    pub ca: Option<PathBuf>,
    /// Addresses of host names, overriding DNS. A port in the URL wins over the address's port.
    pub resolve: Vec<(String, SocketAddr)>,
}

impl Webhooks {
    /// Default timeout for the receiver's response (docs/partner-api.md section 4).
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// Default number of retries after the first attempt (docs/partner-api.md section 4).
    pub const RETRIES: u32 = Settings::WEBHOOK_RETRIES;
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            url: None,
            header: None,
            retries: Self::RETRIES,
            timeout: Self::TIMEOUT,
            allow_http: false,
            ca: None,
            resolve: Vec::new(),
        }
    }
}

impl fmt::Debug for Webhooks {
    /// Omits the URL and the header, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("retries", &self.retries)
            .field("timeout", &self.timeout)
            .field("allow_http", &self.allow_http)
            .field("ca", &self.ca)
            .field("resolve", &self.resolve)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Default API key; obviously not a real one.
    pub const DEFAULT_API_KEY: &str = ApiKey::DEFAULT_SECRET;

    /// Returns the world's settings for a sandbox that listens on `addr`.
    pub(super) fn settings(&self, addr: SocketAddr) -> Settings {
        let trimmed = |text: &String| text.trim_end_matches('/').to_owned();
        let origin = self.public_origin.as_ref().map_or_else(|| format!("http://{}", local_address(addr)), trimmed);
        Settings {
            keys: self.keys.clone(),
            rate_limit: self.rate_limit,
            frame_origin: self.frame_origin.as_ref().map_or_else(|| origin.clone(), trimmed),
            origin,
            parent_origins: self.parent_origins.iter().map(trimmed).collect(),
            speed: self.speed,
            allow_http_webhooks: self.webhooks.allow_http,
            webhook_url: self.webhooks.url.clone(),
            webhook_header: self.webhooks.header.clone(),
            webhook_retries: self.webhooks.retries,
            switches: self.switches.clone(),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            expose: false,
            keys: vec![ApiKey::new(Self::DEFAULT_API_KEY)],
            rate_limit: RATE_LIMIT_REQUESTS,
            public_origin: None,
            frame_origin: None,
            parent_origins: Vec::new(),
            speed: 1.0,
            clock: Clock::default(),
            seed: None,
            user: None,
            switches: Switches::default(),
            webhooks: Webhooks::default(),
        }
    }
}

impl fmt::Debug for Config {
    /// Omits the keys, and the seed that all secrets derive from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("frame_origin", &self.frame_origin)
            .field("parent_origins", &self.parent_origins)
            .field("speed", &self.speed)
            .field("clock", &self.clock)
            .field("webhooks", &self.webhooks)
            .finish_non_exhaustive()
    }
}

/// Returns the address at which this machine reaches a listener on `addr`: loopback if `addr` is unspecified.
pub(super) fn local_address(mut addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    addr
}
