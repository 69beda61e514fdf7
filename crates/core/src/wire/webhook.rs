use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use super::status::SessionStatus;
use crate::time::UnixMillis;

/// The body of a webhook: sent without an envelope, on terminal statuses only.
///
/// It has no error fields, no event id and no signature, and it may be delivered more than once. It is therefore only a
/// hint: its content is confirmed with Get before it has any effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDelivery {
    /// The session's id. Also identifies duplicates.
    pub session_id: String,
    /// A terminal status.
    pub status: SessionStatus,
    /// Numeric platform id.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub platform_id: Option<u64>,
    /// The partner's reference.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub external_reference_id: Option<String>,
    /// The account's data.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub extracted_data: Option<Value>,
    /// Opaque SHA-256 reference to the attestation. Sent by webhook only; Get cannot confirm it.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub proof_hash: Option<String>,
    /// Time at which the session ended.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub completed_at: Option<UnixMillis>,
    /// Additional data from the provider.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<Value>,
}

/// The fields of a delivery that its receiver uses. Parsing skips the account's data, however large it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookNotice {
    /// The session's id.
    pub session_id: String,
    /// A terminal status, to be confirmed.
    pub status: SessionStatus,
    /// As in [`WebhookDelivery::proof_hash`].
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub proof_hash: Option<String>,
    /// Time at which the session ended.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub completed_at: Option<UnixMillis>,
}
