use serde::{Deserialize, Serialize};

use super::lenient;

/// The envelope of every success: `{"status":"success","data":…}`.
///
/// Its `status` is the word `success` and has nothing to do with a session's status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success<T> {
    /// Always `success`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^success$", example = "success"))]
    pub status: String,
    /// What was asked for.
    pub data: T,
}

impl<T> Success<T> {
    /// Wraps `data`.
    pub fn new(data: T) -> Self {
        Self { status: "success".to_owned(), data }
    }
}

/// The body of an error, such as `{"statusCode":401,"message":"Unauthorized"}`.
///
/// Undocumented: validation errors may carry a list of messages. A list is read as one text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorBody {
    /// The HTTP status once more.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub status_code: u16,
    /// For developers, never for users.
    #[serde(deserialize_with = "lenient::text_or_list")]
    pub message: String,
    /// The name of the HTTP status.
    #[serde(deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
