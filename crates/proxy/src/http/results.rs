//! Routes of the backend listener: one session's result, and the list of results.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{PlatformSummary, SessionStatus, Success};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ApiError;
use super::success;
use crate::session_json::{DATA_TOO_LARGE, DATA_UNREADABLE};
use crate::state::AppState;
use crate::store::{Record, ResultsQuery};

/// Maximum number of results on one page.
const PAGE_SIZE: u32 = 100;

/// Prefix of a cursor, which identifies its format.
const CURSOR_PREFIX: &str = "e1-";

/// All stored data of a session, for the partner's server.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultView {
    session_id: String,
    /// Id of the partner's user who started the session.
    user: String,
    status: SessionStatus,
    /// True if the status can no longer change.
    terminal: bool,
    progress: u8,
    platform_id: Option<u64>,
    platform: Option<PlatformSummary>,
    external_reference_id: Option<String>,
    extracted_data: Option<Value>,
    /// True if there is data that is too large to be stored. Omitted otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    extracted_data_too_large: bool,
    /// True if there is data that cannot be read. Omitted otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    extracted_data_unreadable: bool,
    has_attestation: bool,
    error_code: Option<String>,
    error_message: Option<String>,
    proof_hash: Option<ProofHash>,
    created_at: Option<UnixMillis>,
    expires_at: Option<UnixMillis>,
    completed_at: Option<UnixMillis>,
    /// Time of the last change in the proxy's stored state.
    updated_at: UnixMillis,
    /// Time when the proxy saw that the session had ended.
    ended_at: Option<UnixMillis>,
}

/// Reference to the attestation. Received by webhook only; the provider has no way to confirm it.
#[derive(Serialize)]
struct ProofHash {
    value: String,
    source: &'static str,
    confirmed: bool,
}

/// One page of results.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultsPage {
    results: Vec<ResultView>,
    /// Cursor for the next page, now or later: after the last result, or the given cursor if the page is empty.
    next_cursor: Option<String>,
    /// True if further results are already available.
    has_more: bool,
}

/// Query of `GET /results`.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    status: Option<String>,
    since: Option<String>,
    cursor: Option<String>,
}

/// Handles `GET /results/{id}`.
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
) -> Result<Json<Success<ResultView>>, ApiError> {
    let record = state.store.session(&id).await?.ok_or_else(ApiError::not_found)?;
    Ok(success(result(&state, record).await?))
}

/// Handles `GET /results?status=&since=&cursor=`: the ended sessions, in the order in which they ended.
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Success<ResultsPage>>, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::bad_request("the query is malformed"))?;
    let wrong = |name: &str| ApiError::bad_request(format!("{name}: invalid value"));
    let since = query.since.as_deref().map(|text| UnixMillis::parse(text).ok_or_else(|| wrong("since"))).transpose()?;
    let after = query.cursor.as_deref().map(|text| parse_cursor(text).ok_or_else(|| wrong("cursor"))).transpose()?;
    if query.status.as_deref().is_some_and(|name| !SessionStatus::from_name(name).is_terminal()) {
        return Err(ApiError::bad_request("status: must be a terminal status"));
    }
    let wanted = ResultsQuery { status: query.status, since, after: after.unwrap_or(0), limit: PAGE_SIZE + 1 };
    let mut ended = state.store.results(&wanted).await?;
    let has_more = ended.len() > PAGE_SIZE as usize;
    ended.truncate(PAGE_SIZE as usize);
    let next_cursor = ended.last().map(|last| format!("{CURSOR_PREFIX}{}", last.number)).or(query.cursor);
    let mut results = Vec::with_capacity(ended.len());
    for one in ended {
        results.push(result(&state, one.record).await?);
    }
    Ok(success(ResultsPage { results, next_cursor, has_more }))
}

async fn result(state: &AppState, record: Record) -> Result<ResultView, ApiError> {
    let Record { user, session, raw, updated_at, ended_at, .. } = record;
    let proof_hash = state.store.proof_hash(&session.session_id).await?;
    Ok(ResultView {
        user,
        terminal: session.status.is_terminal(),
        session_id: session.session_id,
        status: session.status,
        progress: session.progress,
        platform_id: session.platform_id,
        platform: session.platform,
        external_reference_id: session.external_reference_id,
        extracted_data: session.extracted_data,
        extracted_data_too_large: raw.get(DATA_TOO_LARGE).is_some(),
        extracted_data_unreadable: raw.get(DATA_UNREADABLE).is_some(),
        has_attestation: session.has_attestation,
        error_code: session.error_code,
        error_message: session.error_message,
        proof_hash: proof_hash.map(|value| ProofHash { value, source: "webhook", confirmed: false }),
        created_at: session.created_at,
        expires_at: session.expires_at,
        completed_at: session.completed_at,
        updated_at,
        ended_at,
    })
}

fn parse_cursor(cursor: &str) -> Option<u64> {
    cursor.strip_prefix(CURSOR_PREFIX)?.parse().ok()
}
