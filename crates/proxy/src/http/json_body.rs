//! Request bodies of limited size.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use cr3dentials_core::contract::ErrorCode;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// Maximum size of a browser's request body, in bytes.
const MAX_BROWSER_BODY: usize = 16 * 1024;

/// Maximum number of bytes over the limit that are still read and discarded: a connection that is closed while the peer
/// is sending loses our response.
const MAX_DRAINED: usize = 4 << 20;

/// Extractor for a browser's JSON body of at most [`MAX_BROWSER_BODY`] bytes.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::bad_request("send the body as application/json")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = read(request.into_body(), MAX_BROWSER_BODY).await?;
        // serde's message would quote the body.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            ApiError::bad_request(format!("the body is invalid for this route: line {line}, column {column}"))
        })
    }
}

/// Reads `body`, which may have at most `max` bytes.
pub(super) async fn read(mut body: Body, max: usize) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::bad_request("the connection broke before the body was complete"))?;
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total <= max {
            bytes.extend_from_slice(&data);
        } else if total > max + MAX_DRAINED {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if total > max {
        return Err(ApiError::new(ErrorCode::TooLarge, format!("the body is larger than {max} bytes")));
    }
    Ok(bytes.into())
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
