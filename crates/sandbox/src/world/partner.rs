//! The Partner API's endpoints (partner-api sections 1, 2 and 5).

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::undocumented::{CREATE_STATUS_CODE, SESSION_LIST_PATH};
use cr3dentials_core::wire::{CreatedSession, Platform, RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECS, SessionList};
use cr3dentials_core::wire::{Session as Shown, SessionStatus};
use serde_json::json;

use super::World;
use super::http::{Body, Headers, Method, Request, Response, reason};
use super::platforms::PLATFORMS;
use super::session::Session;
use super::sessions::Seq;
use super::validate;

impl World {
    /// Everything below `/v1`: counted first, then let in, then answered.
    pub(super) fn partner(&mut self, request: &Request) -> Response {
        let known = presented_key(&request.headers) == Some(self.settings.api_key.as_str());
        let window = if known { &mut self.key_window } else { &mut self.anonymous_window };
        let verdict = window.count(self.now);
        let mut response = match self.switches.upstream_error {
            _ if !verdict.allowed => too_many_requests(),
            Some(status) => Response::error(status, reason(status)),
            None if !known => Response::error(401, reason(401)),
            None => self.endpoint(request),
        };
        response.headers.extend(verdict.headers());
        response
    }

    fn endpoint(&mut self, request: &Request) -> Response {
        if request.body == Body::TooLarge {
            return Response::error(413, "The body is too large");
        }
        let path = request.path.strip_prefix("/v1").unwrap_or_default();
        match (request.method, path) {
            (Method::Get, "/partner/browser-platforms") => self.list_platforms(),
            (Method::Post, "/partner/browser-session") => self.create(request),
            (Method::Get, path) if path == SESSION_LIST_PATH => self.list(request),
            (Method::Get, path) => {
                let seq = path.strip_prefix("/partner/browser-session/").and_then(|id| self.sessions.find(id));
                seq.and_then(|seq| self.get(seq)).unwrap_or_else(|| Response::error(404, reason(404)))
            }
            _ => Response::error(404, reason(404)),
        }
    }

    /// Undocumented whether inactive platforms are listed: here they are, marked as what they are.
    fn list_platforms(&self) -> Response {
        let platforms: Vec<Platform> = PLATFORMS.iter().map(|entry| entry.to_wire(&self.settings.origin)).collect();
        Response::success(200, platforms)
    }

    fn create(&mut self, request: &Request) -> Response {
        let body = match request.json() {
            Ok(body) => body,
            Err(response) => return response,
        };
        let wanted = match validate::new_session(&body, self.settings.allow_http_webhooks) {
            Ok(wanted) => wanted,
            Err(problems) => return Response::invalid(problems),
        };
        let expires_at = self.now + Millis::from_secs(wanted.expires_in_hours * 3600);
        let mut session = Session::new(self.random.uuid(), wanted.platform, self.now, expires_at);
        session.webhook_url = wanted.webhook_url;
        session.external_reference_id = wanted.external_reference_id;
        let embed_url = self.new_embed_url(&mut session);
        let created = CreatedSession {
            session_id: session.id.clone(),
            status: Some(SessionStatus::Created),
            embed_url,
            platform_id: Some(session.platform.id),
            expires_at: Some(expires_at),
            created_at: Some(self.now),
            external_reference_id: session.external_reference_id.clone(),
        };
        if self.sessions.insert(session) {
            Response::success(CREATE_STATUS_CODE, created)
        } else {
            Response::error(503, "The sandbox holds as many live sessions as it can")
        }
    }

    /// Undocumented what `embedUrl` holds here: a fresh token each time, beside which the older ones stay good.
    fn get(&mut self, seq: Seq) -> Option<Response> {
        let token = self.random.secret();
        let (now, frame_origin) = (self.now, self.settings.frame_origin.clone());
        let embed_url = self.sessions.change(seq, |session, _| {
            session.phase().map(|_| {
                let url = embed_url(&frame_origin, session, &token);
                session.tokens.add(token, now);
                url
            })
        })?;
        let session = self.sessions.get(seq)?;
        Some(Response::success(200, Shown { embed_url, ..self.show(session) }))
    }

    /// Undocumented which fields the items have: all of Get's but `embedUrl`, so that listing makes no tokens.
    fn list(&self, request: &Request) -> Response {
        let page = match validate::page(request) {
            Ok(page) => page,
            Err(problems) => return Response::invalid(problems),
        };
        let matches = |session: &&Session| page.status.as_ref().is_none_or(|status| *status == session.status());
        let total = self.sessions.newest().filter(matches).count() as u64;
        let skipped = usize::try_from(page.offset).unwrap_or(usize::MAX);
        // At most 100.
        let shown = self.sessions.newest().filter(matches).skip(skipped).take(page.limit as usize);
        let sessions = shown.map(|session| self.show(session)).collect();
        Response::success(200, SessionList { sessions, total, limit: page.limit, offset: page.offset })
    }

    fn show(&self, session: &Session) -> Shown {
        let settings = &self.settings;
        // http becomes ws, and https becomes wss.
        let stream_origin = settings.frame_origin.replacen("http", "ws", 1);
        session.show(&settings.origin, &stream_origin, self.now, self.sessions.pace())
    }

    fn new_embed_url(&mut self, session: &mut Session) -> String {
        let token = self.random.secret();
        let url = embed_url(&self.settings.frame_origin, session, &token);
        session.tokens.add(token, self.now);
        url
    }
}

fn embed_url(frame_origin: &str, session: &Session, token: &str) -> String {
    format!("{frame_origin}/verify/{}?token={token}", session.id)
}

/// `x-api-key`, or else `Authorization: Bearer`.
fn presented_key(headers: &Headers) -> Option<&str> {
    let bearer = || {
        let (scheme, key) = headers.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    };
    headers.api_key.as_deref().or_else(bearer)
}

fn too_many_requests() -> Response {
    let error = format!("More than {RATE_LIMIT_REQUESTS} requests in {RATE_LIMIT_WINDOW_SECS} seconds");
    Response::json(429, &json!({ "statusCode": 429, "message": reason(429), "error": error }))
}
