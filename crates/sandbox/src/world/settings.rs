use std::fmt;

use super::keys::ApiKey;
use super::switches::Switches;

/// Settings of a world.
#[derive(Clone)]
pub struct Settings {
    /// Accepted API keys.
    pub keys: Vec<ApiKey>,
    /// Requests per minute allowed for each key, over all endpoints.
    pub rate_limit: u32,
    /// Origin of the sandbox, such as `http://127.0.0.1:7071`; used in icon URLs.
    pub origin: String,
    /// Origin of the frame page, used in embed URLs.
    pub frame_origin: String,
    /// Origins that may embed the frame page and receive its messages.
    pub parent_origins: Vec<String>,
    /// Speed of session lifecycles and of webhook retries: 1 is realistic, 10 is ten times as fast.
    pub speed: f64,
    /// True if webhooks may use plain HTTP on a loopback address.
    pub allow_http_webhooks: bool,
    /// Webhook URL for sessions that have no `webhookUrl`: a setting of the provider's dashboard.
    pub webhook_url: Option<String>,
    /// Header added to webhooks, name and value: a setting of the provider's dashboard.
    pub webhook_header: Option<(String, String)>,
    /// Webhook retries after the first attempt.
    pub webhook_retries: u32,
    /// Behavior that the provider does not document.
    pub switches: Switches,
}

impl fmt::Debug for Settings {
    /// Omits keys, webhook address and header, which are secrets.
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
