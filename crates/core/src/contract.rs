//! The HTTP contract between a browser and the partner's proxy: version 1, described in `docs/contract.md`.
//!
//! Bodies are JSON in the provider's envelope, with the provider's field names. The session view is an allow-list: the
//! API key, `extractedData`, `proofHash`, `streamUrl` and `receiverData` have no field here, so they cannot leave the
//! proxy by mistake. `embedUrl` appears only in the responses to create and frame.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::UnixMillis;
use crate::wire::{SessionStatus, lenient};

/// Current contract version. A component works with a proxy at most one version older or newer.
pub const CONTRACT_VERSION: u32 = 1;

/// Header that carries [`CONTRACT_VERSION`], in requests and responses.
pub const CONTRACT_HEADER: &str = "Cr3d-Contract";

/// Header that carries the client token. `Authorization` and cookies stay free for the partner's own use.
pub const TOKEN_HEADER: &str = "Cr3d-Token";

/// Header that makes repeating a create safe: 1 to 128 visible ASCII characters.
pub const IDEMPOTENCY_HEADER: &str = "Idempotency-Key";

/// Header that identifies the request in the proxy's log. An id sent by the caller is kept when it is 1 to 64
/// characters of `A-Z a-z 0-9 . _ -`.
pub const REQUEST_ID_HEADER: &str = "X-Request-Id";

/// Maximum wait of a long poll, in seconds.
pub const MAX_WAIT_SECS: u64 = 25;

/// Hours for which a client token stays valid after its session expires.
pub const TOKEN_OUTLIVES_SESSION_HOURS: u64 = 24;

/// Minimum interval between two fresh embed URLs of one session, in seconds.
pub const FRAME_MIN_INTERVAL_SECS: u64 = 10;

/// Minimum interval between two `fresh` refreshes of one session, in seconds.
pub const FRESH_MIN_INTERVAL_SECS: u64 = 3;

/// A platform as browsers see it, without `config` and `loginUrl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformView {
    /// The `platformId` of a create request.
    pub id: u64,
    /// A unique slug.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Short description for users.
    #[serde(default)]
    pub description: Option<String>,
    /// Path of the icon below the contract's base path, such as `platforms/1/icon`. Absent when there is no icon.
    #[serde(default)]
    pub icon: Option<String>,
    /// True if sessions can be created at present.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub is_active: bool,
}

/// The body of `POST /sessions`.
///
/// `webhookUrl` and `externalReferenceId` cannot be set by a browser, whatever the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRequest {
    /// ID of the platform whose account is verified.
    pub platform_id: u64,
    /// Country from which the remote browser appears to connect. Refused unless the proxy's configuration lets browsers
    /// choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The response to `POST /sessions`, with status 201. Repeating the key and body returns the same session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// A UUID.
    pub session_id: String,
    /// Iframe URL with a single-use token.
    pub embed_url: String,
    /// `CREATED`.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub status: SessionStatus,
    /// Numeric platform id.
    #[serde(default)]
    pub platform_id: Option<u64>,
    /// Time at which the provider ends the session.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// Creation time.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// The server's clock when it responded.
    #[serde(default)]
    pub server_time: Option<UnixMillis>,
    /// Authorizes requests for this session by the user who started it; see [`TOKEN_HEADER`].
    pub client_token: String,
}

impl fmt::Debug for Created {
    /// Omits the URL and the token, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Created")
            .field("session_id", &self.session_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The platform of a session view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionPlatform {
    /// Numeric platform id.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub id: u64,
    /// Slug.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub name: String,
    /// Display name.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub display_name: String,
    /// Path of the icon below the contract's base path.
    pub icon: Option<String>,
}

/// The response to `GET /sessions/{id}`: everything that a browser may see of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// A UUID.
    pub session_id: String,
    /// Lifecycle status. An unknown name is passed on and is not terminal.
    pub status: SessionStatus,
    /// Percentage, 0–100, not guaranteed to be monotonic. Fractions are rounded, values out of range are clamped.
    #[serde(default, deserialize_with = "percentage")]
    pub progress: u8,
    /// Numeric platform id.
    #[serde(default)]
    pub platform_id: Option<u64>,
    /// Platform details, when the provider sent them.
    #[serde(default)]
    pub platform: Option<SessionPlatform>,
    /// Time at which the provider ends the session.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// Creation time.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// Time at which the session ended.
    #[serde(default)]
    pub completed_at: Option<UnixMillis>,
    /// The provider's error code. Only with status `ERROR`, and possibly absent even then.
    #[serde(default)]
    pub error_code: Option<String>,
    /// The provider's message for developers. Absent unless the proxy's configuration passes it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// True if an attestation exists.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub has_attestation: bool,
    /// Revision: changes if and only if one of the fields above changes.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub rev: u64,
    /// The server's clock when it responded.
    #[serde(default)]
    pub server_time: Option<UnixMillis>,
}

/// The response to `POST /sessions/{id}/frame`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameUrl {
    /// Iframe URL with a single-use token.
    pub embed_url: String,
}

impl fmt::Debug for FrameUrl {
    /// Omits the URL, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameUrl").finish_non_exhaustive()
    }
}

/// The body of every error: `{"status":"error","error":{"code","message"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// Always `error`.
    pub status: String,
    /// The error.
    pub error: ErrorDetail,
}

impl ErrorResponse {
    /// An error body with `code` for programs and `message` for developers.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status: "error".to_owned(), error: ErrorDetail { code, message: message.into() } }
    }
}

/// The error inside an [`ErrorResponse`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// Code for programs.
    pub code: ErrorCode,
    /// Message for developers: what happened and what to do. Never shown to users.
    pub message: String,
}

/// Error codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 400, 405 or 415: the request cannot be understood.
    BadRequest,
    /// 401 or 403: this user or this page is not allowed to do that.
    Forbidden,
    /// 403: the token is valid, but its session belongs to another user.
    OtherUser,
    /// 404: not found, or the token is not for this session. The response does not distinguish the two.
    NotFound,
    /// 409: the idempotency key was used with another body, or the session has ended.
    Conflict,
    /// 409: it is unknown whether the provider created a session for the idempotency key. Use a new key.
    KeySpent,
    /// 413: the body is too large.
    TooLarge,
    /// 422: the platform is unknown or inactive.
    UnknownPlatform,
    /// 426: the two sides' contract versions are more than one apart.
    ContractVersion,
    /// 429: too many requests; see `Retry-After`.
    RateLimited,
    /// 502: the provider responded with an error.
    ProviderError,
    /// 503: the provider or the partner's sign-in cannot be reached, or the proxy is shutting down. Try again.
    Unavailable,
    /// 500: an internal error of the proxy.
    Internal,
    /// A code from a later version of the contract.
    Unknown,
}

impl ErrorCode {
    /// Every code of this version of the contract.
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::Forbidden,
        Self::OtherUser,
        Self::NotFound,
        Self::Conflict,
        Self::KeySpent,
        Self::TooLarge,
        Self::UnknownPlatform,
        Self::ContractVersion,
        Self::RateLimited,
        Self::ProviderError,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The code as it appears in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Forbidden => "forbidden",
            Self::OtherUser => "other-user",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::KeySpent => "key-spent",
            Self::TooLarge => "too-large",
            Self::UnknownPlatform => "unknown-platform",
            Self::ContractVersion => "contract-version",
            Self::RateLimited => "rate-limited",
            Self::ProviderError => "provider-error",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Unknown => "unknown",
        }
    }

    /// The HTTP status sent with this code.
    pub fn http_status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden | Self::OtherUser => 403,
            Self::NotFound => 404,
            Self::Conflict | Self::KeySpent => 409,
            Self::TooLarge => 413,
            Self::UnknownPlatform => 422,
            Self::ContractVersion => 426,
            Self::RateLimited => 429,
            Self::ProviderError => 502,
            Self::Unavailable => 503,
            Self::Internal | Self::Unknown => 500,
        }
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(Self::ALL.into_iter().find(|code| code.as_str() == name).unwrap_or(Self::Unknown))
    }
}

fn percentage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = Option::<f64>::deserialize(deserializer)?.unwrap_or(0.0);
    // The value is within 0–100 after the clamp, so the cast is lossless.
    Ok(number.clamp(0.0, 100.0).round() as u8)
}
