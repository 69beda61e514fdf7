//! `/sandbox/…`: what tests and people use to drive the sandbox. Not part of the Partner API.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use serde_json::{Value, json};

use super::http::{Method, Request, Response};
use super::lifecycle::Pace;
use super::session::{EndKind, Session};
use super::{Switches, World};
use crate::users::Outcome;

/// The furthest one jump of the clock goes, in seconds: about a year.
const MAX_JUMP_SECS: f64 = 366.0 * 86_400.0;

/// The sessions and deliveries listed at most.
const MAX_LISTED: usize = 500;

/// The longest status that can be forced, in bytes.
const MAX_STATUS_LENGTH: usize = 64;

impl World {
    /// Answers a control route. Only a loopback `Host` is let in, so that no web page can reach it by a name of its own.
    pub(super) fn control(&mut self, method: Method, path: &[&str], request: &Request) -> Response {
        if !request.headers.host.as_deref().is_some_and(is_loopback_host) {
            return Response::error(403, "The control routes answer on a loopback address only");
        }
        match (method, path) {
            (Method::Get, ["sessions"]) => self.list_control_sessions(),
            (Method::Get, ["webhooks"]) => {
                Response::json(200, &self.webhooks.log().take(MAX_LISTED).collect::<Vec<_>>())
            }
            (Method::Post, _) => match request.json() {
                Ok(body) => self.command(path, &body),
                Err(response) => response,
            },
            _ => Response::error(404, "Not Found"),
        }
    }

    fn command(&mut self, path: &[&str], body: &Value) -> Response {
        match path {
            ["clock"] => self.move_clock(body),
            ["settings"] => self.set_switches(body),
            ["sessions", id, "terminate"] => self.on_live(id, |session, now, pace| {
                session.finish(EndKind::Terminated, now, pace);
            }),
            ["sessions", id, "status"] => self.force_status(id, body),
            _ => Response::error(404, "Not Found"),
        }
    }

    /// Moves the clock ahead; everything that falls due is played, each at its own time.
    fn move_clock(&mut self, body: &Value) -> Response {
        let Some(seconds) = body["advanceSecs"].as_f64().filter(|seconds| (0.0..=MAX_JUMP_SECS).contains(seconds))
        else {
            return Response::invalid(vec![format!("advanceSecs must be a number from 0 to {MAX_JUMP_SECS}")]);
        };
        // Bounded just above, so the cast loses only the fraction.
        let jump = Millis((seconds * 1000.0) as u64);
        let callers_now = self.now - self.ahead;
        self.ahead = self.ahead + jump;
        self.advance(callers_now);
        Response::json(200, &json!({ "now": self.now }))
    }

    fn set_switches(&mut self, body: &Value) -> Response {
        let mut switches = self.switches;
        match &body["dropWebhooks"] {
            Value::Null => {}
            Value::Bool(drop) => switches.drop_webhooks = *drop,
            _ => return Response::invalid(vec!["dropWebhooks must be true or false".to_owned()]),
        }
        match body.get("upstreamError") {
            None => {}
            Some(Value::Null) => switches.upstream_error = None,
            Some(value) => match value.as_u64().filter(|status| (400..=599).contains(status)) {
                // At most 599.
                Some(status) => switches.upstream_error = Some(status as u16),
                None => return Response::invalid(vec!["upstreamError must be null or from 400 to 599".to_owned()]),
            },
        }
        self.switches = switches;
        let Switches { drop_webhooks, upstream_error } = switches;
        Response::json(200, &json!({ "dropWebhooks": drop_webhooks, "upstreamError": upstream_error }))
    }

    /// A terminal status ends the session. Any other one is shown, and the session stands still, until null is sent
    /// or the user acts.
    fn force_status(&mut self, id: &str, body: &Value) -> Response {
        let status = match &body["status"] {
            Value::Null => None,
            Value::String(name) if (1..=MAX_STATUS_LENGTH).contains(&name.len()) => {
                Some(SessionStatus::from_name(name))
            }
            _ => return Response::invalid(vec!["status must be null or a text of 1 to 64 bytes".to_owned()]),
        };
        self.on_live(id, |session, now, pace| match status {
            Some(SessionStatus::Completed) => session.finish_as(Outcome::Completed, now, pace),
            Some(SessionStatus::PartialComplete) => session.finish_as(Outcome::Partial, now, pace),
            Some(SessionStatus::Error) => session.finish_as(Outcome::Failed, now, pace),
            Some(SessionStatus::Cancelled) => session.finish_as(Outcome::Cancelled, now, pace),
            Some(SessionStatus::Terminated) => session.finish(EndKind::Terminated, now, pace),
            other => session.hold(other, now),
        })
    }

    /// Does `act` to a live session: 404 without one, 409 once it has ended.
    fn on_live(&mut self, id: &str, act: impl FnOnce(&mut Session, UnixMillis, Pace)) -> Response {
        let Some(seq) = self.sessions.find(id) else { return Response::error(404, "There is no such session") };
        let now = self.now;
        let acted = self.change(seq, now, |session, pace| {
            let live = session.end().is_none();
            // Without effect on one that has ended: a session sees to that itself.
            act(session, now, pace);
            live
        });
        match (acted, self.sessions.get(seq)) {
            (Some(true), Some(session)) => Response::json(200, &self.describe(session)),
            _ => Response::error(409, "The session has ended and never changes again"),
        }
    }

    fn list_control_sessions(&self) -> Response {
        let sessions: Vec<Value> =
            self.sessions.newest().take(MAX_LISTED).map(|session| self.describe(session)).collect();
        Response::json(200, &json!({ "now": self.now, "sessions": sessions }))
    }

    /// A session without anything secret: no token, no key, no data, no webhook address.
    fn describe(&self, session: &Session) -> Value {
        json!({
            "sessionId": session.id,
            "status": session.status(),
            "progress": session.progress(self.now, self.sessions.pace()),
            "platformId": session.platform.id,
            "createdAt": session.created_at,
            "expiresAt": session.expires_at,
            "completedAt": session.end().map(|end| end.at),
            "pageOpened": session.frame_key.is_some(),
            "hasWebhook": session.webhook_url.is_some(),
        })
    }
}

/// Whether a `Host` header names this machine by a loopback address, whatever the port.
fn is_loopback_host(host: &str) -> bool {
    let Ok(url) = url::Url::parse(&format!("http://{host}/")) else { return false };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_hosts_are_let_in() {
        for host in ["127.0.0.1", "127.0.0.1:7071", "localhost:80", "[::1]:7071"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7071", "10.0.0.1"] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
