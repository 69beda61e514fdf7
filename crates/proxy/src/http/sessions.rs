//! Browser routes for sessions: create, status with long polls, fresh frame, close.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use cr3dentials_core::contract::{
    CreateRequest, Created, FrameUrl, IDEMPOTENCY_HEADER, MAX_WAIT_SECS, SessionView, TOKEN_HEADER,
    TOKEN_OUTLIVES_SESSION_HOURS,
};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::{Success, expires_in_hours};
use serde::Deserialize;

use super::error::ApiError;
use super::json_body::JsonBody;
use super::success;
use crate::auth::User;
use crate::browser_view::session_view;
use crate::clock;
use crate::sessions::{self, WatchedSession};
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
    let task = tokio::spawn(async move {
        let created = state.creator.create(&user.0, &key, &request).await?;
        Ok::<_, ApiError>(created_view(&state, created))
    });
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
    let watched = authorized_session(&state, &id, &parts).await?;
    let Query(query) = query.map_err(|_| ApiError::bad_request("after and wait must be whole numbers"))?;
    state.sessions.record_poll(&watched, matches!(query.fresh.as_deref(), Some("1" | "true")));
    let wait = Millis::from_secs(query.wait.unwrap_or(0).min(MAX_WAIT_SECS));
    let record = state.sessions.wait(&watched, query.after, wait, state.stop.subscribe()).await;
    Ok(success(view(&state, &record)))
}

/// Handles `POST /sessions/{id}/frame`.
pub(super) async fn frame(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Json<Success<FrameUrl>>, ApiError> {
    let watched = authorized_session(&state, &id, &parts).await?;
    let embed_url = state.sessions.embed_url(&watched, &state.client, &state.budget).await?;
    Ok(success(FrameUrl { embed_url }))
}

/// Handles `POST /sessions/{id}/closed`.
pub(super) async fn closed(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    parts: Parts,
) -> Result<Json<Success<SessionView>>, ApiError> {
    let watched = authorized_session(&state, &id, &parts).await?;
    state.sessions.record_closed(&watched);
    Ok(success(view(&state, &watched.record())))
}

/// Extractor for the user who sends the request.
pub(super) struct CurrentUser(User);

impl FromRequestParts<Arc<AppState>> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, ApiError> {
        Ok(Self(state.auth.user(parts).await?))
    }
}

/// Returns the session `id` if the request has its token and belongs to the user who started it.
///
/// The response is the same for an invalid token and for a session that does not exist. The user is looked up only
/// after the token was verified, so that unknown clients cannot cause requests to the partner's endpoint.
async fn authorized_session(state: &AppState, id: &str, request: &Parts) -> Result<Arc<WatchedSession>, ApiError> {
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

fn created_view(state: &AppState, created: sessions::Created) -> Created {
    let session = &created.record.session;
    Created {
        session_id: session.session_id.clone(),
        embed_url: created.embed_url,
        status: session.status.clone(),
        platform_id: session.platform_id,
        expires_at: session.expires_at,
        created_at: session.created_at,
        server_time: Some(clock::wall()),
        client_token: state.signer.sign(&session.session_id, token_expiry(&created.record)),
    }
}

/// Returns the token's expiry. The token outlives the session, so that a reopened page can still see how it ended.
fn token_expiry(record: &Record) -> UnixMillis {
    let longest = Millis::from_secs(u64::from(expires_in_hours::MAX) * 3600);
    let end = record.session.expires_at.unwrap_or(record.created_at + longest);
    end + Millis::from_secs(TOKEN_OUTLIVES_SESSION_HOURS * 3600)
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, ApiError> {
    let key = headers.get(IDEMPOTENCY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default();
    if (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(key)
    } else {
        Err(ApiError::bad_request("Idempotency-Key: send 1 to 128 visible ASCII characters"))
    }
}
