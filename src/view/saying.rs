//! Status text for each state of the engine.

use cr3dentials_core::engine::{Connection, EndReason, FailureKind, FrameView, Stage, View};
use cr3dentials_core::wire::SessionStatus;

use super::words::{self, Saying, Words};

/// Color of the status, which always has words and an icon too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Working,
    YourTurn,
    Good,
    Attention,
    Bad,
}

impl Tone {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::YourTurn => "your-turn",
            Self::Good => "good",
            Self::Attention => "attention",
            Self::Bad => "bad",
        }
    }
}

/// Title, the line below it, and their tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) title: String,
    pub(crate) line: String,
    pub(crate) tone: Tone,
}

/// Returns the status text for `view`.
///
/// `by_click`: true if there is a platform and the user only has to start.
pub(crate) fn say(view: &View, words: &Words, by_click: bool) -> Said {
    if view.stage == Stage::Creating && view.connection == Connection::Busy {
        let line = view.retry_secs.map(|secs| words.count(words::TRYING_AGAIN, secs)).unwrap_or_default();
        return Said { title: words.fill(words::BUSY), line, tone: Tone::Attention };
    }
    let ((title, line), tone) = match view.stage {
        Stage::Idle if by_click => (words::BEFORE_START, Tone::YourTurn),
        _ => saying(view),
    };
    Said { title: words.fill(title), line: words.fill(line), tone }
}

fn saying(view: &View) -> (Saying, Tone) {
    match &view.stage {
        Stage::Idle => (words::PICK, Tone::YourTurn),
        Stage::NotStarted(FailureKind::Forbidden) => (words::NOT_ALLOWED, Tone::Bad),
        Stage::NotStarted(_) => (words::COULD_NOT_START, Tone::Bad),
        Stage::Ended(end) => ended(&end.reason),
        Stage::Creating | Stage::Live | Stage::Destroyed => under_way(view),
    }
}

/// Problems take precedence over progress.
fn under_way(view: &View) -> (Saying, Tone) {
    match view {
        View { elsewhere: true, .. } => (words::ELSEWHERE, Tone::Attention),
        View { connection: Connection::Offline, .. } => (words::OFFLINE, Tone::Attention),
        View { stalled: true, status: None, .. } => (words::NOT_FOUND, Tone::Bad),
        View { stalled: true, .. } => (words::STALLED, Tone::Bad),
        View { connection: Connection::Reconnecting, .. } => (words::RECONNECTING, Tone::Attention),
        View { frame: FrameView::Blocked, .. } => (words::FRAME_BLOCKED, Tone::Attention),
        View { frame: FrameView::Unavailable, .. } => (words::NO_FRAME, Tone::Attention),
        View { slow: true, .. } => (words::SLOW, Tone::Attention),
        View { status: Some(status), .. } => lifecycle(status),
        View { status: None, .. } => (words::OPENING, Tone::Working),
    }
}

fn lifecycle(status: &SessionStatus) -> (Saying, Tone) {
    match status {
        SessionStatus::Created | SessionStatus::Initializing => (words::OPENING, Tone::Working),
        SessionStatus::Ready => (words::READY, Tone::YourTurn),
        SessionStatus::Connected | SessionStatus::LoadingTree => (words::CONNECTED, Tone::Working),
        SessionStatus::AwaitingUser => (words::AWAITING_USER, Tone::YourTurn),
        SessionStatus::Running => (words::RUNNING, Tone::Working),
        SessionStatus::CollectingData => (words::COLLECTING, Tone::Working),
        SessionStatus::Verifying => (words::VERIFYING, Tone::Working),
        _ => (words::UNKNOWN, Tone::Working),
    }
}

fn ended(reason: &EndReason) -> (Saying, Tone) {
    match reason {
        EndReason::Completed => (words::COMPLETED, Tone::Good),
        EndReason::Partial => (words::PARTIAL, Tone::Attention),
        EndReason::Failed { code: Some(_) } => (words::FAILED, Tone::Bad),
        EndReason::Failed { code: None } => (words::FAILED_WITHOUT_CODE, Tone::Bad),
        EndReason::Cancelled | EndReason::Closed => (words::CANCELLED, Tone::Attention),
        EndReason::Expired => (words::EXPIRED, Tone::Attention),
        EndReason::Terminated => (words::TERMINATED, Tone::Bad),
    }
}
