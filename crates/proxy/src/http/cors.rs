//! Checks of the page's origin, and CORS. Allowed origins come from the configuration, never from `Host`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cr3dentials_core::contract::{CONTRACT_HEADER, REQUEST_ID_HEADER};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::error::ApiError;
use crate::config::Origin;
use crate::state::AppState;

/// Maximum length of an origin that is repeated in the log and the response, in bytes.
const MAX_REPEATED_ORIGIN: usize = 256;

/// Refuses a POST from a page that is not allowed. Browsers always send `Origin` with a POST.
pub(super) async fn check_origin(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let allowed = |origin: &str| state.config.allowed_origins.iter().any(|allowed| allowed.as_str() == origin);
    if request.method() == Method::POST && !origin.is_some_and(allowed) {
        let named = origin.filter(|origin| origin.len() <= MAX_REPEATED_ORIGIN);
        tracing::warn!(origin = named, "request refused: origin not in allowed_origins");
        let message = match named {
            Some(origin) => format!("the origin {origin} is not in allowed_origins"),
            None => "a POST requires an Origin that is in allowed_origins".to_owned(),
        };
        return ApiError::forbidden(message).into_response();
    }
    next.run(request).await
}

/// Returns the CORS layer for the same origins.
///
/// Allows all request headers of a listed page, since its sign-in and tracing add their own.
pub(super) fn layer(origins: &[Origin]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    let name = |name: &'static str| HeaderName::from_bytes(name.as_bytes()).ok();
    let exposed = [CONTRACT_HEADER, REQUEST_ID_HEADER, header::RETRY_AFTER.as_str()].into_iter().filter_map(name);
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed.collect::<Vec<_>>())
        .allow_credentials(true)
        .max_age(Duration::from_secs(7200))
}

/// Removes the headers that [`layer`] adds to responses for pages that are not listed.
pub(super) async fn remove_from_unlisted(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if !response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        for name in [
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            header::ACCESS_CONTROL_ALLOW_METHODS,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            header::ACCESS_CONTROL_MAX_AGE,
        ] {
            response.headers_mut().remove(name);
        }
    }
    response
}
