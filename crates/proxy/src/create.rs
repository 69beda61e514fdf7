//! Creation of sessions, one for each idempotency key.

use std::sync::Arc;

use cr3dentials_core::contract::{CreateRequest, Created, ErrorCode, TOKEN_OUTLIVES_SESSION_HOURS};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::{
    CreateSession, CreatedSession, Platform, PlatformSummary, SESSION_COUNTRIES, SessionStatus, expires_in_hours,
};
use serde_json::{Value, json};

use crate::auth::User;
use crate::clock;
use crate::error::ApiError;
use crate::provider::{Priority, ProviderError};
use crate::secret::{Secret, sha256};
use crate::sessions::{USER_PERMIT_TIMEOUT, WatchedSession};
use crate::state::AppState;
use crate::store::{Creation, NewSession, Record, merge_session};

/// Creates the session that `user` requests under `key`, or returns the one that the key already created.
///
/// Concurrent requests with one key create one session: the second waits for the first. If it is unknown whether the
/// provider created a session, the key is spent: the provider has no idempotency keys, so a retry might create two.
///
/// # Errors
/// Responds with 400, 409, 422, 429, 502 or 503 as documented in the contract.
pub(crate) async fn create(
    state: &AppState,
    user: &User,
    key: &str,
    request: &CreateRequest,
) -> Result<Created, ApiError> {
    check(state, request)?;
    let lock = state.creations.of(&user.0, key);
    let _one_at_a_time = lock.lock().await;
    let body_hash = sha256(&serde_json::to_vec(request).map_err(ApiError::internal)?);
    match state.store.begin_creation(&user.0, key, &body_hash, clock::wall()).await? {
        Creation::OtherBody => {
            Err(ApiError::new(ErrorCode::Conflict, "this idempotency key was used with a different body"))
        }
        Creation::Unknown => Err(spent()),
        Creation::Done { session_id, embed_url } => again(state, &session_id, embed_url).await,
        Creation::New => match make(state, user, key, request).await {
            Ok(created) => Ok(created),
            Err(Failed::NothingMade(error)) => {
                state.store.abandon_creation(&user.0, key).await?;
                Err(error)
            }
            Err(Failed::Unknown(error)) => Err(error),
        },
    }
}

enum Failed {
    NothingMade(ApiError),
    Unknown(ApiError),
}

fn check(state: &AppState, request: &CreateRequest) -> Result<(), ApiError> {
    let Some(country) = &request.country else { return Ok(()) };
    if !state.config.browser_may_choose_country {
        return Err(ApiError::bad_request("country: this proxy does not allow browsers to choose it"));
    }
    if !SESSION_COUNTRIES.contains(&country.as_str()) {
        return Err(ApiError::bad_request("country: not supported by the provider"));
    }
    Ok(())
}

async fn make(state: &AppState, user: &User, key: &str, request: &CreateRequest) -> Result<Created, Failed> {
    let platform = platform(state, request.platform_id).await.map_err(Failed::NothingMade)?;
    let permit = state.budget.permit_within(Priority::Create, USER_PERMIT_TIMEOUT).await;
    let permit = permit.map_err(|error| Failed::NothingMade(error.into()))?;
    let webhook = state.config.webhook_url.as_ref().map(|base| (base, Secret::random()));
    let body = CreateSession {
        platform_id: request.platform_id,
        expires_in_hours: state.config.expires_in_hours,
        webhook_url: webhook
            .as_ref()
            .map(|(base, secret)| format!("{}/webhooks/{}", base.as_str().trim_end_matches('/'), secret.expose())),
        country: request.country.clone(),
        ..CreateSession::default()
    };
    let created = state.client.create(permit, &body).await.map_err(failed)?;
    let webhook_hash = webhook.map(|(_, secret)| sha256(secret.expose().as_bytes()));
    // The session exists from here on, so no later failure may release the key.
    keep(state, user, key, created, &platform, webhook_hash).await.map_err(Failed::Unknown)
}

async fn keep(
    state: &AppState,
    user: &User,
    key: &str,
    created: CreatedSession,
    platform: &Platform,
    webhook_hash: Option<[u8; 32]>,
) -> Result<Created, ApiError> {
    let embed_url = created.embed_url.clone();
    let raw = first_word(created, platform).map_err(ApiError::internal)?;
    let now = clock::wall();
    let record = Record {
        user: user.0.clone(),
        session: serde_json::from_value(raw.clone()).map_err(ApiError::internal)?,
        raw,
        rev: 1,
        created_at: now,
        updated_at: now,
        ended_at: None,
    };
    let new = NewSession { record, embed_url, webhook_hash };
    state.store.finish_creation(&user.0, key, &new).await?;
    tracing::info!(session = new.record.session.session_id, platform = platform.name, "session created");
    let answer = answer(state, &new.record, new.embed_url);
    state.sessions.add(new.record);
    Ok(answer)
}

async fn platform(state: &AppState, id: u64) -> Result<Platform, ApiError> {
    let platforms = state.platforms.list(&state.client, &state.budget).await?;
    let platform = platforms.iter().find(|platform| platform.id == id && platform.is_active);
    platform.cloned().ok_or_else(|| ApiError::new(ErrorCode::UnknownPlatform, "the platform is unknown or inactive"))
}

fn failed(error: ProviderError) -> Failed {
    if error.outcome_unknown() { Failed::Unknown(spent().because(error)) } else { Failed::NothingMade(error.into()) }
}

fn spent() -> ApiError {
    let message = "it is unknown whether the provider created a session for this key; use a new key";
    ApiError::new(ErrorCode::KeySpent, message)
}

/// Converts the response to the create request to the first stored state of the session.
fn first_word(created: CreatedSession, platform: &Platform) -> Result<Value, serde_json::Error> {
    let status = created.status.clone().unwrap_or(SessionStatus::Created);
    let known = json!({
        "platformId": platform.id,
        "platform": PlatformSummary {
            id: platform.id,
            name: platform.name.clone(),
            display_name: platform.display_name.clone(),
            icon: platform.icon.clone(),
            login_url: None,
        },
    });
    let mut word = serde_json::to_value(created)?;
    word["status"] = json!(status);
    Ok(merge_session(&known, word))
}

/// Returns the session that the key created: with the same embed URL while it is still usable, later with a fresh one.
async fn again(state: &AppState, session_id: &str, embed_url: Option<String>) -> Result<Created, ApiError> {
    let watched: Arc<WatchedSession> = state.sessions.get(session_id).await?.ok_or_else(ApiError::not_found)?;
    let embed_url = match embed_url {
        Some(url) => url,
        None => state.sessions.embed_url(&watched, &state.client, &state.budget).await?,
    };
    Ok(answer(state, &watched.record(), embed_url))
}

fn answer(state: &AppState, record: &Record, embed_url: String) -> Created {
    let session = &record.session;
    Created {
        session_id: session.session_id.clone(),
        embed_url,
        status: session.status.clone(),
        platform_id: session.platform_id,
        expires_at: session.expires_at,
        created_at: session.created_at,
        server_time: Some(clock::wall()),
        client_token: state.signer.sign(&session.session_id, token_end(record)),
    }
}

/// Returns the token's expiry. The token outlives the session, so that a reopened page can still see how it ended.
fn token_end(record: &Record) -> UnixMillis {
    let longest = Millis::from_secs(u64::from(expires_in_hours::MAX) * 3600);
    let end = record.session.expires_at.unwrap_or(record.created_at + longest);
    end + Millis::from_secs(TOKEN_OUTLIVES_SESSION_HOURS * 3600)
}
