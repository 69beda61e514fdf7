use std::fmt;

/// What the provider is like.
#[derive(Clone)]
pub struct Settings {
    /// The one key that is accepted.
    pub api_key: String,
    /// Where the sandbox itself is reached, such as `http://127.0.0.1:7071`; icons are served below it.
    pub origin: String,
    /// Where the frame page is reached. Its origin is what a partner's page sees.
    pub frame_origin: String,
    /// The origins that may frame the page and that get its messages.
    pub parent_origins: Vec<String>,
    /// Whether webhooks may go to plain HTTP on a loopback address.
    pub allow_http_webhooks: bool,
    /// How fast lifecycles run, and how soon webhooks are tried again: 1 is lifelike, 10 ten times as fast.
    pub speed: f64,
    /// A header added to every webhook: name and value.
    pub webhook_header: Option<(String, String)>,
}

impl fmt::Debug for Settings {
    /// Without the key and the header, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("origin", &self.origin)
            .field("frame_origin", &self.frame_origin)
            .field("parent_origins", &self.parent_origins)
            .field("allow_http_webhooks", &self.allow_http_webhooks)
            .field("speed", &self.speed)
            .finish_non_exhaustive()
    }
}
