//! Status requests that fail: they are repeated, and the session continues.

use cr3dentials_core::engine::{FailureKind, Problem, Stage};
use cr3dentials_core::wire::SessionStatus::{Completed, Running};

use crate::engine::scenario::{SESSION, Scenario};

/// Kinds of failures that neither end a session nor replace it, and whether they are denials.
const KINDS: [(FailureKind, bool); 9] = [
    (FailureKind::Network, false),
    (FailureKind::Server, false),
    (FailureKind::BadResponse, false),
    (FailureKind::KeySpent, false),
    (FailureKind::RateLimited, false),
    (FailureKind::Forbidden, true),
    (FailureKind::NotFound, true),
    (FailureKind::Refused, true),
    (FailureKind::ContractVersion, true),
];

#[test]
fn failed_poll_is_repeated_at_the_named_time() {
    for (kind, ..) in KINDS {
        let mut scenario = Scenario::with_status(Running);
        scenario.wait(500);
        scenario.poll_fails_until(kind, Some(9000));
        scenario.wait(30_000);
        assert_eq!(scenario.poll_times()[..3], [0, 500, 9500], "{kind}");
    }
}

#[test]
fn named_time_of_a_failed_poll_is_limited_to_two_minutes() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    scenario.poll_fails_until(FailureKind::Server, Some(3_000_000));
    scenario.wait(200_000);
    assert_eq!(scenario.poll_times()[..3], [0, 500, 120_500]);
}

#[test]
fn returning_user_ends_the_wait_unless_rate_limited() {
    for (kind, next) in [(FailureKind::Server, 1500), (FailureKind::NotFound, 1500), (FailureKind::RateLimited, 9500)] {
        let mut scenario = Scenario::with_status(Running);
        scenario.wait(500);
        scenario.poll_fails_until(kind, Some(9000));
        scenario.page_is_hidden();
        scenario.wait(1000);
        scenario.page_is_visible();
        scenario.wait(20_000);
        assert_eq!(scenario.poll_times()[2], next, "{kind}");
    }
}

#[test]
fn success_forgets_that_there_were_too_many_requests() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    scenario.poll_fails_until(FailureKind::RateLimited, Some(2000));
    scenario.wait(2000);
    scenario.poll_returns(Running, 10);
    assert_eq!(scenario.last_poll_time(), Some(2500));
    scenario.wait(700);
    scenario.refresh();
    assert_eq!(scenario.last_poll_time(), Some(3200), "no wait for an interval");
}

#[test]
fn first_failure_in_a_row_is_reported_and_no_other() {
    for (kind, denied) in KINDS {
        let mut scenario = Scenario::with_status(Running);
        scenario.wait(500);
        for _ in 0..3 {
            scenario.poll_fails_until(kind, Some(1000));
            scenario.wait(1000);
        }
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), true)], "denied: {denied}");
        assert_eq!(scenario.errors()[0].session_id.as_deref(), Some(SESSION));
        assert_eq!(scenario.errors()[0].message, Problem::Request(kind).message());
        scenario.poll_returns(Running, 20);
        scenario.wait(500);
        scenario.poll_fails(kind);
        assert_eq!(scenario.errors().len(), 2, "{kind}: a success begins a new row");
    }
}

#[test]
fn network_failure_of_a_poll_while_hidden_does_not_count() {
    // Hidden while the poll was under way.
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    scenario.page_is_hidden();
    scenario.poll_fails_until(FailureKind::Network, Some(9000));
    assert!(scenario.errors().is_empty());
    scenario.wait(1000);
    assert_eq!(scenario.poll_times(), [0, 500, 1500], "repeated after a second");
    // Hidden already when it was sent.
    scenario.poll_fails(FailureKind::Network);
    assert!(scenario.errors().is_empty());
    // The server's own failures count at any time.
    scenario.wait(1000);
    scenario.poll_fails(FailureKind::Server);
    assert_eq!(scenario.error_codes(), [("server".to_owned(), true)]);
}

#[test]
fn denials_stall_the_session_after_three_of_them_and_30_seconds() {
    for (kind, denied) in KINDS {
        for (waits, stalls) in [
            (vec![15_000, 15_000], true),
            (vec![15_000, 14_999], false),
            (vec![40_000], false),
            (vec![1000, 1000, 1000, 1000], false),
            (vec![1000, 1000, 1000, 30_000], true),
        ] {
            let mut scenario = Scenario::with_status(Running);
            scenario.wait(500);
            for wait in &waits {
                scenario.poll_fails_until(kind, Some(*wait));
                scenario.wait(*wait);
            }
            scenario.poll_fails_until(kind, Some(5000));
            assert_eq!(scenario.view().stalled, stalls && denied, "{kind} after {waits:?}");
            let reports = if stalls && denied { 2 } else { 1 };
            assert_eq!(scenario.errors().len(), reports, "{kind} after {waits:?}: the first, and the stall");
            let next = scenario.now() + if stalls && denied { 60_000 } else { 5000 };
            scenario.wait(60_000);
            assert_eq!(scenario.poll_times()[waits.len() + 2], next, "{kind} after {waits:?}");
            assert_eq!(scenario.view().stage, Stage::Live);
            assert!(scenario.has_frame());
        }
    }
}

#[test]
fn stalled_session_stays_so_until_a_response() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(500);
    for _ in 0..3 {
        scenario.poll_fails_until(FailureKind::NotFound, Some(15_000));
        scenario.wait(15_000);
    }
    assert!(scenario.view().stalled);
    scenario.wait(45_000);
    scenario.poll_fails_until(FailureKind::Server, Some(30_000));
    assert!(scenario.view().stalled);
    assert_eq!(scenario.errors().len(), 2, "nothing new");
    scenario.wait(30_000);
    scenario.poll_returns(Running, 20);
    assert!(!scenario.view().stalled);
    scenario.wait(500);
    scenario.poll_fails(FailureKind::NotFound);
    assert!(!scenario.view().stalled, "denials are counted anew");
}

#[test]
fn denied_resumed_session_stalls_at_once_unless_it_was_seen() {
    let mut unseen = Scenario::resumed();
    unseen.poll_fails(FailureKind::NotFound);
    assert!(unseen.view().stalled);
    assert_eq!(unseen.error_codes(), [("not-found".to_owned(), true)]);

    let mut unreachable = Scenario::resumed();
    unreachable.poll_fails(FailureKind::Server);
    assert!(!unreachable.view().stalled, "no denial");

    let mut seen = Scenario::resumed();
    seen.poll_returns(Running, 20);
    seen.wait(500);
    seen.poll_fails(FailureKind::NotFound);
    assert!(!seen.view().stalled);

    let mut new = Scenario::live();
    new.poll_fails(FailureKind::NotFound);
    assert!(!new.view().stalled);
}

#[test]
fn response_about_another_session_is_a_bad_response() {
    let mut scenario = Scenario::live();
    let mut report = scenario.report(Completed, 100);
    report.session_id = "s2".to_owned();
    scenario.poll_returns_report(report);
    assert_eq!(scenario.error_codes(), [("bad-response".to_owned(), true)]);
    assert_eq!(scenario.view().stage, Stage::Live);
    assert_eq!(scenario.view().progress, 0);
}
