//! A pass-through between page and provider: no cache, no long polls, no retries.

use std::collections::HashMap;

use cr3dentials_core::contract::{Created, FrameUrl, SessionPlatform, SessionView};
use cr3dentials_core::engine::{Failure, FailureKind};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::{CreatedSession, Session, Success};
use cr3dentials_sandbox::world::{Body, Headers, Method, Request, Response, World};
use serde::de::DeserializeOwned;
use serde_json::json;

const KEY: &str = "key";

/// A response and its delay.
pub(crate) type Late<T> = (Result<T, Failure>, Millis);

#[derive(Default)]
pub(crate) struct Relay {
    /// Session created for each idempotency key; `None` when the outcome is unknown.
    created: HashMap<String, Option<Created>>,
    revisions: HashMap<String, SessionView>,
}

impl Relay {
    pub(crate) fn create(&mut self, world: &mut World, now: UnixMillis, key: &str, platform_id: u64) -> Late<Created> {
        match self.created.get(key) {
            Some(Some(created)) => return (Ok(created.clone()), Millis(0)),
            Some(None) => return (Err(failure(FailureKind::Refused)), Millis(0)),
            None => {}
        }
        let body = json!({ "platformId": platform_id, "expiresInHours": 1 }).to_string();
        let response = send(world, now, Method::Post, "/v1/partner/browser-session", &body);
        let (read, delay) = read::<Success<CreatedSession>>(&response);
        let unknown =
            matches!(&read, Err(failure) if failure.kind != FailureKind::RateLimited && response.status < 300);
        let created = read.map(|success| Created {
            client_token: format!("token of {}", success.data.session_id),
            session_id: success.data.session_id,
            embed_url: success.data.embed_url,
            status: success.data.status.unwrap_or_default(),
            platform_id: success.data.platform_id,
            expires_at: success.data.expires_at,
            created_at: success.data.created_at,
            server_time: Some(now),
        });
        if created.is_ok() || unknown {
            self.created.insert(key.to_owned(), created.clone().ok());
        }
        (created, delay)
    }

    pub(crate) fn status(&mut self, world: &mut World, now: UnixMillis, id: &str) -> Late<SessionView> {
        let (session, delay) = session(world, now, id);
        let response = session.map(|session| {
            let platform = session.platform.map(|platform| SessionPlatform {
                id: platform.id,
                name: platform.name,
                display_name: platform.display_name,
                icon: platform.icon,
            });
            let mut view = SessionView {
                session_id: session.session_id,
                status: session.status,
                progress: session.progress,
                platform_id: session.platform_id,
                platform,
                expires_at: session.expires_at,
                created_at: session.created_at,
                completed_at: session.completed_at,
                error_code: session.error_code,
                error_message: None,
                has_attestation: session.has_attestation,
                rev: 0,
                server_time: None,
            };
            let last = self.revisions.entry(id.to_owned()).or_insert_with(|| view.clone());
            let same = SessionView { rev: last.rev, ..view.clone() } == *last;
            view.rev = last.rev + u64::from(!same);
            last.clone_from(&view);
            SessionView { server_time: Some(now), ..view }
        });
        (response, delay)
    }

    pub(crate) fn frame_url(&self, world: &mut World, now: UnixMillis, id: &str) -> Late<FrameUrl> {
        let (session, delay) = session(world, now, id);
        let url = session.and_then(|session| session.embed_url.ok_or(failure(FailureKind::Refused)));
        (url.map(|embed_url| FrameUrl { embed_url }), delay)
    }
}

fn session(world: &mut World, now: UnixMillis, id: &str) -> Late<Session> {
    let response = send(world, now, Method::Get, &format!("/v1/partner/browser-session/{id}"), "");
    let (read, delay) = read::<Success<Session>>(&response);
    (read.map(|success| success.data), delay)
}

/// Sends a request with the partner's API key, which control routes ignore.
pub(crate) fn send(world: &mut World, now: UnixMillis, method: Method, path: &str, body: &str) -> Response {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = Headers {
        api_key: Some(KEY.to_owned()),
        content_type: Some("application/json".to_owned()),
        host: Some("127.0.0.1".to_owned()),
        ..Headers::default()
    };
    let (path, query, body) = (path.to_owned(), query.to_owned(), Body::Whole(body.as_bytes().to_vec()));
    world.handle(&Request { method, path, query, headers, body }, now)
}

fn read<T: DeserializeOwned>(response: &Response) -> Late<T> {
    let retry_after = response.headers.iter().find(|(name, _)| *name == "retry-after");
    let retry_after = retry_after.and_then(|(_, secs)| secs.parse().ok()).map(Millis::from_secs);
    let kind = match response.status {
        _ if response.cut_after.is_some() => Some(FailureKind::Network),
        200..=299 => None,
        401 | 403 => Some(FailureKind::Forbidden),
        404 => Some(FailureKind::NotFound),
        429 => Some(FailureKind::RateLimited),
        400..=499 => Some(FailureKind::Refused),
        _ => Some(FailureKind::Server),
    };
    let result = match kind {
        Some(kind) => Err(Failure { kind, retry_after }),
        None => serde_json::from_slice(&response.body).map_err(|_| failure(FailureKind::BadResponse)),
    };
    (result, response.delay)
}

pub(crate) fn failure(kind: FailureKind) -> Failure {
    Failure { kind, retry_after: None }
}
