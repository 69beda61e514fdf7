//! Settings of a world, and the API keys that it accepts.

use std::fmt;

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;
use serde::{Deserialize, Serialize};

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

impl Settings {
    /// Default number of webhook retries (docs/partner-api.md section 4).
    pub(crate) const WEBHOOK_RETRIES: u32 = 3;
}

impl Default for Settings {
    /// One key, `sandbox-key`, and the origin `http://127.0.0.1:7071`.
    fn default() -> Self {
        let origin = "http://127.0.0.1:7071".to_owned();
        Self {
            keys: vec![ApiKey::new(ApiKey::DEFAULT_SECRET)],
            rate_limit: RATE_LIMIT_REQUESTS,
            frame_origin: origin.clone(),
            origin,
            parent_origins: Vec::new(),
            speed: 1.0,
            allow_http_webhooks: false,
            webhook_url: None,
            webhook_header: None,
            webhook_retries: Self::WEBHOOK_RETRIES,
            switches: Switches::default(),
        }
    }
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

/// Environment of a key. The sandbox treats both alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Test traffic.
    #[default]
    Development,
    /// Live traffic.
    Production,
}

/// An accepted API key.
#[derive(Clone)]
pub struct ApiKey {
    /// Secret that the partner sends with each request.
    pub secret: String,
    /// Environment that the key belongs to.
    pub environment: Environment,
    /// Time from which the key is refused; absent if it does not expire.
    pub expires_at: Option<UnixMillis>,
}

impl ApiKey {
    /// Secret of the default key; obviously not a real one.
    pub(crate) const DEFAULT_SECRET: &str = "sandbox-key";

    /// Returns a development key that does not expire.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), environment: Environment::default(), expires_at: None }
    }
}

impl fmt::Debug for ApiKey {
    /// Omits the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("environment", &self.environment).finish_non_exhaustive()
    }
}
