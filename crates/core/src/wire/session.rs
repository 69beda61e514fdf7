use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use super::platform::PlatformSummary;
use super::status::SessionStatus;
use crate::time::UnixMillis;

/// Where the remote browser can appear to be.
pub const SESSION_COUNTRIES: [&str; 8] = ["US", "IN", "DE", "GB", "JP", "SG", "AU", "BR"];

/// The bounds of `expiresInHours`, and its default.
pub mod expires_in_hours {
    /// The shortest session, in hours.
    pub const MIN: u16 = 1;
    /// The longest session, in hours: seven days.
    pub const MAX: u16 = 168;
    /// What a session gets when nothing is said.
    pub const DEFAULT: u16 = MAX;
}

/// The body of `POST /partner/browser-session`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateSession {
    /// The platform to verify an account of.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub platform_id: u64,
    /// About the user: name, email, phone and the like. Never shown to a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>, example = json!({ "name": "Amara Okafor", "email": "amara@partner.example" })))]
    pub receiver_data: Option<Value>,
    /// Whole hours within [`expires_in_hours`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 168, example = 24))]
    pub expires_in_hours: Option<u16>,
    /// Where terminal statuses are announced: HTTPS, with a valid top-level domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "https://partner.example.com/webhooks/6f1c"))]
    pub webhook_url: Option<String>,
    /// The partner's own reference, echoed back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 255, example = "loan-2041"))]
    pub external_reference_id: Option<String>,
    /// One of [`SESSION_COUNTRIES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "US"))]
    pub country: Option<String>,
}

/// What create answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedSession {
    /// A UUID.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub session_id: String,
    /// `CREATED`; absent from the newest example.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub status: Option<SessionStatus>,
    /// The iframe's URL, with a single-use token in it.
    #[cfg_attr(
        feature = "openapi",
        schema(
            format = "uri",
            example = "https://frame.cr3dentials.xyz/verify/7b0d1c7e-2f0c-4c51-9d0e-0d6a3c1f5b11?token=5f1d"
        )
    )]
    pub embed_url: String,
    /// As it was asked for.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<u64>,
    /// When the session ends by itself.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UnixMillis>,
    /// Only if one was sent.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub external_reference_id: Option<String>,
}

/// What `GET /partner/browser-session/{id}` answers, and an item of the list.
///
/// Undocumented: list items are taken to have the same fields, each possibly absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// A UUID.
    #[cfg_attr(feature = "openapi", schema(format = "uuid"))]
    pub session_id: String,
    /// Where the session is in its lifecycle.
    pub status: SessionStatus,
    /// 0–100, not promised to be monotonic.
    #[serde(default, deserialize_with = "lenient::progress")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100, required, example = 40))]
    pub progress: u8,
    /// The iframe's URL; undocumented whether its token is fresh.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub embed_url: Option<String>,
    /// A WebSocket URL while the session is active. Never shown to a browser.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub stream_url: Option<String>,
    /// The platform's number.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<u64>,
    /// The platform.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub platform: Option<PlatformSummary>,
    /// When the session ends by itself.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixMillis>,
    /// When it was made.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<UnixMillis>,
    /// Terminal statuses only.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub completed_at: Option<UnixMillis>,
    /// Only when `ERROR`; for developers, never for users.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub error_message: Option<String>,
    /// Only when `ERROR`, and even then possibly absent. An open set.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub error_code: Option<String>,
    /// Present and true when there is an attestation, else absent.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "is_false")]
    pub has_attestation: bool,
    /// Only when the verification is complete. Never shown to a browser.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub extracted_data: Option<Value>,
    /// Undocumented whether Get and List carry it.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub external_reference_id: Option<String>,
}

/// What the list answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionList {
    /// One page.
    pub sessions: Vec<Session>,
    /// How many there are in all.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub total: u64,
    /// The page's size, 1–100.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100, required))]
    pub limit: u64,
    /// How many were passed over.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub offset: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
