//! The view state at each stage of a session.

use cr3dentials_core::contract::{SessionPlatform, SessionView};
use cr3dentials_core::engine::{Connection, EndReason, FailureKind, FrameView, SessionEnd, Stage, Step, View};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::{
    self, AwaitingUser, CollectingData, Completed, Connected, Created, Initializing, LoadingTree, Ready, Running,
    Unknown, Verifying,
};

use crate::engine::scenario::{EXPIRY, SESSION, Scenario};

fn platform() -> SessionPlatform {
    SessionPlatform {
        id: 1,
        name: "my-bank".to_owned(),
        display_name: "My Bank".to_owned(),
        icon: Some("platforms/1/icon".to_owned()),
    }
}

/// A session that collects data, on a known platform.
fn collecting() -> Scenario {
    let mut scenario = Scenario::live();
    let mut report = scenario.report(CollectingData, 60);
    report.platform = Some(platform());
    scenario.poll_returns_report(report);
    scenario
}

#[test]
fn nothing_is_shown_before_a_start() {
    assert_eq!(*Scenario::idle().view(), View::default());
    assert_eq!(View::default().stage, Stage::Idle);
}

#[test]
fn creating_shows_only_its_stage() {
    assert_eq!(*Scenario::creating().view(), View { stage: Stage::Creating, ..View::default() });
}

#[test]
fn creating_is_slow_from_ten_seconds_on() {
    let mut scenario = Scenario::idle();
    scenario.wait(5000);
    scenario.start();
    assert_eq!(scenario.next_wake(), Some(15_000));
    scenario.wait(9999);
    assert!(!scenario.view().slow);
    scenario.wait(1);
    assert!(scenario.view().slow);
    assert_eq!(scenario.next_wake(), Some(45_000), "next is the timeout of the create");
}

#[test]
fn creating_shows_the_state_of_the_connection() {
    for (kind, connection) in [
        (FailureKind::Network, Connection::Reconnecting),
        (FailureKind::Server, Connection::Reconnecting),
        (FailureKind::Intermediary, Connection::Slow),
        (FailureKind::RateLimited, Connection::Busy),
    ] {
        let mut scenario = Scenario::creating();
        assert_eq!(scenario.view().connection, Connection::Fine);
        scenario.create_fails(kind, Some(9000));
        assert_eq!(scenario.view().connection, connection, "{kind}");
        scenario.network_goes();
        let offline = if kind == FailureKind::Network { Connection::Offline } else { connection };
        assert_eq!(scenario.view().connection, offline, "{kind}");
        scenario.network_returns();
        assert_eq!(scenario.view().connection, connection, "{kind}");
    }
}

#[test]
fn busy_server_is_waited_for_with_a_countdown() {
    let mut scenario = Scenario::creating();
    scenario.create_fails(FailureKind::RateLimited, Some(3500));
    let mut shown = Vec::new();
    for _ in 0..4 {
        shown.push(scenario.view().retry_secs);
        scenario.wait(1000);
    }
    assert_eq!(shown, [Some(4), Some(3), Some(2), Some(1)]);
    assert_eq!(scenario.create_times(), [0, 3500]);
    assert_eq!(scenario.view().retry_secs, None, "under way");
}

#[test]
fn countdown_wakes_the_page_once_a_second() {
    let mut scenario = Scenario::creating();
    scenario.wait(200);
    scenario.create_fails(FailureKind::RateLimited, Some(2500));
    for wake in [1200, 2200, 2700] {
        assert_eq!(scenario.next_wake(), Some(wake));
        scenario.wait_until(wake);
    }
    scenario.create_fails(FailureKind::Server, Some(2500));
    assert_eq!(scenario.next_wake(), Some(5200), "nothing is counted down where the server named no limit");
    assert_eq!(scenario.view().retry_secs, None);
}

#[test]
fn create_that_was_given_up_shows_why() {
    let mut scenario = Scenario::creating();
    scenario.create_fails(FailureKind::Forbidden, None);
    let expected = View { stage: Stage::NotStarted(FailureKind::Forbidden), ..View::default() };
    assert_eq!(*scenario.view(), expected);
}

#[test]
fn live_session_shows_what_was_reported() {
    let expected = View {
        stage: Stage::Live,
        session_id: Some(SESSION.to_owned()),
        status: Some(CollectingData),
        step: Step::ReadDetails,
        progress: 60,
        platform: Some(platform()),
        frame: FrameView::Shown,
        ..View::default()
    };
    assert_eq!(*collecting().view(), expected);
}

#[test]
fn platform_outlives_a_report_without_it() {
    let mut scenario = collecting();
    scenario.wait(500);
    scenario.poll_returns(Verifying, 90);
    assert_eq!(scenario.view().platform, Some(platform()));
}

#[test]
fn created_session_shows_its_status_before_any_report() {
    let scenario = Scenario::live();
    assert_eq!(scenario.view().status, Some(Created));
    assert_eq!(scenario.view().step, Step::Connect);
    assert_eq!(scenario.view().progress, 0);
}

#[test]
fn resumed_session_shows_no_status_before_a_report() {
    let scenario = Scenario::resumed();
    let expected = View { stage: Stage::Live, session_id: Some(SESSION.to_owned()), ..View::default() };
    assert_eq!(*scenario.view(), expected);
}

#[test]
fn steps_follow_the_status_and_never_go_back() {
    for (status, step) in [
        (Initializing, Step::Connect),
        (Ready, Step::Connect),
        (Connected, Step::Connect),
        (LoadingTree, Step::Connect),
        (Running, Step::SignIn),
        (AwaitingUser, Step::SignIn),
        (CollectingData, Step::ReadDetails),
        (Verifying, Step::Check),
        (Completed, Step::Check),
        (Unknown("RESTING".to_owned()), Step::Connect),
    ] {
        let mut scenario = Scenario::with_status(status.clone());
        assert_eq!(scenario.view().step, step, "{status}");
        if status != Completed {
            scenario.wait(500);
            scenario.poll_returns(Connected, 10);
            assert_eq!(scenario.view().step, step, "{status}, then CONNECTED");
        }
    }
}

#[test]
fn progress_is_the_greatest_that_was_reported() {
    let mut scenario = Scenario::live();
    for (reported, shown) in [(30, 30), (20, 30), (50, 50), (120, 100), (10, 100)] {
        let status = if reported == 30 { Running } else { CollectingData };
        scenario.poll_returns(status, reported);
        assert_eq!(scenario.view().progress, shown);
        scenario.wait(2000);
    }
}

#[test]
fn second_failure_in_a_row_shows_that_the_page_reconnects() {
    let mut scenario = Scenario::with_status(Running);
    for (failures, connection) in
        [(0, Connection::Fine), (1, Connection::Fine), (2, Connection::Reconnecting), (3, Connection::Reconnecting)]
    {
        assert_eq!(scenario.view().connection, connection, "after {failures} failures");
        scenario.wait(1000);
        scenario.poll_fails_until(FailureKind::Server, Some(1000));
    }
    scenario.wait(1000);
    scenario.poll_returns(Running, 20);
    assert_eq!(scenario.view().connection, Connection::Fine);
}

#[test]
fn only_failures_of_the_connection_show_that_it_reconnects() {
    for kind in FailureKind::ALL {
        let mut scenario = Scenario::with_status(AwaitingUser);
        scenario.wait(500);
        scenario.poll_fails_until(kind, Some(1000));
        assert_eq!(scenario.view().connection, Connection::Fine, "{kind}: one failure is no news");
        if kind == FailureKind::OtherUser {
            continue;
        }
        scenario.wait(1000);
        scenario.poll_fails_until(kind, Some(1000));
        let reconnects = kind.is_retryable() && kind != FailureKind::Intermediary;
        let expected = if reconnects { Connection::Reconnecting } else { Connection::Slow };
        assert_eq!(scenario.view().connection, expected, "{kind}");
        scenario.wait(1000);
        scenario.poll_fails_until(FailureKind::Network, None);
        assert_eq!(scenario.view().connection, Connection::Reconnecting, "{kind}: the last failure decides");
    }
}

#[test]
fn machine_is_slow_after_a_time_that_depends_on_the_status() {
    for (status, slow_from) in [
        (Created, Some(10_000)),
        (Initializing, Some(10_000)),
        (Connected, Some(10_000)),
        (LoadingTree, Some(10_000)),
        (Running, Some(60_000)),
        (CollectingData, Some(60_000)),
        (Verifying, Some(60_000)),
        (Unknown("RESTING".to_owned()), Some(60_000)),
        (Ready, None),
        (AwaitingUser, None),
    ] {
        // While the page is frozen no report arrives, and no other timer is due.
        let mut scenario = Scenario::with_status(status.clone());
        scenario.page_is_frozen();
        assert!(!scenario.view().slow, "{status}");
        assert_eq!(scenario.next_wake(), Some(slow_from.unwrap_or(20_000)));
        if let Some(slow_from) = slow_from {
            scenario.wait_until(slow_from - 1);
            assert!(!scenario.view().slow, "{status}");
            scenario.wait(1);
            assert!(scenario.view().slow, "{status}");
            assert_eq!(scenario.next_wake(), Some(slow_from + 300_000), "{status}: slow is shown already");
        } else {
            scenario.wait(EXPIRY / 2);
            assert!(!scenario.view().slow, "{status}: it is the user's turn");
        }
    }
}

#[test]
fn every_change_restarts_the_slow_timer() {
    type Change = fn(&mut SessionView);
    let changes: [(&str, Change, bool); 4] = [
        ("nothing", |_| {}, false),
        ("a status", |report| report.status = CollectingData, true),
        ("a progress", |report| report.progress = 50, true),
        ("a later expiry", |report| report.expires_at = report.expires_at.map(|at| at + Millis::from_secs(3600)), true),
    ];
    for (what, change, restarts) in changes {
        let mut scenario = Scenario::with_status(Running);
        scenario.wait(30_000);
        let mut report = scenario.report(Running, 10);
        change(&mut report);
        scenario.poll_returns_report(report);
        scenario.page_is_frozen();
        scenario.wait_until(60_000);
        assert_eq!(scenario.view().slow, !restarts, "{what} changed");
        scenario.wait_until(89_999);
        assert_eq!(scenario.view().slow, !restarts, "{what} changed");
        scenario.wait(1);
        assert!(scenario.view().slow, "{what} changed");
    }
}

#[test]
fn report_without_an_expiry_is_no_change() {
    let mut scenario = Scenario::with_status(Running);
    scenario.wait(30_000);
    let mut report = scenario.report(Running, 10);
    report.expires_at = None;
    scenario.poll_returns_report(report);
    scenario.page_is_frozen();
    scenario.wait_until(60_000);
    assert!(scenario.view().slow);
}

#[test]
fn session_without_a_frame_is_not_slow() {
    let mut scenario = Scenario::with_status(Running);
    scenario.frame_is_moved();
    scenario.url_fails(FailureKind::NotFound, None);
    scenario.page_is_frozen();
    scenario.wait(120_000);
    assert_eq!(scenario.view().frame, FrameView::Unavailable);
    assert!(!scenario.view().slow, "the user must act");
}

#[test]
fn session_shown_in_another_tab_shows_that() {
    let mut scenario = collecting();
    assert!(!scenario.view().elsewhere);
    scenario.ownership(false);
    let view = scenario.view();
    assert!(view.elsewhere);
    assert_eq!((view.stage.clone(), view.progress, view.frame), (Stage::Live, 60, FrameView::None));
}

#[test]
fn ended_session_keeps_what_was_reached_and_nothing_else() {
    let mut scenario = collecting();
    scenario.wait(500);
    scenario.network_goes();
    scenario.wait(500);
    scenario.poll_fails(FailureKind::Network);
    scenario.page_is_frozen();
    scenario.wait_until(EXPIRY - 60_000);
    let before = scenario.view();
    assert!(before.slow && before.minutes_left.is_some() && before.connection == Connection::Offline);
    scenario.close();
    let end = SessionEnd { reason: EndReason::Closed, confirmed: true };
    let expected = View {
        stage: Stage::Ended(end),
        session_id: Some(SESSION.to_owned()),
        status: Some(CollectingData),
        step: Step::ReadDetails,
        progress: 60,
        platform: Some(platform()),
        ..View::default()
    };
    assert_eq!(*scenario.view(), expected);
}

#[test]
fn end_shows_its_reason() {
    let code = Some("ACCOUNT_LOCKED".to_owned());
    for (status, reason) in [
        (Completed, EndReason::Completed),
        (SessionStatus::PartialComplete, EndReason::Partial),
        (SessionStatus::Error, EndReason::Failed { code }),
        (SessionStatus::Cancelled, EndReason::Cancelled),
        (SessionStatus::Terminated, EndReason::Terminated),
    ] {
        let scenario = Scenario::with_status(status.clone());
        assert_eq!(scenario.end(), Some((reason, true)), "{status}");
        assert_eq!(scenario.view().status, Some(status));
        assert_eq!(scenario.next_wake(), None);
    }
}

#[test]
fn end_before_a_session_shows_only_itself() {
    let mut scenario = Scenario::creating();
    scenario.close();
    let end = SessionEnd { reason: EndReason::Closed, confirmed: true };
    assert_eq!(*scenario.view(), View { stage: Stage::Ended(end), ..View::default() });
}

#[test]
fn destroyed_page_shows_nothing() {
    let mut scenario = collecting();
    scenario.destroy();
    assert_eq!(*scenario.view(), View { stage: Stage::Destroyed, ..View::default() });
    assert_eq!(scenario.next_wake(), None);
}
