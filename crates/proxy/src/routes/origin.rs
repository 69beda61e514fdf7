//! Which pages may use the proxy. Origins come from the configuration, never from `Host`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cr3dentials_core::contract::{CONTRACT_HEADER, REQUEST_ID_HEADER};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::config::Origin;
use crate::error::ApiError;
use crate::shared::Shared;

/// An origin that is longer is not repeated.
const MAX_SHOWN: usize = 256;

/// Whatever changes something must come from an allowed page: a browser always says where a POST comes from.
pub(super) async fn check(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let allowed = |origin: &str| shared.config.allowed_origins.iter().any(|allowed| allowed.as_str() == origin);
    if request.method() == Method::POST && !origin.is_some_and(allowed) {
        let named = origin.filter(|origin| origin.len() <= MAX_SHOWN);
        tracing::warn!(origin = named, "refused: not in allowed_origins");
        let message = match named {
            Some(origin) => format!("the origin {origin} is not in allowed_origins"),
            None => "a POST needs an Origin that is in allowed_origins".to_owned(),
        };
        return ApiError::forbidden(message).into_response();
    }
    next.run(request).await
}

/// Announces the same pages to browsers.
///
/// Whatever headers a listed page wants to send are allowed: its sign-in and its tracing add their own.
pub(super) fn cors(origins: &[Origin]) -> CorsLayer {
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

/// Removes what [`cors`] adds to responses for pages that are not listed: they have no use for it.
pub(super) async fn only_listed(request: Request, next: Next) -> Response {
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
