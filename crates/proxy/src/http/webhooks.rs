//! Route for the provider's webhooks.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use cr3dentials_core::wire::{Success, WebhookNotice};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::ApiError;
use super::{json_body, success};
use crate::clock;
use crate::provider::{Fields, text};
use crate::secret::sha256;
use crate::state::AppState;
use crate::store::Delivery;

/// Maximum size of a delivery, in bytes.
///
/// A delivery repeats the account's data, which has no documented limit. The stored fields take a few hundred bytes.
const MAX_BODY: usize = 16 << 20;

/// Maximum size of a field that is read, in bytes.
const MAX_FIELD: usize = 4096;

/// Handles `POST /webhooks/{secret}`: stores the delivery and acknowledges it. The refresher then confirms it with the
/// provider.
///
/// A webhook never sets a status. It only triggers a request to the provider and carries the reference to the
/// attestation.
pub(super) async fn receive(
    State(state): State<Arc<AppState>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    request_body: Body,
) -> Result<Json<Success<Value>>, ApiError> {
    let id = state.store.session_of_webhook(&sha256(secret.as_bytes())).await?;
    let Some(id) = id.filter(|_| has_custom_header(&state, &headers)) else {
        if let Some(count) = state.refused_webhooks.count() {
            tracing::warn!(count, "webhook refused: unknown secret or missing custom header");
        }
        return Err(ApiError::not_found());
    };
    let (notice, body_hash) = read(&id, request_body).await.inspect_err(|error| {
        tracing::warn!(session = id, code = error.code().as_str(), reason = error.message(), "webhook refused");
    })?;
    let watched = state.sessions.get(&id).await?.ok_or_else(ApiError::not_found)?;
    let delivery = Delivery {
        session_id: id,
        body_hash,
        status: notice.status.as_str().to_owned(),
        proof_hash: notice.proof_hash,
        completed_at: notice.completed_at,
        received_at: clock::wall(),
    };
    state.store.add_delivery(&delivery).await?;
    if !watched.record().session.status.is_terminal() {
        state.sessions.record_webhook(&watched);
    }
    Ok(success(json!({ "received": true })))
}

/// Reads a delivery for the session `id`, without the account's data. Returns it with the hash of its body.
async fn read(id: &str, request_body: Body) -> Result<(WebhookNotice, [u8; 32]), ApiError> {
    let bytes = json_body::read(request_body, MAX_BODY).await?;
    let notice = notice(&text(&bytes)).map_err(|_| ApiError::bad_request("the body is not a webhook delivery"))?;
    if notice.session_id != id {
        return Err(ApiError::bad_request("this path belongs to another session"));
    }
    Ok((notice, sha256(&bytes)))
}

/// Parses a delivery. Only the session and the status are required to be readable.
fn notice(body: &str) -> Result<WebhookNotice, serde_json::Error> {
    let Fields(mut fields): Fields<&RawValue> = serde_json::from_str(body)?;
    fields.retain(|_, field| field.get().len() <= MAX_FIELD);
    WebhookNotice::deserialize(Fields(fields).readable())
}

fn has_custom_header(state: &AppState, headers: &HeaderMap) -> bool {
    let Some((name, value)) = &state.config.webhook_header else { return true };
    value.matches(headers.get(name).map(|value| value.as_bytes()).unwrap_or_default())
}
