use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use super::status::SessionStatus;
use crate::time::UnixMillis;

/// The body of a webhook: sent without an envelope on each terminal status, and only then.
///
/// It has no error fields, no event id and no signature, and duplicates happen. So it is a nudge: what it says is
/// confirmed with Get before anybody acts on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The session, and the key to recognise duplicates by.
    pub session_id: String,
    /// A terminal status.
    pub status: SessionStatus,
    /// The platform's number.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub platform_id: Option<u64>,
    /// The partner's own reference.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub external_reference_id: Option<String>,
    /// The account's data.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub extracted_data: Option<Value>,
    /// An opaque SHA-256 reference to the attestation. Comes by webhook only; Get cannot confirm it.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub proof_hash: Option<String>,
    /// The time at which the session ended.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub completed_at: Option<UnixMillis>,
    /// Whatever the provider adds.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<Value>,
}

/// The part of a delivery that its receiver acts on. Reading it skips the account's data, however large that is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookNotice {
    /// The session.
    pub session_id: String,
    /// A terminal status, to be confirmed.
    pub status: SessionStatus,
    /// As in [`WebhookDelivery::proof_hash`].
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub proof_hash: Option<String>,
    /// The time at which the session ended.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub completed_at: Option<UnixMillis>,
}
