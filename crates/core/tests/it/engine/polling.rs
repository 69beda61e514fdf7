//! Status requests: their times, how long they are held, and what makes the page send one.

use cr3dentials_core::engine::{Connection, FailureKind};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, LoadingTree, Ready, Running};

use crate::engine::scenario::{Action, Poll, Scenario};

#[test]
fn polls_are_held_for_25_seconds_and_name_the_known_revision() {
    let mut scenario = Scenario::live();
    let mut report = scenario.report(AwaitingUser, 30);
    report.rev = 7;
    scenario.poll_returns_report(report);
    scenario.wait(500);
    let first = Poll { after: 0, wait_secs: 25, fresh: false };
    assert_eq!(scenario.polls(), [first, Poll { after: 7, ..first }]);
}

#[test]
fn server_that_holds_is_polled_again_at_once() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    // Held for 25 seconds, and nothing changed.
    scenario.wait(25_000);
    scenario.poll_returns(Running, 10);
    assert_eq!(scenario.poll_times(), [0, 500, 25_500]);
    // Changed at once: a held poll ends early.
    scenario.wait(100);
    scenario.poll_returns(Running, 20);
    scenario.wait(5000);
    assert_eq!(scenario.poll_times(), [0, 500, 25_500, 26_000]);
}

#[test]
fn response_after_one_second_counts_as_held() {
    for (took, next) in [(999, 2999), (1000, 1000)] {
        let mut scenario = Scenario::with_status(Running);
        scenario.wait(500);
        scenario.wait(took);
        scenario.poll_returns(Running, 10);
        scenario.wait(5000);
        assert_eq!(scenario.poll_times(), [0, 500, 500 + next], "after {took} ms");
    }
}

#[test]
fn server_that_does_not_hold_is_polled_at_intervals() {
    for (status, interval) in [(Running, 2000), (LoadingTree, 2000), (Ready, 4000), (AwaitingUser, 4000)] {
        let mut scenario = Scenario::with_status(status.clone());
        scenario.wait(500);
        scenario.poll_returns(status.clone(), 10);
        scenario.wait(interval);
        // A change does not prove that the server holds.
        scenario.poll_returns(status.clone(), 20);
        scenario.wait(interval);
        assert_eq!(scenario.poll_times(), [0, 500, 500 + interval, 500 + 2 * interval], "{status}");
    }
}

#[test]
fn slow_short_poll_does_not_count_as_held() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    scenario.poll_returns(Running, 10);
    scenario.page_is_hidden();
    scenario.wait(2000);
    assert_eq!(scenario.polls().last().unwrap().wait_secs, 0);
    scenario.wait(3000);
    scenario.short_poll_returns(Running, 10);
    assert_eq!(scenario.last_poll_time(), Some(2500));
    scenario.wait(1000);
    scenario.page_is_visible();
    scenario.wait(100);
    scenario.poll_returns(Running, 20);
    let before = scenario.now();
    scenario.wait(2000);
    assert_eq!(scenario.last_poll_time(), Some(before + 2000));
}

#[test]
fn quick_short_poll_does_not_count_as_refused_to_hold() {
    let mut scenario = Scenario::with_status(Running);
    scenario.page_is_hidden();
    scenario.wait(500);
    scenario.short_poll_returns(Running, 10);
    scenario.wait(1999);
    assert_eq!(scenario.poll_times(), [0, 500], "a hidden page polls at intervals");
    scenario.page_is_visible();
    scenario.wait(100);
    scenario.poll_returns(Running, 20);
    scenario.wait(1000);
    assert_eq!(scenario.last_poll_time(), Some(2999), "no wait after a change");
    assert_eq!(scenario.polls().last().unwrap().wait_secs, 25);
}

#[test]
fn polls_are_half_a_second_apart() {
    let mut scenario = Scenario::live();
    scenario.poll_returns(Running, 10);
    scenario.refresh();
    scenario.wait(499);
    assert_eq!(scenario.poll_times(), [0]);
    scenario.wait(1);
    assert_eq!(scenario.poll_times(), [0, 500]);
    scenario.page_is_hidden();
    scenario.page_is_visible();
    scenario.wait(500);
    assert_eq!(scenario.poll_times(), [0, 500, 1000]);
}

#[test]
fn polls_of_two_sessions_are_half_a_second_apart() {
    let mut scenario = Scenario::live();
    scenario.start_again();
    let created = scenario.new_session("s2");
    scenario.create_returns(created);
    scenario.wait(2000);
    assert_eq!(scenario.poll_times(), [0, 500]);
}

#[test]
fn poll_without_a_response_is_aborted_10_seconds_past_its_wait() {
    let mut visible = Scenario::live();
    visible.wait(34_999);
    assert!(visible.abort_times().is_empty());
    visible.wait(1);
    assert_eq!(visible.abort_times(), [35_000]);
    assert!(visible.errors().is_empty(), "something may cut long polls");
    visible.wait(1000);
    let next = visible.last_poll_time().expect("a poll was sent");
    visible.wait_until(next + 9_999);
    assert_eq!(visible.abort_times(), [35_000]);
    visible.wait(1);
    assert_eq!(visible.abort_times(), [35_000, next + 10_000]);
    assert_eq!(visible.error_codes(), [("network".to_owned(), true)]);

    let mut hidden = Scenario::with_status(Running);
    hidden.page_is_hidden();
    hidden.wait(500);
    hidden.wait(9_999);
    assert!(hidden.abort_times().is_empty());
    hidden.wait(1);
    assert_eq!(hidden.abort_times(), [10_500]);
}

#[test]
fn message_from_the_frame_makes_the_page_poll_afresh_once() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.frame_sends_message();
    assert_eq!(scenario.abort_times(), [1000]);
    assert_eq!(scenario.polls()[1], Poll { after: 0, wait_secs: 25, fresh: true });
    scenario.wait(1000);
    scenario.poll_returns(Running, 10);
    assert_eq!(scenario.polls().len(), 3);
    assert!(!scenario.polls()[2].fresh, "the message was acted on");
}

#[test]
fn loaded_frame_makes_the_page_poll_afresh() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.frame_loads();
    assert_eq!(scenario.poll_times(), [0, 1000]);
    assert!(scenario.polls()[1].fresh);
}

#[test]
fn messages_of_another_frame_are_ignored() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.take_actions();
    scenario.unknown_frame_signals();
    assert!(scenario.actions().is_empty());
}

#[test]
fn flood_of_messages_gives_the_server_twice_as_long_each_time() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    for _ in 0..450 {
        scenario.frame_sends_message();
        scenario.wait(100);
    }
    assert_eq!(scenario.poll_times(), [0, 1000, 7000, 19_000, 43_000]);
    // After a response, a message may replace a poll that is 3 seconds old again.
    scenario.poll_returns(Running, 10);
    let since = scenario.last_poll_time().unwrap();
    assert!(scenario.polls().last().unwrap().fresh, "a message came while the poll was open");
    for _ in 0..40 {
        scenario.frame_sends_message();
        scenario.wait(100);
    }
    assert_eq!(scenario.last_poll_time(), Some(since + 3000));
}

#[test]
fn fresh_poll_is_not_replaced_within_three_seconds() {
    let mut scenario = Scenario::resumed();
    assert!(scenario.polls()[0].fresh);
    scenario.wait(2999);
    scenario.refresh();
    assert_eq!(scenario.poll_times(), [0]);
    scenario.wait(1);
    scenario.refresh();
    assert_eq!(scenario.poll_times(), [0, 3000]);
}

#[test]
fn message_during_a_young_poll_is_acted_on_after_its_response() {
    let mut scenario = Scenario::resumed();
    scenario.wait(1000);
    scenario.refresh();
    // Without the message, the next poll would be due 4 seconds later.
    scenario.short_poll_returns(AwaitingUser, 30);
    assert_eq!(scenario.poll_times(), [0, 1000]);
    assert!(scenario.polls()[1].fresh);
}

#[test]
fn hidden_page_polls_without_waiting_and_afresh_when_it_returns() {
    let mut scenario = Scenario::with_status(Running);
    scenario.page_is_hidden();
    scenario.wait(500);
    assert_eq!(scenario.polls()[1], Poll { after: 10, wait_secs: 0, fresh: false });
    scenario.wait(3000);
    scenario.page_is_visible();
    assert_eq!(scenario.poll_times(), [0, 500, 3500]);
    assert_eq!(scenario.polls()[2], Poll { after: 10, wait_secs: 25, fresh: true });
    assert_eq!(scenario.abort_times(), [3500]);
}

#[test]
fn visible_page_that_becomes_visible_does_nothing() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.take_actions();
    scenario.page_is_visible();
    scenario.page_is_restored();
    scenario.network_returns();
    assert!(scenario.actions().is_empty());
}

#[test]
fn frozen_page_aborts_its_poll_and_polls_afresh_when_restored() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.take_actions();
    scenario.page_is_frozen();
    assert_eq!(scenario.take_actions(), [Action::Abort, Action::ReleaseOwnership]);
    scenario.wait(20_000);
    assert!(scenario.poll_times().is_empty());
    scenario.page_is_restored();
    assert!(scenario.did(&Action::RequestOwnership { steal: false }));
    assert_eq!(scenario.poll_times(), [21_000]);
    assert!(scenario.polls()[0].fresh);
}

#[test]
fn offline_page_polls_shortly_and_afresh_when_online() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.network_goes();
    assert_eq!(scenario.abort_times(), [1000]);
    assert_eq!(scenario.poll_times(), [0, 1000], "the browser may be wrong");
    assert_eq!(scenario.polls()[1].wait_secs, 0, "this shows it soon");
    scenario.network_goes();
    assert_eq!(scenario.poll_times().len(), 2, "said twice");
    scenario.poll_fails_until(FailureKind::Network, Some(30_000));
    assert_eq!(scenario.view().connection, Connection::Offline);
    scenario.wait(10_000);
    scenario.network_returns();
    assert_eq!(scenario.poll_times(), [0, 1000, 11_000]);
    assert!(scenario.polls()[2].fresh);
}

#[test]
fn page_long_polls_whatever_the_browser_says_of_the_network() {
    let mut scenario = Scenario::live();
    scenario.wait(1000);
    scenario.network_goes();
    scenario.short_poll_returns(Running, 10);
    scenario.wait(500);
    assert_eq!(scenario.polls().last().unwrap().wait_secs, 25);
    assert_eq!(scenario.view().connection, Connection::Fine);
    scenario.wait(1000);
    scenario.refresh();
    assert_eq!(scenario.last_poll_time(), Some(2500));
    assert!(scenario.polls().last().unwrap().fresh);
}
