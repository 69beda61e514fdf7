//! What holds for every request: its log line, its deadline, the headers of its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cr3dentials_core::contract::{CONTRACT_HEADER, CONTRACT_VERSION, ErrorCode};
use tracing::Instrument;

use crate::clock;
use crate::error::ApiError;
use crate::secret::random_bytes;
use crate::shared::Shared;

/// The longest any request takes: a held one waits 25 s, a create 5 s for room and 15 s for the provider.
const DEADLINE: Duration = Duration::from_secs(40);

/// One line for each request: a random id, the method, the route's template. Never the path, which may hold a secret.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = u64::from_le_bytes(random_bytes::<8>());
    let span = tracing::info_span!("request", id = format!("{id:016x}"), method = %request.method(), route);
    let started = clock::mono();
    async {
        let response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), clock::mono().since(started).0);
        tracing::debug!(status, took, "answered");
        response
    }
    .instrument(span)
    .await
}

/// Nothing is kept by a cache unless its route says so, and every answer says which contract it speaks.
pub(super) async fn answer_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTRACT_HEADER, HeaderValue::from(CONTRACT_VERSION));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    response
}

/// Ends a request that takes too long, such as one whose body never comes.
pub(super) async fn deadline(request: Request, next: Next) -> Response {
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable("this took too long; try again").into_response(),
    }
}

/// Refuses a side that is more than one version away. Without the header it is taken to be version 1.
pub(super) async fn contract_version(request: Request, next: Next) -> Response {
    let version = match request.headers().get(CONTRACT_HEADER) {
        None => Some(1),
        Some(value) => value.to_str().ok().and_then(|text| text.trim().parse::<u32>().ok()),
    };
    match version {
        Some(version) if version.abs_diff(CONTRACT_VERSION) <= 1 => next.run(request).await,
        Some(_) => {
            let message = format!("this proxy speaks contract version {CONTRACT_VERSION}");
            let mut response = ApiError::new(ErrorCode::ContractVersion, message).into_response();
            // HTTP asks for it beside 426.
            response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("cr3d-contract"));
            response
        }
        None => ApiError::bad_request("Cr3d-Contract is a number").into_response(),
    }
}

/// Lets only the partner's own server through.
pub(super) async fn backend_token(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let scheme = shown.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    if scheme && shared.config.backend_token.matches(&shown[7..]) {
        return next.run(request).await;
    }
    ApiError::forbidden("show the backend token as a bearer token")
        .with_status(StatusCode::UNAUTHORIZED)
        .into_response()
}
