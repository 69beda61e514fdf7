//! Control routes for a single session, and the lists of sessions and webhooks.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::SessionStatus;
use serde_json::{Value, json};

use crate::users::{self, Outcome};
use crate::world::World;
use crate::world::http::Response;
use crate::world::session::{EndKind, Pace, Session};
use crate::world::webhook::LogLine;

/// Maximum number of sessions and of webhook attempts listed.
const MAX_LISTED: usize = 500;

/// Maximum length of a forced status, in bytes.
const MAX_STATUS_LENGTH: usize = 64;

impl World {
    pub(super) fn list_sessions(&self) -> Vec<Value> {
        self.sessions.newest().take(MAX_LISTED).map(|session| self.describe(session)).collect()
    }

    pub(super) fn list_webhooks(&self) -> Vec<&LogLine> {
        self.webhooks.log().take(MAX_LISTED).collect()
    }

    pub(super) fn terminate(&mut self, id: &str) -> Response {
        self.on_live(id, |session, now, pace| session.finish(EndKind::Terminated, now, pace))
    }

    /// Forces a status. A terminal one ends the session. Any other one is shown and stops the session until null is sent
    /// or the user acts.
    pub(super) fn force_status(&mut self, id: &str, body: &Value) -> Response {
        let status = match &body["status"] {
            Value::Null => None,
            Value::String(name) if (1..=MAX_STATUS_LENGTH).contains(&name.len()) => {
                Some(SessionStatus::from_name(name))
            }
            _ => return Response::invalid(vec!["status must be null or a string of 1 to 64 bytes".to_owned()]),
        };
        self.on_live(id, |session, now, pace| {
            let outcome = match &status {
                Some(SessionStatus::Completed) => Outcome::Completed,
                Some(SessionStatus::PartialComplete) => Outcome::Partial,
                Some(SessionStatus::Error) => Outcome::Failed,
                Some(SessionStatus::Cancelled) => Outcome::Cancelled,
                Some(SessionStatus::Terminated) => Outcome::Terminated,
                _ => return session.hold(status, now),
            };
            session.finish_as(outcome, None, now, pace);
        })
    }

    /// Makes the session follow another test user from now on.
    pub(super) fn choose_user(&mut self, id: &str, body: &Value) -> Response {
        let Some(user) = body["name"].as_str().and_then(users::find) else {
            return Response::invalid(vec!["name must be the name of a test user".to_owned()]);
        };
        self.on_live(id, |session, now, _| session.follow(user, now))
    }

    pub(super) fn cut_stream(&mut self, id: &str) -> Response {
        self.on_live(id, |session, _, _| session.page.cut_streams())
    }

    /// Sends the webhook of an ended session again.
    pub(super) fn resend_webhook(&mut self, id: &str) -> Response {
        let Some(seq) = self.sessions.find(id) else { return no_such_session() };
        match self.sessions.get(seq) {
            Some(session) if session.end().is_some() && session.webhook.is_some() => {
                let described = self.describe(session);
                self.queue_webhook(seq, self.now);
                Response::json(200, &described)
            }
            _ => Response::error(409, "The session has not ended, or has no webhook"),
        }
    }

    /// Runs `act` on a live session. Responds 404 if the session is unknown and 409 if it has ended.
    fn on_live(&mut self, id: &str, act: impl FnOnce(&mut Session, UnixMillis, Pace)) -> Response {
        let Some(seq) = self.sessions.find(id) else { return no_such_session() };
        let now = self.now;
        let acted = self.change(seq, now, |session, pace| {
            let live = session.end().is_none();
            if live {
                act(session, now, pace);
            }
            live
        });
        match (acted, self.sessions.get(seq)) {
            (Some(true), Some(session)) => Response::json(200, &self.describe(session)),
            _ => Response::error(409, "The session has ended"),
        }
    }

    /// Describes a session without secrets: no token, key, data or webhook URL.
    fn describe(&self, session: &Session) -> Value {
        json!({
            "sessionId": session.id,
            "status": session.status(),
            "progress": session.progress(self.now, self.sessions.pace()),
            "platformId": session.platform.id,
            "user": session.user().name,
            "createdAt": session.created_at,
            "expiresAt": session.expires_at,
            "completedAt": session.end().map(|end| end.at),
            "pageOpened": session.page.is_open(),
            "streams": session.page.streams(),
            "hasWebhook": session.webhook.is_some(),
        })
    }
}

fn no_such_session() -> Response {
    Response::error(404, "Session not found")
}
