use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use cr3dentials_core::contract::{
    CreateRequest, Created, FrameUrl, IDEMPOTENCY_HEADER, MAX_WAIT_SECS, SessionView, TOKEN_HEADER,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::Success;
use serde::Deserialize;

use super::json_body::JsonBody;
use super::success;
use crate::auth::User;
use crate::browser_view::session_view;
use crate::clock;
use crate::create;
use crate::error::ApiError;
use crate::sessions::WatchedSession;
use crate::state::AppState;
use crate::store::Record;

/// Handles `POST /sessions`.
pub(super) async fn create(
    State(state): State<Arc<AppState>>,
    CurrentUser(user): CurrentUser,
    headers: HeaderMap,
    JsonBody(request): JsonBody<CreateRequest>,
) -> Result<(StatusCode, Json<Success<Created>>), ApiError> {
    let key = idempotency_key(&headers)?.to_owned();
    // A separate task: it must store the session even if the browser disconnects in the meantime.
    let task = tokio::spawn(async move { create::create(&state, &user, &key, &request).await });
    let created = task.await.map_err(ApiError::internal)??;
    Ok((StatusCode::CREATED, success(created)))
}

/// Query of `GET /sessions/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct StatusQuery {
    after: Option<u64>,
    wait: Option<u64>,
    fresh: Option<String>,
}

/// Handles `GET /sessions/{id}?after=&wait=&fresh=`.
pub(super) async fn status(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
    query: Result<Query<StatusQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Success<SessionView>>, ApiError> {
    let watched = opened(&state, &id, &parts).await?;
    let Query(query) = query.map_err(|_| ApiError::bad_request("after and wait must be whole numbers"))?;
    state.sessions.record_poll(&watched, matches!(query.fresh.as_deref(), Some("1" | "true")));
    let wait = Millis::from_secs(query.wait.unwrap_or(0).min(MAX_WAIT_SECS));
    let record = watched.wait(query.after, wait, &state.sessions.long_polls, state.stop.subscribe()).await;
    Ok(success(view(&state, &record)))
}

/// Handles `POST /sessions/{id}/frame`.
pub(super) async fn frame(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Json<Success<FrameUrl>>, ApiError> {
    let watched = opened(&state, &id, &parts).await?;
    let embed_url = state.sessions.embed_url(&watched, &state.client, &state.budget).await?;
    Ok(success(FrameUrl { embed_url }))
}

/// Handles `POST /sessions/{id}/closed`.
pub(super) async fn closed(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Json<Success<SessionView>>, ApiError> {
    let watched = opened(&state, &id, &parts).await?;
    state.sessions.record_closed(&watched);
    Ok(success(view(&state, &watched.record())))
}

/// Extractor for the user who sends the request.
pub(super) struct CurrentUser(User);

impl FromRequestParts<Arc<AppState>> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        state.auth.user(parts).await.map(Self)
    }
}

/// Returns the session `id` if the request has its token and belongs to the user who started it.
///
/// The response is the same for an invalid token and for a session that does not exist. The user is looked up only
/// after the token was verified, so that unknown clients cannot cause requests to the partner's endpoint.
async fn opened(state: &AppState, id: &str, request: &Parts) -> Result<Arc<WatchedSession>, ApiError> {
    let token = request.headers.get(TOKEN_HEADER).and_then(|token| token.to_str().ok());
    if !token.is_some_and(|token| state.signer.verify(token, id, clock::wall())) {
        return Err(ApiError::not_found());
    }
    let watched = state.sessions.get(id).await?.ok_or_else(ApiError::not_found)?;
    if state.auth.user(request).await?.0 != watched.record().user {
        return Err(ApiError::other_user());
    }
    Ok(watched)
}

fn view(state: &AppState, record: &Record) -> SessionView {
    session_view(&record.session, record.rev, state.config.show_error_messages, Some(clock::wall()))
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, ApiError> {
    let key = headers.get(IDEMPOTENCY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default();
    if (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(key)
    } else {
        Err(ApiError::bad_request("Idempotency-Key: send 1 to 128 visible ASCII characters"))
    }
}
