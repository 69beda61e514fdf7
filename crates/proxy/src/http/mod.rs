//! HTTP routes: public ones for browsers and webhooks, private ones for the partner's server.

mod cors;
mod error;
mod forwarded;
mod json_body;
mod middleware;
mod platforms;
mod results;
mod sessions;
mod webhooks;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Json, Router};
use cr3dentials_core::contract::ErrorCode;
use cr3dentials_core::wire::Success;
use serde_json::{Value, json};

use crate::state::AppState;
use error::ApiError;

/// Returns the routes for browsers (below the base path), for webhooks and for health checks.
pub(crate) fn public(state: &Arc<AppState>) -> Router {
    let browser = Router::new()
        .route("/platforms", get(platforms::list))
        .route("/platforms/{id}/icon", get(platforms::icon))
        .route("/sessions", post(sessions::create))
        .route("/sessions/{id}", get(sessions::status))
        .route("/sessions/{id}/frame", post(sessions::frame))
        .route("/sessions/{id}/closed", post(sessions::closed))
        .fallback(unknown_path)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(state.clone(), cors::check_origin))
        .layer(from_fn_with_state(state.clone(), forwarded::refuse_other_machines))
        .layer(from_fn(middleware::contract_version))
        .layer(cors::layer(&state.config.allowed_origins))
        .layer(from_fn(cors::remove_from_unlisted));
    let router = Router::new().route("/webhooks/{secret}", post(webhooks::receive)).route("/healthz", get(health));
    let router = match state.config.base_path.as_str() {
        "" => router.merge(browser),
        path => router.nest(path, browser).fallback(unknown_path).method_not_allowed_fallback(method_not_allowed),
    };
    with_common_layers(router, state)
}

/// Returns the routes for the partner's server.
pub(crate) fn backend(state: &Arc<AppState>) -> Router {
    let router = Router::new()
        .route("/results", get(results::list))
        .route("/results/{id}", get(results::one))
        .fallback(unknown_path)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(middleware::contract_version))
        .layer(from_fn_with_state(state.clone(), middleware::backend_token));
    with_common_layers(router, state)
}

fn with_common_layers(router: Router<Arc<AppState>>, state: &Arc<AppState>) -> Router {
    router
        .layer(from_fn(middleware::timeout))
        .layer(from_fn(middleware::response_headers))
        .layer(from_fn(middleware::log))
        .with_state(state.clone())
}

fn success<T>(data: T) -> Json<Success<T>> {
    Json(Success::new(data))
}

async fn health(State(state): State<Arc<AppState>>) -> Result<Json<Success<Value>>, ApiError> {
    let unavailable = |error| ApiError::unavailable("the database does not respond").because(error);
    state.store.ping().await.map_err(unavailable)?;
    Ok(success(json!({ "healthy": true })))
}

async fn unknown_path() -> ApiError {
    ApiError::not_found()
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorCode::BadRequest, "method not allowed").with_status(StatusCode::METHOD_NOT_ALLOWED)
}
