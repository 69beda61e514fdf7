use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use super::platform::PlatformSummary;
use super::status::SessionStatus;
use crate::time::UnixMillis;

/// Countries from which the remote browser can appear to connect.
pub const SESSION_COUNTRIES: [&str; 8] = ["US", "IN", "DE", "GB", "JP", "SG", "AU", "BR"];

/// Bounds and default of `expiresInHours`.
pub mod expires_in_hours {
    /// Shortest session, in hours.
    pub const MIN: u16 = 1;
    /// Longest session, in hours: seven days.
    pub const MAX: u16 = 168;
    /// Duration of a session that does not set one, in hours.
    pub const DEFAULT: u16 = MAX;
}

/// The body of `POST /partner/browser-session`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateSession {
    /// ID of the platform whose account is verified.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub platform_id: u64,
    /// Details of the user, such as name, email and phone. Never sent to a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>, example = json!({ "name": "Amara Okafor", "email": "amara@partner.example" })))]
    pub receiver_data: Option<Value>,
    /// Duration in whole hours, within [`expires_in_hours`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 168, example = 24))]
    pub expires_in_hours: Option<u16>,
    /// URL that receives a webhook on each terminal status: HTTPS, with a valid top-level domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "https://partner.example.com/webhooks/6f1c"))]
    pub webhook_url: Option<String>,
    /// The partner's reference, returned unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 255, example = "loan-2041"))]
    pub external_reference_id: Option<String>,
    /// One of [`SESSION_COUNTRIES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "US"))]
    pub country: Option<String>,
}

/// The response to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedSession {
    /// A UUID.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub session_id: String,
    /// `CREATED`. Absent from the newest documented example.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub status: Option<SessionStatus>,
    /// Iframe URL with a single-use token.
    #[cfg_attr(
        feature = "openapi",
        schema(
            format = "uri",
            example = "https://frame.cr3dentials.xyz/verify/7b0d1c7e-2f0c-4c51-9d0e-0d6a3c1f5b11?token=5f1d"
        )
    )]
    pub embed_url: String,
    /// The requested platform.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<u64>,
    /// Time at which the provider ends the session.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// Creation time.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UnixMillis>,
    /// The partner's reference, if one was sent.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub external_reference_id: Option<String>,
}

/// The response to `GET /partner/browser-session/{id}`, and an item of the list.
///
/// Undocumented: list items are assumed to have the same fields, each possibly absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// A UUID.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub session_id: String,
    /// Lifecycle status.
    pub status: SessionStatus,
    /// Percentage, 0–100, not guaranteed to be monotonic.
    #[serde(default, deserialize_with = "lenient::progress")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100, required, example = 40))]
    pub progress: u8,
    /// Iframe URL. It is undocumented whether its token is fresh.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub embed_url: Option<String>,
    /// WebSocket URL while the session is active. Never sent to a browser.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub stream_url: Option<String>,
    /// Numeric platform id.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<u64>,
    /// Platform details.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformSummary>,
    /// Time at which the provider ends the session.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// Creation time.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UnixMillis>,
    /// Time at which the session ended. Terminal statuses only.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub completed_at: Option<UnixMillis>,
    /// Message for developers, never for users. Only with status `ERROR`.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub error_message: Option<String>,
    /// Only with status `ERROR`, and possibly absent even then. An open set.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub error_code: Option<String>,
    /// Present and true if an attestation exists, otherwise absent.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "is_false")]
    pub has_attestation: bool,
    /// The account's data. Only when the verification is complete. Never sent to a browser.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub extracted_data: Option<Value>,
    /// The partner's reference. It is undocumented whether Get and List return it.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub external_reference_id: Option<String>,
}

/// The response to the session list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// The sessions of one list page.
    pub sessions: Vec<Session>,
    /// Total number of sessions.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub total: u64,
    /// Page size, 1–100.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100, required))]
    pub limit: u64,
    /// Number of sessions skipped.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub offset: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
