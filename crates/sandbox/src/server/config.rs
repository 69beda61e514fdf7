use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;

use crate::world::{ApiKey, Settings, Switches};

/// How to run the sandbox. The default is a free port of 127.0.0.1 and the key `sandbox-key`.
#[derive(Clone)]
pub struct Config {
    /// A loopback address, unless `expose`; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether any address may be listened on. The control routes stay with this machine.
    pub expose: bool,
    /// The keys that are accepted.
    pub keys: Vec<ApiKey>,
    /// Requests a minute that each key has.
    pub rate_limit: u32,
    /// Where others reach the sandbox, when it is not `http://LISTEN`: the origin of icons and, unless `frame_origin`
    /// says otherwise, of embed URLs.
    pub public_origin: Option<String>,
    /// The origin in embed URLs, when it is another one: `http://localhost:PORT` makes the frame page another
    /// site than a page on 127.0.0.1, as in production.
    pub frame_origin: Option<String>,
    /// The origins that may frame the page and that get its messages. None: nobody may.
    pub parent_origins: Vec<String>,
    /// How fast lifecycles run, and how soon webhooks are tried again: 1 is lifelike, 10 ten times as fast.
    pub speed: f64,
    /// What the time is, and whether it moves by itself.
    pub clock: Clock,
    /// Where every id, token and key comes from; the operating system's randomness when absent.
    pub seed: Option<u64>,
    /// The test user whose road new sessions take until somebody signs in.
    pub user: Option<String>,
    /// What the provider does not document.
    pub switches: Switches,
    /// How webhooks are sent.
    pub webhooks: Webhooks,
}

/// The sandbox's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    #[default]
    Machine,
    /// Stands still at that time, and moves only when `/sandbox/clock` moves it.
    Stopped(UnixMillis),
}

/// How webhooks are sent: the dashboard's settings, and the network of a test.
#[derive(Clone)]
pub struct Webhooks {
    /// Where ends are announced when a session has no `webhookUrl` of its own.
    pub url: Option<String>,
    /// A header added to each: name and value.
    pub header: Option<(String, String)>,
    /// The tries after the first one.
    pub retries: u32,
    /// How long a receiver may take to answer.
    pub timeout: Duration,
    /// Whether they may go to plain HTTP on a loopback address.
    pub allow_http: bool,
    /// A file of certificates, in PEM, to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// Host names, and where they are, whatever the DNS says. A URL's own port goes before the address's.
    pub resolve: Vec<(String, SocketAddr)>,
}

impl Webhooks {
    /// How long a receiver may take to answer (partner-api section 4).
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// The tries after the first one (partner-api section 4).
    pub const RETRIES: u32 = 3;
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
    /// Without the URL and the header, which are secrets.
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
    /// The key when none is chosen; obviously not a real one.
    pub const DEFAULT_API_KEY: &str = "sandbox-key";

    /// The rules' settings, for a sandbox that listens on `addr`.
    pub(super) fn settings(&self, addr: SocketAddr) -> Settings {
        let trimmed = |text: &String| text.trim_end_matches('/').to_owned();
        let origin = self.public_origin.as_ref().map_or_else(|| format!("http://{}", from_here(addr)), trimmed);
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
    /// Without the keys, and the seed that all secrets come from.
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

/// Where this machine reaches what listens on `addr`: "any address" is none to connect to.
pub(super) fn from_here(mut addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    addr
}
