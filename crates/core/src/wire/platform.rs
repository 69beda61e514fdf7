use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use crate::time::UnixMillis;

/// A platform whose accounts can be verified: an item of `GET /partner/browser-platforms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Platform {
    /// The `platformId` of a create request.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub id: u64,
    /// A unique slug, such as `uber`.
    #[cfg_attr(feature = "openapi", schema(example = "uber"))]
    pub name: String,
    /// Display name, such as `Uber`.
    #[cfg_attr(feature = "openapi", schema(example = "Uber"))]
    pub display_name: String,
    /// Short description for users.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub description: Option<String>,
    /// URL of an image.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub icon: Option<String>,
    /// URL at which the platform's users sign in.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(required, format = "uri", example = "https://auth.uber.com/v2"))]
    pub login_url: String,
    /// Passed on unchanged: no field of create accepts a URL.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub allow_custom_url: bool,
    /// The provider's settings for the platform. Never sent to a browser.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub config: Option<Value>,
    /// True if sessions can be created at present. Treated as true when absent.
    #[serde(default = "yes", deserialize_with = "lenient::unreadable_as_true")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub is_active: bool,
    /// Time at which the platform was added.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub created_at: Option<UnixMillis>,
    /// Time of the last change.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub updated_at: Option<UnixMillis>,
}

/// The platform of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlatformSummary {
    /// Numeric platform id.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub id: u64,
    /// Slug.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub name: String,
    /// Display name.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub display_name: String,
    /// URL of an image.
    #[serde(deserialize_with = "lenient::unreadable_as_absent")]
    pub icon: Option<String>,
    /// URL at which the platform's users sign in.
    #[serde(deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub login_url: Option<String>,
}

fn yes() -> bool {
    true
}
