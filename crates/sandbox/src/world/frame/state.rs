//! State of the frame page, derived from its session.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::SessionStatus;
use serde::{Deserialize, Serialize};

use crate::users::Challenge;
use crate::world::session::{EndKind, Pace, Phase, Session};

/// View that the frame page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// The remote browser is starting.
    Starting,
    /// The platform's page is loading.
    Opening,
    /// Sign-in form.
    SignIn,
    /// The user's input is being checked.
    Checking,
    /// Form for a one-time code.
    Code,
    /// Security question.
    Question,
    /// List of accounts to choose from.
    Account,
    /// Account data is being read.
    Reading,
    /// The attestation is being made.
    Verifying,
    /// Ended as `COMPLETED`.
    Completed,
    /// Ended as `PARTIAL_COMPLETE`.
    Partial,
    /// Ended as `ERROR`.
    Failed,
    /// Ended as `CANCELLED`.
    Cancelled,
    /// Ended as `TERMINATED`.
    Terminated,
}

/// State of the frame page, sent on the stream whenever it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameState {
    /// View to show.
    pub step: Step,
    /// Status of the session.
    pub status: SessionStatus,
    /// Progress in percent.
    pub progress: u8,
    /// True if the last input to the current form was refused.
    pub refused: bool,
    /// Text of the security question; present only with [`Step::Question`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Accounts to choose from; empty except with [`Step::Account`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// Returns the state of the page at `now`.
pub(super) fn frame_state(session: &Session, now: UnixMillis, pace: Pace) -> FrameState {
    let step = step(session);
    let refused = match session.phase() {
        Some(Phase::SignIn { refusals }) => refusals > 0,
        Some(Phase::Challenge { refused, .. }) => refused,
        _ => false,
    };
    let question = session.user().question.as_ref().filter(|_| step == Step::Question);
    FrameState {
        step,
        status: session.status(),
        progress: session.progress(now, pace),
        refused,
        question: question.map(|question| question.text.clone()),
        accounts: if step == Step::Account { session.user().accounts.clone() } else { Vec::new() },
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
        Phase::Challenge { challenge: Challenge::Code, .. } => Step::Code,
        Phase::Challenge { challenge: Challenge::Question, .. } => Step::Question,
        Phase::Challenge { challenge: Challenge::Account, .. } => Step::Account,
        Phase::Collecting => Step::Reading,
        Phase::Verifying => Step::Verifying,
    }
}
