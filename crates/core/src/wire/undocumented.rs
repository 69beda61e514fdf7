//! Assumptions about behavior that the provider does not document publicly.
//!
//! Each assumption is one constant, so that a clarification by the provider is a one-line change.

/// Path of the session list. The guide describes the query and the response, not the path.
pub const SESSION_LIST_PATH: &str = "/partner/browser-sessions";

/// Lifetime of an embed token, in seconds. The guide calls tokens short-lived and single-use.
pub const EMBED_TOKEN_LIFETIME_SECS: u64 = 120;

/// Unit of `X-RateLimit-Reset`, a Unix time, in milliseconds. Assumed to be one second.
pub const RATE_LIMIT_RESET_UNIT_MILLIS: u64 = 1000;

/// HTTP status of a successful create. Any 2xx is accepted; the sandbox sends this one.
pub const CREATE_STATUS_CODE: u16 = 201;

/// `allow` attribute of the iframe. The provider documents no iframe attributes.
pub const FRAME_ALLOW: &str = "clipboard-read; clipboard-write";

/// `sandbox` attribute of the iframe. The remote browser needs scripts, its own origin, forms and popups.
pub const FRAME_SANDBOX: &str = "allow-scripts allow-same-origin allow-forms allow-popups";

/// `type` of the iframe's message that requests a height, in CSS pixels, in its field `height`.
pub const FRAME_RESIZE_TYPE: &str = "resize";

/// `Content-Type` sent with every GET: the provider may refuse one without it.
pub const CONTENT_TYPE_ON_GET: &str = "application/json";
