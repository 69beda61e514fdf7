use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;
use crate::time::UnixMillis;

/// A platform whose accounts can be verified, as `GET /partner/browser-platforms` lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Platform {
    /// The number to create a session with.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub id: u64,
    /// A unique slug, such as `uber`.
    #[cfg_attr(feature = "openapi", schema(example = "uber"))]
    pub name: String,
    /// The name to show, such as `Uber`.
    #[cfg_attr(feature = "openapi", schema(example = "Uber"))]
    pub display_name: String,
    /// What the platform is, for people.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub description: Option<String>,
    /// The URL of an image.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub icon: Option<String>,
    /// Where the platform's users sign in.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(required, format = "uri", example = "https://auth.uber.com/v2"))]
    pub login_url: String,
    /// Only passed on: no field of create takes a URL.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub allow_custom_url: bool,
    /// The provider's own settings of the platform. Never shown to a browser.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub config: Option<Value>,
    /// Whether sessions can be created now. Taken as true when absent.
    #[serde(default = "yes", deserialize_with = "lenient::unreadable_as_true")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub is_active: bool,
    /// When the platform was added.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub created_at: Option<UnixMillis>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "lenient::unreadable_as_absent")]
    pub updated_at: Option<UnixMillis>,
}

/// The platform inside a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlatformSummary {
    /// The platform's number.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub id: u64,
    /// Its slug.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub name: String,
    /// The name to show.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub display_name: String,
    /// The URL of an image.
    #[serde(deserialize_with = "lenient::unreadable_as_absent")]
    pub icon: Option<String>,
    /// Where its users sign in.
    #[serde(deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub login_url: Option<String>,
}

fn yes() -> bool {
    true
}
