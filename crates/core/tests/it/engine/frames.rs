//! The session's frame: one at a time, and never the same URL twice. A link to a new window is offered when the
//! frame is blocked or stays unused.

use cr3dentials_core::engine::{EmbedUrl, FailureKind, FrameView};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Connected, Initializing, Ready, Running};

use crate::engine::scenario::{Action, Scenario};

#[test]
fn shown_frame_is_reported_once_per_session() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    assert_eq!(scenario.event_times("ready"), [0]);
    scenario.remount();
    scenario.url_arrives();
    assert_eq!(scenario.frames_shown().len(), 2);
    assert_eq!(scenario.event_times("ready").len(), 1);
}

#[test]
fn moved_frame_is_removed_and_replaced() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.take_actions();
    scenario.frame_is_moved();
    assert_eq!(scenario.take_actions(), [Action::RemoveFrame, Action::RequestUrl]);
    assert_eq!(scenario.view().frame, FrameView::None);
    let url = scenario.url_arrives();
    assert_eq!(scenario.take_actions(), [Action::ShowFrame(url)]);
    assert_eq!(scenario.view().frame, FrameView::Shown);
}

#[test]
fn remounted_frame_stays_until_its_successor_is_there() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.take_actions();
    scenario.remount();
    assert_eq!(scenario.take_actions(), [Action::RequestUrl]);
    assert_eq!(scenario.view().frame, FrameView::Shown);
    let url = scenario.url_arrives();
    assert_eq!(scenario.take_actions(), [Action::RemoveFrame, Action::ShowFrame(url)]);
}

#[test]
fn url_requests_are_ten_seconds_apart() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.wait(3000);
    scenario.remount();
    scenario.wait(1000);
    scenario.url_arrives();
    scenario.remount();
    scenario.wait(20_000);
    assert_eq!(scenario.url_request_times(), [3000, 13_000]);
}

#[test]
fn two_remounts_share_a_request() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.remount();
    scenario.remount();
    scenario.wait(1000);
    scenario.url_arrives();
    scenario.frame_sends_message();
    scenario.wait(30_000);
    assert_eq!(scenario.url_request_times(), [0]);
}

#[test]
fn used_url_is_never_shown_again() {
    let mut moved = Scenario::with_status(AwaitingUser);
    moved.frame_is_moved();
    moved.used_url_arrives();
    assert_eq!(moved.view().frame, FrameView::Unavailable);
    assert_eq!(moved.error_codes(), [("bad-response".to_owned(), false)]);
    moved.wait(30_000);
    assert_eq!(moved.url_request_times(), [0], "another request would not help");
    // The user can still try.
    moved.remount();
    moved.url_arrives();
    assert_eq!(moved.view().frame, FrameView::Shown);

    let mut remounted = Scenario::with_status(AwaitingUser);
    remounted.remount();
    remounted.used_url_arrives();
    assert_eq!(remounted.view().frame, FrameView::Shown, "the old frame still works");
    assert!(remounted.errors().is_empty());
}

#[test]
fn unavailable_frame_is_not_requested_again_by_a_response() {
    let mut scenario = Scenario::resumed();
    scenario.poll_returns(AwaitingUser, 30);
    scenario.url_fails(FailureKind::NotFound, None);
    assert_eq!(scenario.view().frame, FrameView::Unavailable);
    scenario.wait(20_000);
    scenario.poll_returns(Running, 40);
    scenario.wait(20_000);
    assert_eq!(scenario.url_request_times(), [0]);
}

#[test]
fn frame_that_precedes_the_first_response_is_kept() {
    let mut scenario = Scenario::resumed();
    scenario.remount();
    scenario.url_arrives();
    scenario.wait(15_000);
    scenario.poll_returns(AwaitingUser, 30);
    scenario.wait(15_000);
    assert_eq!(scenario.frames_shown().len(), 1);
    assert_eq!(scenario.url_request_times(), [0]);
}

#[test]
fn first_response_does_not_request_a_frame_for_a_new_session() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.poll_returns(Running, 10);
    scenario.wait(30_000);
    assert!(scenario.url_request_times().is_empty());
}

#[test]
fn new_window_is_offered_after_20_seconds_of_ready() {
    let mut scenario = Scenario::with_status(Connected);
    scenario.wait(5000);
    scenario.poll_returns(Ready, 10);
    scenario.wait(19_999);
    assert!(scenario.url_request_times().is_empty());
    scenario.wait(1);
    assert_eq!(scenario.url_request_times(), [25_000]);
    let url = scenario.url_arrives();
    assert_eq!(scenario.view().window, Some(EmbedUrl(url)));
    assert_eq!(scenario.view().frame, FrameView::Shown, "the frame stays");
    assert_eq!(scenario.frames_shown().len(), 1);
    // While the session waits, the offer stands, and no other is made.
    scenario.wait(30_000);
    assert!(scenario.view().window.is_some());
    assert_eq!(scenario.url_request_times(), [25_000]);
    scenario.poll_returns(Connected, 20);
    assert_eq!(scenario.view().window, None, "the user is there");
    scenario.wait(2000);
    scenario.poll_returns(Ready, 20);
    let again = scenario.now();
    scenario.wait(20_000);
    scenario.url_arrives();
    scenario.wait(60_000);
    assert_eq!(scenario.url_request_times(), [25_000, again + 20_000], "one offer each time");
}

#[test]
fn no_window_is_offered_while_the_user_need_not_act() {
    for status in [Initializing, Connected, Running] {
        let mut scenario = Scenario::with_status(status.clone());
        scenario.wait(60_000);
        assert!(scenario.url_request_times().is_empty(), "{status}");
    }
}

#[test]
fn window_is_offered_where_the_frame_sends_nothing() {
    let mut scenario = Scenario::with_status(Running);
    scenario.frame_loads();
    scenario.wait(5000);
    scenario.poll_returns(AwaitingUser, 30);
    scenario.wait(19_999);
    assert!(scenario.url_request_times().is_empty());
    scenario.wait(1);
    assert_eq!(scenario.url_request_times(), [25_000], "a blocked frame fires load too");
    let url = scenario.url_arrives();
    assert_eq!(scenario.view().window, Some(EmbedUrl(url)));
    assert_eq!(scenario.view().frame, FrameView::Shown, "it may work all the same");
    scenario.wait(60_000);
    assert_eq!(scenario.url_request_times(), [25_000]);
    scenario.frame_sends_message();
    assert_eq!(scenario.view().window, None, "the user sees the frame");
    scenario.wait(60_000);
    assert_eq!(scenario.url_request_times(), [25_000]);
    // A new frame has yet to show that it is alive.
    scenario.remount();
    scenario.url_arrives();
    let shown = scenario.now();
    scenario.wait(20_000);
    assert_eq!(scenario.url_request_times().last(), Some(&(shown + 20_000)));
    assert_eq!(scenario.frames_shown().len(), 2);
}

#[test]
fn window_is_not_offered_where_the_frame_has_sent_something() {
    for before_the_users_turn in [true, false] {
        let mut scenario = Scenario::with_status(Running);
        scenario.wait(500);
        if before_the_users_turn {
            scenario.frame_sends_message();
            scenario.wait(500);
        }
        scenario.poll_returns(AwaitingUser, 30);
        if !before_the_users_turn {
            scenario.wait(19_000);
            scenario.frame_sends_message();
        }
        scenario.wait(120_000);
        assert!(scenario.url_request_times().is_empty());
    }
}

#[test]
fn link_of_a_blocked_frame_is_not_replaced() {
    for status in [Ready, AwaitingUser] {
        let mut scenario = Scenario::with_status(status);
        scenario.frame_is_blocked();
        let url = scenario.url_arrives();
        scenario.wait(60_000);
        assert_eq!(scenario.view().window, Some(EmbedUrl(url)));
        assert_eq!(scenario.url_request_times(), [0]);
    }
}

#[test]
fn window_is_offered_after_the_frame_where_there_was_none() {
    let mut scenario = Scenario::resumed();
    scenario.poll_returns(Ready, 10);
    scenario.url_fails(FailureKind::Server, Some(30_000));
    scenario.wait(29_999);
    assert_eq!(scenario.url_request_times(), [0], "no window without a frame");
    scenario.wait(1);
    scenario.url_arrives();
    assert!(scenario.has_frame());
    scenario.wait(10_000);
    scenario.url_arrives();
    assert!(scenario.view().window.is_some());
}

#[test]
fn offered_window_stays_until_the_next_frame_is_shown() {
    let mut scenario = Scenario::with_status(Ready);
    scenario.wait(20_000);
    scenario.url_arrives();
    scenario.frame_is_moved();
    assert!(scenario.view().window.is_some());
    scenario.wait(10_000);
    scenario.url_arrives();
    assert_eq!(scenario.view().window, None);
}

#[test]
fn used_url_is_not_offered_as_a_window() {
    let mut scenario = Scenario::with_status(Ready);
    scenario.wait(20_000);
    scenario.used_url_arrives();
    assert_eq!(scenario.view().window, None);
    assert_eq!(scenario.view().frame, FrameView::Shown);
}

#[test]
fn window_that_was_offered_is_not_shown_as_a_frame() {
    let mut scenario = Scenario::with_status(Ready);
    scenario.wait(20_000);
    let offered = scenario.url_arrives();
    scenario.remount();
    scenario.wait(10_000);
    let shown = scenario.url_arrives();
    assert_ne!(offered, shown);
    assert_eq!(scenario.frames_shown().len(), 2);
}

#[test]
fn blocked_frame_is_reported_once_and_a_window_offered() {
    let mut scenario = Scenario::with_status(Connected);
    scenario.frame_is_blocked();
    scenario.frame_is_blocked();
    assert_eq!(scenario.view().frame, FrameView::Blocked);
    assert_eq!(scenario.error_codes(), [("frame-blocked".to_owned(), false)]);
    let url = scenario.url_arrives();
    assert_eq!(scenario.view().window, Some(EmbedUrl(url)));
    scenario.wait(500);
    scenario.poll_returns(Running, 30);
    assert!(scenario.view().window.is_some(), "the window is all that the user has");
    scenario.wait(60_000);
    assert_eq!(scenario.url_request_times(), [0]);
}

#[test]
fn remount_replaces_a_blocked_frame() {
    let mut scenario = Scenario::with_status(Connected);
    scenario.frame_is_blocked();
    scenario.url_arrives();
    scenario.remount();
    scenario.wait(10_000);
    scenario.url_arrives();
    assert_eq!(scenario.view().frame, FrameView::Shown);
    assert_eq!(scenario.view().window, None);
}

#[test]
fn window_request_becomes_a_frame_request_after_a_move() {
    let mut scenario = Scenario::with_status(Connected);
    scenario.frame_is_blocked();
    scenario.frame_is_moved();
    let url = scenario.url_arrives();
    assert_eq!(scenario.frames_shown().last(), Some(&url));
    assert_eq!(scenario.view().window, None);
}

#[test]
fn urls_are_not_requested_while_the_page_is_frozen() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.page_is_frozen();
    scenario.frame_is_moved();
    scenario.wait(60_000);
    assert!(scenario.url_request_times().is_empty());
    scenario.page_is_restored();
    assert_eq!(scenario.url_request_times(), [60_000]);
}

#[test]
fn urls_are_requested_whatever_the_browser_says_of_the_network() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.network_goes();
    scenario.frame_is_moved();
    scenario.url_arrives();
    assert_eq!(scenario.view().frame, FrameView::Shown);
}

#[test]
fn url_request_under_way_is_aborted_at_the_end() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.frame_is_moved();
    scenario.take_actions();
    scenario.close();
    assert_eq!(scenario.take_actions()[..3], [Action::SayGoodbye, Action::Abort, Action::Forget]);
}
