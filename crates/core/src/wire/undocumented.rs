//! What the provider documents nowhere public, and what this project assumes instead.
//!
//! Each assumption is one constant, so that a word from the provider is a one-line change.

/// The path of the session list. The guide describes the query and the answer, not the path.
pub const SESSION_LIST_PATH: &str = "/partner/browser-sessions";

/// How long an embed token can be used, in seconds. The guide calls tokens short-lived and single-use.
pub const EMBED_TOKEN_LIFETIME_SECS: u64 = 120;

/// `X-RateLimit-Reset` is a Unix time; its unit is taken to be seconds.
pub const RATE_LIMIT_RESET_UNIT_MILLIS: u64 = 1000;

/// The HTTP status of a successful create. Any 2xx is accepted; this is what the sandbox sends.
pub const CREATE_STATUS_CODE: u16 = 201;

/// The iframe's `allow` attribute. The provider documents no iframe attributes.
pub const FRAME_ALLOW: &str = "clipboard-read; clipboard-write";

/// The iframe's `sandbox` attribute. The remote browser needs its scripts, its origin, its forms and its popups.
pub const FRAME_SANDBOX: &str = "allow-scripts allow-same-origin allow-forms allow-popups";

/// The `type` of the iframe's message that says how much height it wants, in CSS pixels, as `height`.
pub const FRAME_RESIZE_TYPE: &str = "resize";

/// A GET without `Content-Type: application/json` may be refused, so it is always sent.
pub const CONTENT_TYPE_ON_GET: &str = "application/json";
