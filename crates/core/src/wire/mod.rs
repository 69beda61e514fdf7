//! The CR3DENTIALS Partner API on the wire.
//!
//! Reading is tolerant, as the provider's documentation asks for: unknown fields are passed over, unknown statuses and
//! error codes are kept as text, null means absent, an optional field that cannot be read counts as absent, and a strange
//! `progress` is clamped. What the provider does not document is named in [`undocumented`] and nowhere else.

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

/// Where the provider answers unless the configuration says otherwise.
pub const DEFAULT_BASE_URL: &str = "https://app.cr3dentials.xyz/v1";

/// The header that carries the partner's key. `Authorization: Bearer KEY` is its documented alternative.
pub const API_KEY_HEADER: &str = "x-api-key";

/// Requests allowed for each key in [`RATE_LIMIT_WINDOW_SECS`], all users together.
pub const RATE_LIMIT_REQUESTS: u32 = 120;

/// The largest page of the session list. From the guide.
pub const LIST_LIMIT_MAX: u32 = 100;

/// The rate limit's window, in seconds.
pub const RATE_LIMIT_WINDOW_SECS: u64 = 60;

/// The documented headers of the rate limit: the limit, what is left of it, and when the window resets.
pub const RATE_LIMIT_HEADERS: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
