//! Status text for each state of the engine.

use cr3dentials_core::engine::{Connection, EndReason, FailureKind, FrameView, Stage, View};
use cr3dentials_core::wire::SessionStatus::{self, AwaitingUser, Ready};

use crate::i18n::Localizer;
use crate::i18n::texts::{self, TitleAndLine};

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
pub(crate) struct StatusText {
    pub(crate) title: String,
    pub(crate) line: String,
    pub(crate) tone: Tone,
}

/// Returns the status text for `view`.
///
/// `start_screen`: true if the platform is known and the user only has to start.
pub(crate) fn status_text(view: &View, localizer: &Localizer, start_screen: bool) -> StatusText {
    if view.stage == Stage::Creating && view.connection == Connection::Busy {
        let line = view.retry_secs.map(|secs| localizer.count(texts::TRYING_AGAIN, secs)).unwrap_or_default();
        return StatusText { title: localizer.fill(texts::BUSY), line, tone: Tone::Attention };
    }
    let ((title, line), tone) = match view.stage {
        Stage::Idle if start_screen => (texts::BEFORE_START, Tone::YourTurn),
        _ => title_line_and_tone(view),
    };
    StatusText { title: localizer.fill(title), line: localizer.fill(line), tone }
}

fn title_line_and_tone(view: &View) -> (TitleAndLine, Tone) {
    match &view.stage {
        Stage::Idle => (texts::PICK, Tone::YourTurn),
        Stage::NotStarted(FailureKind::Forbidden) => (texts::NOT_ALLOWED, Tone::Bad),
        Stage::NotStarted(_) => (texts::COULD_NOT_START, Tone::Bad),
        Stage::Ended(end) => ended(&end.reason),
        Stage::Creating | Stage::Live | Stage::Destroyed => under_way(view),
    }
}

/// Problems take precedence over progress.
fn under_way(view: &View) -> (TitleAndLine, Tone) {
    match view {
        View { elsewhere: true, .. } => (texts::ELSEWHERE, Tone::Attention),
        View { connection: Connection::Offline, .. } => (texts::OFFLINE, Tone::Attention),
        View { stalled: true, status: None, .. } => (texts::NOT_FOUND, Tone::Bad),
        View { stalled: true, .. } => (texts::STALLED, Tone::Bad),
        View { connection: Connection::Reconnecting, .. } => (texts::RECONNECTING, Tone::Attention),
        View { connection: Connection::Slow, .. } => (texts::STILL_TRYING, Tone::Attention),
        View { frame: FrameView::Blocked, .. } => (texts::FRAME_BLOCKED, Tone::Attention),
        View { frame: FrameView::Unavailable, .. } => (texts::NO_FRAME, Tone::Attention),
        View { slow: true, .. } => (texts::SLOW, Tone::Attention),
        // There is no window to continue in yet.
        View { status: Some(Ready | AwaitingUser), frame: FrameView::None, .. } => (texts::OPENING, Tone::Working),
        View { status: Some(status), .. } => lifecycle(status),
        View { status: None, .. } => (texts::OPENING, Tone::Working),
    }
}

fn lifecycle(status: &SessionStatus) -> (TitleAndLine, Tone) {
    match status {
        SessionStatus::Created | SessionStatus::Initializing => (texts::OPENING, Tone::Working),
        Ready => (texts::READY, Tone::YourTurn),
        SessionStatus::Connected | SessionStatus::LoadingTree => (texts::CONNECTED, Tone::Working),
        AwaitingUser => (texts::AWAITING_USER, Tone::YourTurn),
        SessionStatus::Running => (texts::RUNNING, Tone::Working),
        SessionStatus::CollectingData => (texts::COLLECTING, Tone::Working),
        SessionStatus::Verifying => (texts::VERIFYING, Tone::Working),
        _ => (texts::UNKNOWN, Tone::Working),
    }
}

fn ended(reason: &EndReason) -> (TitleAndLine, Tone) {
    match reason {
        EndReason::Completed => (texts::COMPLETED, Tone::Good),
        EndReason::Partial => (texts::PARTIAL, Tone::Attention),
        EndReason::Failed { code: Some(_) } => (texts::FAILED, Tone::Bad),
        EndReason::Failed { code: None } => (texts::FAILED_WITHOUT_CODE, Tone::Bad),
        EndReason::Cancelled | EndReason::Closed => (texts::CANCELLED, Tone::Attention),
        EndReason::Expired => (texts::EXPIRED, Tone::Attention),
        EndReason::Terminated => (texts::TERMINATED, Tone::Bad),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn live(status: SessionStatus) -> View {
        View { stage: Stage::Live, status: Some(status), frame: FrameView::Shown, ..View::default() }
    }

    #[test]
    fn user_is_sent_to_the_window_only_if_there_is_one() {
        for (status, with_window) in [(Ready, texts::READY), (AwaitingUser, texts::AWAITING_USER)] {
            let shown = live(status);
            let waits = View { frame: FrameView::None, ..shown.clone() };
            assert_eq!(title_line_and_tone(&waits), (texts::OPENING, Tone::Working));
            assert_eq!(title_line_and_tone(&shown), (with_window, Tone::YourTurn));
        }
        let working = View { frame: FrameView::None, ..live(SessionStatus::Running) };
        assert_eq!(title_line_and_tone(&working).0, texts::RUNNING);
    }

    #[test]
    fn responses_of_others_are_shown_as_a_delay() {
        let slow = |view: View| title_line_and_tone(&View { connection: Connection::Slow, ..view }).0;
        assert_eq!(slow(live(AwaitingUser)), texts::STILL_TRYING);
        assert_eq!(slow(View { stage: Stage::Creating, ..View::default() }), texts::STILL_TRYING);
        assert_eq!(slow(View { stalled: true, ..live(SessionStatus::Running) }), texts::STALLED);
        let not_started = View { stage: Stage::NotStarted(FailureKind::Intermediary), ..View::default() };
        assert_eq!(title_line_and_tone(&not_started).0, texts::COULD_NOT_START);
    }
}
