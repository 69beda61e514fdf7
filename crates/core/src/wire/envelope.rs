use serde::{Deserialize, Serialize};

use super::lenient;

/// The envelope of every successful response: `{"status":"success","data":…}`.
///
/// Its `status` is always `success`; it is unrelated to a session's status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Success<T> {
    /// Always `success`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^success$", example = "success"))]
    pub status: String,
    /// The requested resource.
    pub data: T,
}

impl<T> Success<T> {
    /// Wraps `data` in the envelope.
    pub fn new(data: T) -> Self {
        Self { status: "success".to_owned(), data }
    }
}

/// The body of an error response, such as `{"statusCode":401,"message":"Unauthorized"}`.
///
/// Undocumented: validation errors may carry a list of messages. A list is joined into one text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorBody {
    /// The HTTP status code, repeated.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub status_code: u16,
    /// Message for developers, never for users.
    #[serde(deserialize_with = "lenient::text_or_list")]
    pub message: String,
    /// Name of the HTTP status.
    #[serde(deserialize_with = "lenient::unreadable_as_absent", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
