//! The frame page: opened once for each token, then driven by a stream of what to show and what the user did.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::World;
use super::faults::{Kind, MAX_DELAY, Target};
use super::http::{Request, Response};
use super::lifecycle::{Pace, Phase};
use super::session::{EndKind, Session};
use super::sessions::Seq;
use super::{page, spoil};
use crate::users::{self, Ask, FrameTrouble, Outcome};

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
    /// A security question.
    Question,
    /// The list of accounts.
    Account,
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

/// What the stream says whenever it changes.
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
    /// The question, when that is the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The accounts to choose from, when that is the step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// A message of the page. Deliberately without `Debug`: it holds what was typed.
#[derive(Deserialize)]
struct Message {
    /// Comes back in the reply.
    id: u64,
    #[serde(flatten)]
    action: Action,
}

/// What a user can do.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Action {
    SignIn {
        username: String,
        password: String,
    },
    Code {
        code: String,
    },
    Answer {
        answer: String,
    },
    /// The account's place in the list, from 0.
    Account {
        account: usize,
    },
    Cancel,
    /// Nothing; the reply says how things are.
    Look,
}

/// Why a stream is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The key is not that of the page that was opened last.
    Replaced,
    /// There is no such session (any more).
    Gone,
}

/// What becomes of one message of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// It is held back.
    pub(crate) delay: Millis,
    /// The stream is cut after it.
    pub(crate) cut: bool,
}

impl World {
    /// `GET /verify/{id}?token=…`: the page, once for each token. Opening it connects the user.
    pub(super) fn open_page(&mut self, id: &str, request: &Request) -> Response {
        let faults = self.faults.draw(Target::Page);
        let mut response = spoil::refusal(&faults).unwrap_or_else(|| self.page(id, request));
        spoil::spoil(&mut response, &faults, self.now);
        response
    }

    fn page(&mut self, id: &str, request: &Request) -> Response {
        let parents = &self.settings.parent_origins;
        let Some(seq) = self.sessions.find(id) else { return page::unknown_link(parents) };
        let (now, key) = (self.now, self.random.secret());
        let token = request.query_value("token").unwrap_or_default();
        let opened = self.change(seq, now, |session, _| {
            if !session.tokens.spend(&token, now) {
                return false;
            }
            if session.user.frame == Some(FrameTrouble::NeverLoads) {
                return true;
            }
            session.frame_key = Some(key);
            if session.phase().is_some_and(|phase| phase == Phase::Ready && !session.is_stuck_in(phase))
                && session.status() == SessionStatus::Ready
            {
                session.enter(Phase::Connected, now);
            }
            true
        });
        let parents = &self.settings.parent_origins;
        match (opened, self.sessions.get(seq)) {
            (Some(true), Some(session)) if session.user.frame == Some(FrameTrouble::NeverLoads) => {
                Response { delay: Millis(MAX_DELAY), ..page::unknown_link(parents) }
            }
            (Some(true), Some(session)) => page::verify(session, &self.settings),
            (_, Some(session)) if session.end().is_some() => page::ended(parents),
            _ => page::spent_link(parents),
        }
    }

    /// Begins a stream for the page that has `key`.
    pub(crate) fn open_stream(&mut self, id: &str, key: &str, now: UnixMillis) -> Result<(), StreamEnd> {
        self.advance(now);
        let seq = self.with_frame_key(id, key)?;
        self.sessions.change(seq, |session, _| session.streams += 1).ok_or(StreamEnd::Gone)
    }

    /// What the page with `key` should show now, and how often its stream was to be cut so far.
    pub(crate) fn frame_state(&mut self, id: &str, key: &str, now: UnixMillis) -> Result<(FrameState, u32), StreamEnd> {
        self.advance(now);
        let seq = self.with_frame_key(id, key)?;
        let session = self.sessions.get(seq).ok_or(StreamEnd::Gone)?;
        Ok((frame_state(session, self.now, self.sessions.pace()), session.cuts))
    }

    /// Does what a message of the page says, and gives the reply, both JSON: `{"id": 1, "type": "signIn", …}` and
    /// `{"re": 1, "status": 200, "state": …}`.
    ///
    /// # Errors
    /// When `key` is not that of the page that was opened last.
    pub fn frame_message(&mut self, id: &str, key: &str, text: &str, now: UnixMillis) -> Result<String, StreamEnd> {
        self.advance(now);
        let seq = self.with_frame_key(id, key)?;
        // The parser's own message could quote what was typed.
        let Ok(Message { id: number, action }) = serde_json::from_str(text) else {
            return Ok(refusal(None, 400, "The message is none, or misses a field"));
        };
        if !matches!(action, Action::Look) && !self.act(seq, action) {
            return Ok(refusal(Some(number), 409, "This is not asked for now"));
        }
        let session = self.sessions.get(seq).ok_or(StreamEnd::Gone)?;
        let state = frame_state(session, self.now, self.sessions.pace());
        Ok(json!({ "re": number, "status": 200, "state": state }).to_string())
    }

    /// What becomes of the next message of a session's stream.
    pub(crate) fn stream_fate(&mut self, id: &str, is_first: bool) -> Fate {
        let session = self.sessions.find(id).and_then(|seq| self.sessions.get(seq));
        let drops = session.is_some_and(|session| session.user.frame == Some(FrameTrouble::Drops));
        let start = Fate { delay: Millis(0), cut: drops && !is_first };
        self.faults.draw(Target::Stream).iter().fold(start, |fate, kind| match kind {
            Kind::Delay { millis } => Fate { delay: fate.delay + Millis(*millis), ..fate },
            Kind::Cut { .. } => Fate { cut: true, ..fate },
            _ => fate,
        })
    }

    /// Does `action`; false when it is not asked for.
    fn act(&mut self, seq: Seq, action: Action) -> bool {
        let now = self.now;
        let done = self.change(seq, now, |session, pace| {
            let next = match (action, session.phase()) {
                (Action::Cancel, Some(_)) => {
                    session.finish_as(Outcome::Cancelled, None, now, pace);
                    return true;
                }
                (Action::SignIn { username, password }, Some(Phase::SignIn { refusals })) => {
                    sign_in(session, &username, &password, refusals)
                }
                (action, Some(Phase::Asking { ask, answered, .. })) => {
                    let Some(right) = is_right(session, ask, &action) else { return false };
                    if right && session.user.stuck_at != Some(SessionStatus::AwaitingUser) {
                        Phase::Checking { answered: answered + 1 }
                    } else {
                        Phase::Asking { ask, answered, refused: true }
                    }
                }
                _ => return false,
            };
            session.enter(next, now);
            true
        });
        done == Some(true)
    }

    /// The session, when `key` is that of the page that was opened last.
    fn with_frame_key(&self, id: &str, key: &str) -> Result<Seq, StreamEnd> {
        let seq = self.sessions.find(id).ok_or(StreamEnd::Gone)?;
        let known = self.sessions.get(seq).and_then(|session| session.frame_key.as_ref());
        match known {
            Some(known) if bool::from(known.as_bytes().ct_eq(key.as_bytes())) => Ok(seq),
            _ => Err(StreamEnd::Replaced),
        }
    }
}

fn refusal(number: Option<u64>, status: u16, message: &str) -> String {
    json!({ "re": number, "status": status, "message": message }).to_string()
}

/// What a try to sign in leads to. Nothing of what was typed is kept but whom it stands for.
fn sign_in(session: &mut Session, username: &str, password: &str, refusals: u8) -> Phase {
    match users::find(username) {
        Some(user) if !password.is_empty() && refusals >= user.refusals => {
            session.user = user;
            Phase::Checking { answered: 0 }
        }
        _ => Phase::SignIn { refusals: refusals.saturating_add(1) },
    }
}

/// Whether `action` answers `ask` rightly; `None` when it is no answer to it.
fn is_right(session: &Session, ask: Ask, action: &Action) -> Option<bool> {
    let user = session.user;
    match (ask, action) {
        (Ask::Code, Action::Code { code }) => Some(user.code.as_deref() == Some(code.trim())),
        (Ask::Question, Action::Answer { answer }) => {
            let right = |question: &users::Question| question.answer.eq_ignore_ascii_case(answer.trim());
            Some(user.question.as_ref().is_some_and(right))
        }
        (Ask::Account, Action::Account { account }) => Some(*account < user.accounts.len()),
        _ => None,
    }
}

fn frame_state(session: &Session, now: UnixMillis, pace: Pace) -> FrameState {
    let step = step(session);
    let refused = match session.phase() {
        Some(Phase::SignIn { refusals }) => refusals > 0,
        Some(Phase::Asking { refused, .. }) => refused,
        _ => false,
    };
    let question = session.user.question.as_ref().filter(|_| step == Step::Question);
    FrameState {
        step,
        status: session.status(),
        progress: session.progress(now, pace),
        refused,
        question: question.map(|question| question.text.clone()),
        accounts: if step == Step::Account { session.user.accounts.clone() } else { Vec::new() },
    }
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
        Phase::Checking { .. } => Step::Checking,
        Phase::Asking { ask: Ask::Code, .. } => Step::Code,
        Phase::Asking { ask: Ask::Question, .. } => Step::Question,
        Phase::Asking { ask: Ask::Account, .. } => Step::Account,
        Phase::Collecting => Step::Reading,
        Phase::Verifying => Step::Verifying,
    }
}
