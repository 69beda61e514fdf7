//! Bodies, in bounds.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use cr3dentials_core::contract::ErrorCode;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// The largest body a browser may send, in bytes.
const BROWSER_MAX: usize = 16 * 1024;

/// The number of bytes of a body over the limit that are still read and discarded: a connection that is closed while the
/// other side is sending loses our response.
const DRAINED: usize = 4 << 20;

/// A browser's JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::bad_request("send the body as application/json")
                .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let bytes = read(request.into_body(), BROWSER_MAX).await?;
        // serde's own text would quote what was sent.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            ApiError::bad_request(format!("the body is not what this route takes: line {line}, column {column}"))
        })
    }
}

/// The whole of `body`, if it has at most `max` bytes.
pub(super) async fn read(mut body: Body, max: usize) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::bad_request("the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total <= max {
            bytes.extend_from_slice(&data);
        } else if total > max + DRAINED {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if total > max {
        return Err(ApiError::new(ErrorCode::TooLarge, format!("the body has more than {max} bytes")));
    }
    Ok(bytes.into())
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
