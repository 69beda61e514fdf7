//! Requests for a frame's URL that fail.

use cr3dentials_core::engine::{FailureKind, FrameView, View};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Connected, Ready, Running};

use crate::engine::scenario::{Action, SESSION, Scenario};

const TEMPORARY: [FailureKind; 4] =
    [FailureKind::Network, FailureKind::Server, FailureKind::RateLimited, FailureKind::BadResponse];

const FINAL: [FailureKind; 4] =
    [FailureKind::Forbidden, FailureKind::NotFound, FailureKind::Refused, FailureKind::ContractVersion];

/// A session whose frame was moved in the page, so that another is requested.
fn without_frame() -> Scenario {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.frame_is_moved();
    scenario
}

#[test]
fn temporary_failure_is_reported_once_and_retried_when_due() {
    for kind in TEMPORARY {
        let mut scenario = without_frame();
        scenario.url_fails(kind, Some(15_000));
        scenario.wait(15_000);
        scenario.url_fails(kind, Some(12_000));
        scenario.wait(12_000);
        assert_eq!(scenario.url_request_times(), [0, 15_000, 27_000], "{kind}");
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), true)]);
        assert_eq!(scenario.errors()[0].session_id.as_deref(), Some(SESSION));
        assert_eq!(scenario.view().frame, FrameView::None, "{kind}: still on its way");
        scenario.url_arrives();
        assert_eq!(scenario.view().frame, FrameView::Shown);
        // A success begins a new row.
        scenario.poll_returns(AwaitingUser, 20);
        scenario.frame_is_moved();
        scenario.wait(10_000);
        scenario.url_fails(kind, None);
        assert_eq!(scenario.errors().len(), 2, "{kind}");
    }
}

#[test]
fn failed_url_request_is_not_repeated_within_ten_seconds() {
    let mut scenario = without_frame();
    scenario.wait(1000);
    scenario.url_fails(FailureKind::Server, None);
    scenario.wait(30_000);
    assert_eq!(scenario.url_request_times()[..2], [0, 10_000]);
}

#[test]
fn server_that_names_a_time_is_not_waited_for_longer() {
    for (retry_after, next) in [(0, 1000), (3000, 3000), (15_000, 15_000)] {
        let mut scenario = without_frame();
        scenario.url_fails(FailureKind::RateLimited, Some(retry_after));
        scenario.wait(30_000);
        assert_eq!(scenario.url_request_times()[..2], [0, next]);
    }
}

#[test]
fn url_request_without_a_response_is_aborted_after_20_seconds() {
    let mut scenario = without_frame();
    scenario.wait(500);
    scenario.poll_returns(AwaitingUser, 20);
    scenario.wait(19_499);
    assert!(scenario.abort_times().is_empty());
    scenario.wait(1);
    assert_eq!(scenario.abort_times(), [20_000]);
    assert_eq!(scenario.error_codes(), [("network".to_owned(), true)]);
    scenario.wait(1000);
    assert_eq!(scenario.url_request_times().len(), 2, "and repeated within the first wait");
}

#[test]
fn final_failure_makes_the_frame_unavailable() {
    for kind in FINAL {
        let mut scenario = without_frame();
        scenario.url_fails(kind, None);
        assert_eq!(scenario.view().frame, FrameView::Unavailable, "{kind}");
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), false)]);
        scenario.wait(30_000);
        assert_eq!(scenario.url_request_times(), [0], "{kind}");
        assert!(scenario.end().is_none(), "{kind}: the session itself continues");
        // Each attempt of the user that fails is reported.
        scenario.remount();
        scenario.url_fails(kind, None);
        assert_eq!(scenario.error_codes().len(), 2, "{kind}");
    }
}

#[test]
fn final_failure_of_a_remount_keeps_the_frame() {
    for kind in FINAL {
        let mut scenario = Scenario::with_status(AwaitingUser);
        scenario.remount();
        scenario.url_fails(kind, None);
        assert_eq!(scenario.view().frame, FrameView::Shown, "{kind}");
        assert!(scenario.has_frame());
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), false)]);
    }
}

#[test]
fn final_failure_of_a_window_leaves_the_frame_as_it_is() {
    let mut waiting = Scenario::with_status(Ready);
    waiting.wait(20_000);
    waiting.url_fails(FailureKind::NotFound, None);
    assert_eq!(waiting.view().frame, FrameView::Shown);
    assert_eq!(waiting.view().window, None);
    waiting.wait(60_000);
    assert_eq!(waiting.url_request_times(), [20_000]);

    let mut blocked = Scenario::with_status(Connected);
    blocked.frame_is_blocked();
    blocked.url_fails(FailureKind::NotFound, None);
    assert_eq!(blocked.view().frame, FrameView::Blocked);
}

#[test]
fn window_that_cannot_be_offered_is_no_error() {
    for kind in TEMPORARY.into_iter().chain(FINAL) {
        for status in [Ready, AwaitingUser] {
            let mut scenario = Scenario::with_status(status.clone());
            scenario.wait(20_000);
            scenario.url_fails(kind, None);
            assert!(scenario.errors().is_empty(), "{status}: {kind}");
            assert_eq!(scenario.view().frame, FrameView::Shown);
        }
    }
}

#[test]
fn offer_is_withdrawn_before_its_url_arrives() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.wait(20_000);
    scenario.frame_sends_message();
    scenario.url_arrives();
    assert_eq!(scenario.view().window, None, "the user sees the frame");
}

#[test]
fn other_users_session_is_left_with_its_frame() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    scenario.remount();
    scenario.take_actions();
    scenario.url_fails(FailureKind::OtherUser, None);
    assert_eq!(
        scenario.take_actions(),
        [Action::Abort, Action::RemoveFrame, Action::Forget, Action::StartOver],
        "its poll and its frame go, in silence"
    );
    assert_eq!(*scenario.view(), View::default());
}
