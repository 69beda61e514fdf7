//! Middleware for all routes: logging, the timeout, response headers, the contract version and the backend token.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cr3dentials_core::contract::{CONTRACT_HEADER, CONTRACT_VERSION, ErrorCode, REQUEST_ID_HEADER};
use tracing::Instrument;

use super::error::ApiError;
use crate::clock;
use crate::secret::random_bytes;
use crate::state::AppState;

/// Timeout for every request: a long poll takes up to 25 s, a create 5 s for a permit and 15 s for the provider.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(40);

/// Maximum length of a request id taken from the caller, in characters.
const MAX_REQUEST_ID: usize = 64;

/// Adds an id to each request, and a log span with the id, the method and the route's template. Never logs the path,
/// which may hold a secret. The response carries the id as well.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request_id(request.headers());
    let span = tracing::info_span!("request", id, method = %request.method(), route);
    let started = clock::mono();
    let mut response = async {
        let response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), clock::mono().since(started).0);
        tracing::debug!(status, took, "request handled");
        response
    }
    .instrument(span)
    .await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    response
}

/// Returns the caller's id if it is safe in a log and a header, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID_HEADER).and_then(|id| id.to_str().ok());
    let usable = |id: &&str| {
        (1..=MAX_REQUEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let new = || format!("{:016x}", u64::from_le_bytes(random_bytes::<8>()));
    given.filter(usable).map_or_else(new, str::to_owned)
}

/// Adds the contract version to every response, and forbids caching unless the route allows it.
pub(super) async fn response_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTRACT_HEADER, HeaderValue::from(CONTRACT_VERSION));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}

/// Ends a request that takes too long, such as one whose body never arrives.
pub(super) async fn timeout(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable("the request timed out; try again").into_response(),
    }
}

/// Refuses a client whose contract version differs by more than one. A missing header means version 1.
pub(super) async fn contract_version(request: Request, next: Next) -> Response {
    let version = match request.headers().get(CONTRACT_HEADER) {
        None => Some(1),
        Some(value) => value.to_str().ok().and_then(|text| text.trim().parse::<u32>().ok()),
    };
    match version {
        Some(version) if version.abs_diff(CONTRACT_VERSION) <= 1 => next.run(request).await,
        Some(_) => {
            let message = format!("this proxy supports contract version {CONTRACT_VERSION}");
            let mut response = ApiError::new(ErrorCode::ContractVersion, message).into_response();
            // HTTP requires it with status 426.
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("cr3d-contract"));
            response
        }
        None => ApiError::bad_request("Cr3d-Contract must be a number").into_response(),
    }
}

/// Refuses requests without the backend token.
pub(super) async fn backend_token(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let scheme = shown.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    if scheme && state.config.backend_token.matches(&shown[7..]) {
        return next.run(request).await;
    }
    ApiError::forbidden("send the backend token as a bearer token")
        .with_status(StatusCode::UNAUTHORIZED)
        .into_response()
}
