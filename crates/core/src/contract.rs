//! What a browser and the partner's proxy say to each other: contract version 1, described in `docs/contract.md`.
//!
//! JSON in the provider's envelope, with the provider's own field names. A browser's session view is an allow-list:
//! the API key, `extractedData`, `proofHash`, `streamUrl` and `receiverData` have no field here, so they cannot leave
//! the proxy by mistake, and `embedUrl` is in the answers to create and frame only.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::UnixMillis;
use crate::wire::{SessionStatus, lenient};

/// This version. A component works with a proxy one version either side.
pub const CONTRACT_VERSION: u32 = 1;

/// Carries [`CONTRACT_VERSION`] in both directions.
pub const CONTRACT_HEADER: &str = "Cr3d-Contract";

/// Carries the client token. `Authorization` and cookies stay the partner's own.
pub const TOKEN_HEADER: &str = "Cr3d-Token";

/// Carries a key that makes repeating a create safe: 1 to 128 visible ASCII characters.
pub const IDEMPOTENCY_HEADER: &str = "Idempotency-Key";

/// Names the request in the proxy's log. A caller's own id is kept when it is 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
pub const REQUEST_ID_HEADER: &str = "X-Request-Id";

/// The longest a status question may ask to be held, in seconds.
pub const MAX_WAIT_SECS: u64 = 25;

/// How long a client token outlives its session, in hours.
pub const TOKEN_OUTLIVES_SESSION_HOURS: u64 = 24;

/// The least distance between two fresh embed URLs of one session, in seconds.
pub const FRAME_MIN_INTERVAL_SECS: u64 = 10;

/// The least distance between two `fresh` refreshes of one session, in seconds.
pub const FRESH_MIN_INTERVAL_SECS: u64 = 3;

/// A platform as a browser sees it: never its `config`, never its `loginUrl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlatformView {
    /// The number to create a session with.
    pub id: u64,
    /// A unique slug.
    pub name: String,
    /// The name to show.
    pub display_name: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// The path of its icon below the contract's base path, such as `platforms/1/icon`; absent when it has none.
    #[serde(default)]
    pub icon: Option<String>,
    /// Whether sessions can be created now.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub is_active: bool,
}

/// The body of `POST /sessions`.
///
/// A browser may not set `webhookUrl` or `externalReferenceId`, by any configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRequest {
    /// The platform to verify an account of.
    pub platform_id: u64,
    /// Where the remote browser appears to be; refused unless the proxy's configuration lets browsers choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What `POST /sessions` answers, with 201; the same key and body again get the same session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// A UUID.
    pub session_id: String,
    /// The iframe's URL. It can be loaded once.
    pub embed_url: String,
    /// `CREATED`.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub status: SessionStatus,
    /// The platform's number.
    #[serde(default)]
    pub platform_id: Option<u64>,
    /// When the session ends by itself.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// The server's clock at the time of the answer.
    #[serde(default)]
    pub server_time: Option<UnixMillis>,
    /// Good for this session only, and for the user who started it; see [`TOKEN_HEADER`].
    pub client_token: String,
}

impl fmt::Debug for Created {
    /// Without the URL and the token, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Created")
            .field("session_id", &self.session_id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The platform inside a session view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionPlatform {
    /// The platform's number.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub id: u64,
    /// Its slug.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub name: String,
    /// The name to show.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub display_name: String,
    /// The path of its icon below the contract's base path.
    pub icon: Option<String>,
}

/// What `GET /sessions/{id}` answers: all that a browser may know of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    /// A UUID.
    pub session_id: String,
    /// Where the session is in its lifecycle; an unknown name is passed on and is not terminal.
    pub status: SessionStatus,
    /// 0–100, not promised to be monotonic. A fraction is rounded, anything out of range is clamped.
    #[serde(default, deserialize_with = "percentage")]
    pub progress: u8,
    /// The platform's number.
    #[serde(default)]
    pub platform_id: Option<u64>,
    /// The platform.
    #[serde(default)]
    pub platform: Option<SessionPlatform>,
    /// When the session ends by itself.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// When it ended.
    #[serde(default)]
    pub completed_at: Option<UnixMillis>,
    /// Only when `ERROR`, and even then possibly absent.
    #[serde(default)]
    pub error_code: Option<String>,
    /// For developers; absent unless the proxy's configuration passes it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Whether there is an attestation.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub has_attestation: bool,
    /// Moves when, and only when, a field above it does.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub rev: u64,
    /// The server's clock at the time of the answer.
    #[serde(default)]
    pub server_time: Option<UnixMillis>,
}

/// What `POST /sessions/{id}/frame` answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameUrl {
    /// The iframe's URL. It can be loaded once.
    pub embed_url: String,
}

impl fmt::Debug for FrameUrl {
    /// Without the URL, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameUrl").finish_non_exhaustive()
    }
}

/// The body of every error: `{"status":"error","error":{"code","message"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// Always `error`.
    pub status: String,
    /// What happened.
    pub error: ErrorDetail,
}

impl ErrorResponse {
    /// The body that says `code`, and `message` to developers.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status: "error".to_owned(), error: ErrorDetail { code, message: message.into() } }
    }
}

/// What happened, for programs and for developers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// For programs.
    pub code: ErrorCode,
    /// For developers: what happened and what to do. Never shown to users.
    pub message: String,
}

/// What can go wrong between a browser and the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// 400: the request cannot be understood.
    BadRequest,
    /// 401 or 403: this user or this page may not do that.
    Forbidden,
    /// 403: the token is good, and another user started its session.
    OtherUser,
    /// 404: there is no such thing, or the token is not for it; told apart by nothing.
    NotFound,
    /// 409: the idempotency key was used with another body.
    Conflict,
    /// 409: it is not known whether the provider made a session for the idempotency key; take a new key.
    KeySpent,
    /// 413: the body is too large.
    TooLarge,
    /// 422: the platform is unknown or inactive.
    UnknownPlatform,
    /// 426: the two sides' contract versions are more than one apart.
    ContractVersion,
    /// 429: too many requests; `Retry-After` says when.
    RateLimited,
    /// 502: the provider answered with an error.
    ProviderError,
    /// 503: the provider cannot be reached, or the proxy is shutting down; try again.
    Unavailable,
    /// 500: a fault of the proxy's own.
    Internal,
    /// A code of a later version.
    Unknown,
}

impl ErrorCode {
    const ALL: [Self; 13] = [
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

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
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

    /// The HTTP status that goes with it.
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
    // In range after the clamp, so the cast cannot lose anything.
    Ok(number.clamp(0.0, 100.0).round() as u8)
}
