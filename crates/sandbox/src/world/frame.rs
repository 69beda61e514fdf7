//! What the frame page asks: what to show, and what the user did.

use cr3dentials_core::wire::SessionStatus;
use serde::{Deserialize, Serialize};

use super::World;
use super::http::{Request, Response};
use super::lifecycle::{Pace, Phase};
use super::page;
use super::session::{EndKind, Session};
use super::sessions::Seq;
use crate::users::{self, Outcome};

/// What the frame page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// The browser is not there yet.
    Starting,
    /// The platform's page is loading.
    Opening,
    /// The sign-in form.
    SignIn,
    /// What was typed is being checked.
    Checking,
    /// The form for a one-time code.
    Code,
    /// Details are being read.
    Reading,
    /// The attestation is being made.
    Verifying,
    /// The end: all is well.
    Completed,
    /// The end: some details were read.
    Partial,
    /// The end: it failed.
    Failed,
    /// The end: by the user.
    Cancelled,
    /// The end: by hand or by expiry.
    Terminated,
}

/// The answer to `GET /frame/{id}/state` and to every action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameState {
    /// What to show.
    pub step: Step,
    /// The session's status.
    pub status: SessionStatus,
    /// Progress in per cent.
    pub progress: u8,
    /// Whether the last try at the form that is shown was refused.
    pub refused: bool,
}

/// What a user can do. Deliberately without `Debug`: it holds what was typed.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Action {
    SignIn { username: String, password: String },
    Code { code: String },
    Cancel,
}

impl World {
    /// `GET /verify/{id}?token=…`: the page, once for each token. Opening it connects the user.
    pub(super) fn open_page(&mut self, id: &str, request: &Request) -> Response {
        let parents = &self.settings.parent_origins;
        let Some(seq) = self.sessions.find(id) else { return page::unknown_link(parents) };
        let (now, key) = (self.now, self.random.secret());
        let token = request.query_value("token").unwrap_or_default();
        let opened = self.change(seq, now, |session, _| {
            if !session.tokens.spend(&token, now) {
                return false;
            }
            session.frame_key = Some(key);
            if session.phase() == Some(Phase::Ready) && session.status() == SessionStatus::Ready {
                session.enter(Phase::Connected, now);
            }
            true
        });
        let parents = &self.settings.parent_origins;
        match (opened, self.sessions.get(seq)) {
            (Some(true), Some(session)) => page::verify(session, parents),
            (_, Some(session)) if session.end().is_some() => page::ended(parents),
            _ => page::spent_link(parents),
        }
    }

    /// `GET /frame/{id}/state`.
    pub(super) fn frame_state(&mut self, id: &str, request: &Request) -> Response {
        match self.with_frame_key(id, request) {
            Ok(seq) => self.show_frame(seq),
            Err(response) => response,
        }
    }

    /// `POST /frame/{id}/actions`.
    pub(super) fn frame_action(&mut self, id: &str, request: &Request) -> Response {
        let (seq, body) = match (self.with_frame_key(id, request), request.json()) {
            (Ok(seq), Ok(body)) => (seq, body),
            (Err(response), _) | (_, Err(response)) => return response,
        };
        // The parser's own message could quote what was typed.
        let Ok(action) = serde_json::from_value(body) else {
            return Response::error(400, "type must be signIn, code or cancel, with the fields that belong to it");
        };
        let now = self.now;
        let done = self.change(seq, now, |session, pace| {
            let phase = session.phase();
            let next = match (action, phase) {
                (Action::Cancel, Some(_)) => {
                    session.finish_as(Outcome::Cancelled, now, pace);
                    return true;
                }
                (Action::SignIn { username, password }, Some(Phase::SignIn { .. })) => sign_in(&username, &password),
                (Action::Code { code }, Some(Phase::Code { user, .. })) => {
                    if user.code.as_deref() == Some(code.trim()) {
                        Phase::CheckingCode { user }
                    } else {
                        Phase::Code { user, refused: true }
                    }
                }
                _ => return false,
            };
            session.enter(next, now);
            true
        });
        match done {
            Some(true) => self.show_frame(seq),
            _ => Response::error(409, "This is not asked for now"),
        }
    }

    /// The session, when the request carries the key of the page that was opened last.
    fn with_frame_key(&self, id: &str, request: &Request) -> Result<Seq, Response> {
        let seq = self.sessions.find(id).ok_or_else(|| Response::error(404, "There is no such session"))?;
        let key = self.sessions.get(seq).and_then(|session| session.frame_key.as_ref());
        if key.is_some() && key == request.headers.frame_key.as_ref() {
            Ok(seq)
        } else {
            Err(Response::error(403, "This page is not the one that was opened last"))
        }
    }

    fn show_frame(&self, seq: Seq) -> Response {
        match self.sessions.get(seq) {
            Some(session) => Response::json(200, &frame_state(session, self.now, self.sessions.pace())),
            None => Response::error(404, "There is no such session"),
        }
    }
}

/// What a try to sign in leads to. Nothing of what was typed is kept.
fn sign_in(username: &str, password: &str) -> Phase {
    match users::find(username) {
        Some(user) if !password.is_empty() => Phase::CheckingPassword { user },
        _ => Phase::SignIn { refused: true },
    }
}

fn frame_state(session: &Session, now: cr3dentials_core::time::UnixMillis, pace: Pace) -> FrameState {
    let refused = matches!(session.phase(), Some(Phase::SignIn { refused: true } | Phase::Code { refused: true, .. }));
    FrameState { step: step(session), status: session.status(), progress: session.progress(now, pace), refused }
}

fn step(session: &Session) -> Step {
    let Some(phase) = session.phase() else {
        return match session.end().map(|end| &end.kind) {
            Some(EndKind::Completed { .. }) => Step::Completed,
            Some(EndKind::Partial { .. }) => Step::Partial,
            Some(EndKind::Failed { .. }) => Step::Failed,
            Some(EndKind::Cancelled) => Step::Cancelled,
            Some(EndKind::Terminated) | None => Step::Terminated,
        };
    };
    match phase {
        Phase::Created | Phase::Initializing | Phase::Ready => Step::Starting,
        Phase::Connected | Phase::LoadingTree | Phase::Opening => Step::Opening,
        Phase::SignIn { .. } => Step::SignIn,
        Phase::CheckingPassword { .. } | Phase::CheckingCode { .. } => Step::Checking,
        Phase::Code { .. } => Step::Code,
        Phase::Collecting { .. } => Step::Reading,
        Phase::Verifying { .. } => Step::Verifying,
    }
}
