//! Stream of the frame page: its key, the user's actions and its faults.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use serde::Deserialize;
use serde_json::json;

use super::state::{FrameState, frame_state};
use crate::users::{self, Challenge, FrameTrouble, Outcome, TestUser};
use crate::world::World;
use crate::world::fault::{Kind, Target};
use crate::world::session::{Phase, Seq, Session};

/// Message from the page. Deliberately without `Debug`, because it holds the user's input.
#[derive(Deserialize)]
struct Message {
    /// Returned in the reply as `re`.
    id: u64,
    #[serde(flatten)]
    action: Action,
}

/// Action of the user.
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
    /// Zero-based index of the account in the list.
    Account {
        account: usize,
    },
    Cancel,
    /// No action; the reply holds the current state.
    Look,
}

/// Reason for which a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The key does not belong to the page opened last.
    Replaced,
    /// The session does not exist, or no longer does.
    Gone,
}

/// Faults that apply to one message of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamFaults {
    /// Delay before the message is sent.
    pub(crate) delay: Millis,
    /// True if the stream is cut after the message.
    pub(crate) cut: bool,
}

impl World {
    /// Opens a stream for the page that has `key`.
    pub(crate) fn open_stream(&mut self, id: &str, key: &str, now: UnixMillis) -> Result<(), StreamEnd> {
        self.advance(now);
        let seq = self.with_frame_key(id, key)?;
        self.sessions.change(seq, |session, _| session.page.add_stream()).ok_or(StreamEnd::Gone)
    }

    /// Returns the current state for the page with `key`, and the number of cuts requested so far.
    pub(crate) fn frame_state(&mut self, id: &str, key: &str, now: UnixMillis) -> Result<(FrameState, u32), StreamEnd> {
        self.advance(now);
        let seq = self.with_frame_key(id, key)?;
        let session = self.sessions.get(seq).ok_or(StreamEnd::Gone)?;
        Ok((frame_state(session, self.now, self.sessions.pace()), session.page.cuts()))
    }

    /// Processes a message from the page and returns the reply, both JSON: `{"id": 1, "type": "signIn", …}` and
    /// `{"re": 1, "status": 200, "state": …}`.
    ///
    /// # Errors
    /// Fails when `key` does not belong to the page opened last, or the session does not exist.
    pub fn frame_message(&mut self, id: &str, key: &str, text: &str, now: UnixMillis) -> Result<String, StreamEnd> {
        self.advance(now);
        let seq = self.with_frame_key(id, key)?;
        // The parser's message could quote the user's input, so it is not used.
        let Ok(Message { id: number, action }) = serde_json::from_str(text) else {
            return Ok(refusal(None, 400, "The message is invalid, or lacks a field"));
        };
        if !matches!(action, Action::Look) && !self.act(seq, action) {
            return Ok(refusal(Some(number), 409, "The page does not expect this action now"));
        }
        let session = self.sessions.get(seq).ok_or(StreamEnd::Gone)?;
        let state = frame_state(session, self.now, self.sessions.pace());
        Ok(json!({ "re": number, "status": 200, "state": state }).to_string())
    }

    /// Returns the faults that apply to the next message of a session's stream.
    pub(crate) fn stream_faults(&mut self, id: &str, is_first: bool) -> StreamFaults {
        let session = self.sessions.find(id).and_then(|seq| self.sessions.get(seq));
        let drops = session.is_some_and(|session| session.user().frame == Some(FrameTrouble::Drops));
        let start = StreamFaults { delay: Millis(0), cut: drops && !is_first };
        self.faults.sample(Target::Stream).iter().fold(start, |faults, kind| match kind {
            Kind::Delay { millis } => StreamFaults { delay: faults.delay + Millis(*millis), ..faults },
            Kind::Cut { .. } => StreamFaults { cut: true, ..faults },
            _ => faults,
        })
    }

    /// Performs `action`; returns false if the current step does not expect it.
    fn act(&mut self, seq: Seq, action: Action) -> bool {
        let now = self.now;
        let done = self.change(seq, now, |session, pace| {
            let next = match (action, session.phase()) {
                (Action::Cancel, Some(_)) => {
                    session.finish_as(Outcome::Cancelled, None, now, pace);
                    return true;
                }
                (Action::SignIn { username, password }, Some(Phase::SignIn { refusals })) => {
                    match accepted_user(&username, &password, refusals) {
                        Some(user) => {
                            session.sign_in(user, now);
                            return true;
                        }
                        None => Phase::SignIn { refusals: refusals.saturating_add(1) },
                    }
                }
                (action, Some(Phase::Challenge { challenge, passed, .. })) => {
                    let Some(correct) = is_correct(session, challenge, &action) else { return false };
                    if correct && session.user().stuck_at != Some(SessionStatus::AwaitingUser) {
                        Phase::Checking { passed: passed + 1 }
                    } else {
                        Phase::Challenge { challenge, passed, refused: true }
                    }
                }
                _ => return false,
            };
            session.enter(next, now);
            true
        });
        done == Some(true)
    }

    /// Finds the session if `key` belongs to the page opened last.
    fn with_frame_key(&self, id: &str, key: &str) -> Result<Seq, StreamEnd> {
        let seq = self.sessions.find(id).ok_or(StreamEnd::Gone)?;
        match self.sessions.get(seq) {
            Some(session) if session.page.has_key(key) => Ok(seq),
            _ => Err(StreamEnd::Replaced),
        }
    }
}

fn refusal(number: Option<u64>, status: u16, message: &str) -> String {
    json!({ "re": number, "status": status, "message": message }).to_string()
}

/// Returns the test user if the sign-in is accepted after `refusals` refused ones. Nothing else of the input is kept.
fn accepted_user(username: &str, password: &str, refusals: u8) -> Option<&'static TestUser> {
    users::find(username).filter(|user| !password.is_empty() && refusals >= user.refusals)
}

/// Returns true if `action` passes `challenge`; `None` if it is not the action that the challenge expects.
fn is_correct(session: &Session, challenge: Challenge, action: &Action) -> Option<bool> {
    let user = session.user();
    match (challenge, action) {
        (Challenge::Code, Action::Code { code }) => Some(user.code.as_deref() == Some(code.trim())),
        (Challenge::Question, Action::Answer { answer }) => {
            let matches = |question: &users::Question| question.answer.eq_ignore_ascii_case(answer.trim());
            Some(user.question.as_ref().is_some_and(matches))
        }
        (Challenge::Account, Action::Account { account }) => Some(*account < user.accounts.len()),
        _ => None,
    }
}
