use std::fmt;

use super::keys::ApiKey;
use super::switches::Switches;

/// What the provider is like.
#[derive(Clone)]
pub struct Settings {
    /// The keys that are accepted.
    pub keys: Vec<ApiKey>,
    /// Requests a minute that each key has, whatever it asks for.
    pub rate_limit: u32,
    /// Where the sandbox itself is reached, such as `http://127.0.0.1:7071`; icons are served below it.
    pub origin: String,
    /// Where the frame page is reached. Its origin is what a partner's page sees.
    pub frame_origin: String,
    /// The origins that may frame the page and that get its messages.
    pub parent_origins: Vec<String>,
    /// How fast lifecycles run, and how soon webhooks are tried again: 1 is lifelike, 10 ten times as fast.
    pub speed: f64,
    /// Whether webhooks may go to plain HTTP on a loopback address.
    pub allow_http_webhooks: bool,
    /// Where ends are announced when a session has no `webhookUrl` of its own: the dashboard's setting.
    pub webhook_url: Option<String>,
    /// A header added to webhooks, name and value: the dashboard's setting.
    pub webhook_header: Option<(String, String)>,
    /// The tries after a webhook's first one.
    pub webhook_retries: u32,
    /// What the provider does not document.
    pub switches: Switches,
}

impl fmt::Debug for Settings {
    /// Without keys, webhook address and header, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("origin", &self.origin)
            .field("frame_origin", &self.frame_origin)
            .field("parent_origins", &self.parent_origins)
            .field("rate_limit", &self.rate_limit)
            .field("speed", &self.speed)
            .field("switches", &self.switches)
            .finish_non_exhaustive()
    }
}
