//! The CR3DENTIALS Partner API on the wire.
//!
//! Parsing is tolerant, as the provider's documentation requires: unknown fields are ignored, unknown statuses and
//! error codes are kept as text, null means absent, an optional field that cannot be parsed counts as absent, and a
//! `progress` out of range is clamped. Every assumption about undocumented behavior is a constant in [`undocumented`].

mod envelope;
pub(crate) mod lenient;
mod platform;
mod session;
mod status;
pub mod undocumented;
mod webhook;

pub use envelope::{ErrorBody, Success};
pub use platform::{Platform, PlatformSummary};
pub use session::{CreateSession, CreatedSession, SESSION_COUNTRIES, Session, SessionList, expires_in_hours};
pub use status::SessionStatus;
pub use webhook::{WebhookDelivery, WebhookNotice};

/// Base URL of the provider's API unless configured otherwise.
pub const DEFAULT_BASE_URL: &str = "https://app.cr3dentials.xyz/v1";

/// Header that carries the partner's API key. `Authorization: Bearer KEY` is its documented alternative.
pub const API_KEY_HEADER: &str = "x-api-key";

/// Requests allowed per API key in each [`RATE_LIMIT_WINDOW_SECS`], for all users together.
pub const RATE_LIMIT_REQUESTS: u32 = 120;

/// Maximum page size of the session list, according to the guide.
pub const LIST_LIMIT_MAX: u32 = 100;

/// Window of the rate limit, in seconds.
pub const RATE_LIMIT_WINDOW_SECS: u64 = 60;

/// Documented rate limit headers: the limit, the requests remaining, and the time of the reset.
pub const RATE_LIMIT_HEADERS: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
