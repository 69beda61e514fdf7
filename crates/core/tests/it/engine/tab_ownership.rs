//! One tab of the browser shows a session at a time.

use cr3dentials_core::engine::{EndReason, FailureKind, FrameView, View};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Running};

use crate::engine::scenario::{Action, EXPIRY, SESSION, Scenario};

fn shown_elsewhere() -> Scenario {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.hold_ownership();
    scenario.wait(1000);
    scenario.take_actions();
    scenario.ownership(false);
    scenario
}

#[test]
fn tab_that_loses_the_session_stops_and_removes_the_frame() {
    let mut scenario = shown_elsewhere();
    assert_eq!(scenario.take_actions()[..2], [Action::Abort, Action::RemoveFrame]);
    assert!(scenario.view().elsewhere);
    assert_eq!(scenario.view().session_id.as_deref(), Some(SESSION), "it continues in the other tab");
    assert_eq!(scenario.next_wake(), None);
    scenario.wait(600_000);
    assert!(scenario.actions().is_empty());
}

#[test]
fn loss_of_the_session_is_reported_once() {
    let mut scenario = shown_elsewhere();
    assert_eq!(scenario.error_codes(), [("other-tab".to_owned(), false)]);
    assert_eq!(scenario.errors()[0].session_id.as_deref(), Some(SESSION));
    scenario.take_actions();
    scenario.ownership(false);
    assert!(scenario.actions().is_empty());
}

#[test]
fn ownership_of_another_session_is_ignored() {
    let mut scenario = Scenario::live();
    scenario.ownership_of("s2", false);
    assert!(!scenario.view().elsewhere);
    assert!(scenario.has_frame());
}

#[test]
fn confirmed_ownership_changes_nothing() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.take_actions();
    scenario.ownership(true);
    assert!(scenario.actions().is_empty());
}

#[test]
fn lost_session_shows_no_frame_window_or_stall() {
    let mut scenario = Scenario::with_status(Running);
    scenario.hold_ownership();
    scenario.frame_is_blocked();
    scenario.url_arrives();
    scenario.wait(500);
    for _ in 0..3 {
        scenario.poll_fails_until(FailureKind::NotFound, Some(15_000));
        scenario.wait(15_000);
    }
    let before = scenario.view().clone();
    assert!(before.stalled && before.window.is_some() && before.frame == FrameView::Blocked);
    scenario.ownership(false);
    let view = scenario.view();
    assert_eq!(
        (view.frame, &view.window, view.stalled, view.minutes_left),
        (FrameView::None, &None, false, None),
        "{view:?}"
    );
}

#[test]
fn lost_session_shows_no_minutes_left() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.hold_ownership();
    scenario.wait_until(EXPIRY - 60_000);
    assert_eq!(scenario.view().minutes_left, Some(1));
    scenario.ownership(false);
    assert_eq!(scenario.view().minutes_left, None);
}

#[test]
fn url_request_is_aborted_when_another_tab_takes_over() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.hold_ownership();
    scenario.frame_is_moved();
    scenario.take_actions();
    scenario.ownership(false);
    assert_eq!(scenario.take_actions()[0], Action::Abort);
    scenario.wait(60_000);
    scenario.ownership(true);
    assert!(scenario.url_request_times().is_empty(), "a poll comes first");
}

#[test]
fn session_used_here_begins_like_a_resumed_one() {
    let mut scenario = shown_elsewhere();
    scenario.take_actions();
    scenario.use_here();
    assert_eq!(scenario.take_actions(), [Action::RequestOwnership { steal: true }]);
    assert!(!scenario.view().elsewhere, "on its way here");
    scenario.wait(5000);
    assert!(scenario.actions().is_empty(), "nothing before it is granted");
    scenario.ownership(true);
    assert_eq!(scenario.poll_times(), [6000]);
    assert!(scenario.polls()[0].fresh);
    scenario.poll_returns(AwaitingUser, 30);
    assert_eq!(scenario.url_request_times(), [6000], "for a new frame");
    scenario.url_arrives();
    assert!(scenario.has_frame());
    assert!(scenario.event_times("ready").is_empty(), "reported when it was first shown");
}

#[test]
fn session_that_is_used_here_already_is_not_taken_again() {
    let mut scenario = Scenario::live();
    scenario.take_actions();
    scenario.use_here();
    assert!(scenario.actions().is_empty());
}

#[test]
fn frozen_tab_releases_the_session_only_if_it_shows_it() {
    let mut scenario = shown_elsewhere();
    scenario.take_actions();
    scenario.page_is_frozen();
    scenario.page_is_restored();
    assert!(scenario.actions().is_empty());
    assert!(scenario.view().elsewhere);
}

#[test]
fn restored_tab_waits_until_it_owns_the_session_again() {
    let mut scenario = Scenario::live();
    scenario.hold_ownership();
    scenario.page_is_frozen();
    scenario.take_actions();
    scenario.page_is_restored();
    assert_eq!(scenario.take_actions(), [Action::RequestOwnership { steal: false }]);
    scenario.wait(30_000);
    assert!(scenario.actions().is_empty());
    scenario.ownership(true);
    assert_eq!(scenario.poll_times(), [30_000]);
    assert!(scenario.has_frame(), "the frame that it had");
}

#[test]
fn resumed_session_waits_until_the_tab_owns_it() {
    let mut scenario = Scenario::idle();
    scenario.hold_ownership();
    scenario.resume();
    assert!(scenario.did(&Action::RequestOwnership { steal: false }));
    scenario.wait(30_000);
    assert!(scenario.polls().is_empty());
    assert_eq!(scenario.next_wake(), None);
    scenario.ownership(true);
    assert_eq!(scenario.poll_times(), [30_000]);
}

#[test]
fn session_shown_elsewhere_does_not_expire_here() {
    let mut scenario = shown_elsewhere();
    scenario.wait(4_000_000);
    scenario.page_is_visible();
    scenario.network_goes();
    assert_eq!(scenario.end(), None);
    scenario.close();
    assert_eq!(scenario.end(), Some((EndReason::Closed, true)));
}

#[test]
fn other_users_session_leaves_no_trace() {
    let mut scenario = Scenario::resumed();
    scenario.poll_returns(AwaitingUser, 30);
    scenario.wait(500);
    scenario.take_actions();
    scenario.poll_fails(FailureKind::OtherUser);
    assert_eq!(scenario.take_actions(), [Action::Abort, Action::Forget, Action::StartOver]);
    assert_eq!(*scenario.view(), View::default());
    scenario.start_again();
    assert!(scenario.actions().is_empty(), "and its platform is not the new user's");
}
