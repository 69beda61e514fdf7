//! The end of a session by its own clock.

use cr3dentials_core::engine::{EndReason, Event, FailureKind};
use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Running, Terminated};

use crate::engine::harness::EPOCH;
use crate::engine::scenario::{EXPIRY, SESSION, Scenario};

const MINUTE: u64 = 60_000;

/// A session whose server does not respond.
fn unreachable() -> Scenario {
    let mut scenario = Scenario::resumed();
    lose_server(&mut scenario);
    scenario
}

/// The poll under way fails, and the page is frozen, so that no timer but the expiry is due.
fn lose_server(scenario: &mut Scenario) {
    scenario.poll_fails(FailureKind::Network);
    scenario.page_is_frozen();
}

#[test]
fn frozen_page_wakes_for_the_last_minutes_and_rarely_before() {
    let mut scenario = unreachable();
    let mut wakes = Vec::new();
    while let Some(wake) = scenario.next_wake() {
        assert!(wake <= EXPIRY + MINUTE, "it never ends");
        wakes.push(wake / MINUTE);
        assert_eq!(wake % MINUTE, 0, "at {wake} ms");
        scenario.wait_until(wake);
    }
    let rarely = (5..=55).step_by(5);
    assert_eq!(wakes, rarely.chain([56, 57, 58, 59, 60, 61]).collect::<Vec<_>>());
    assert_eq!(scenario.end(), Some((EndReason::Expired, false)), "no server confirmed it");
}

#[test]
fn minutes_left_are_shown_from_five_on() {
    let mut scenario = unreachable();
    for (at, minutes) in [
        (EXPIRY - 5 * MINUTE - 1, None),
        (EXPIRY - 5 * MINUTE, Some(5)),
        (EXPIRY - 4 * MINUTE - 1, Some(5)),
        (EXPIRY - 4 * MINUTE, Some(4)),
        (EXPIRY - MINUTE, Some(1)),
        (EXPIRY - 1, Some(1)),
        (EXPIRY, None),
    ] {
        scenario.wait_until(at);
        assert_eq!(scenario.view().minutes_left, minutes, "{} ms before", EXPIRY - at);
    }
    assert_eq!(scenario.event_times("expiring"), [EXPIRY - 5 * MINUTE], "reported once");
    let reported = scenario.events().into_iter().find_map(|event| match event {
        Event::Expiring(event) => Some((event.session_id, event.minutes)),
        _ => None,
    });
    assert_eq!(reported, Some((SESSION.to_owned(), 5)));
}

#[test]
fn extended_session_hides_the_minutes_left() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.wait_until(EXPIRY - 3 * MINUTE);
    assert_eq!(scenario.view().minutes_left, Some(3));
    if !scenario.is_polling() {
        scenario.wait(30_000);
    }
    let mut report = scenario.report(AwaitingUser, 10);
    report.expires_at = Some(EPOCH + Millis(2 * EXPIRY));
    scenario.poll_returns_report(report);
    assert_eq!(scenario.view().minutes_left, None);
}

#[test]
fn unreachable_server_ends_the_session_a_minute_past_its_expiry() {
    for kind in [FailureKind::Network, FailureKind::Server, FailureKind::NotFound, FailureKind::Forbidden] {
        let mut scenario = Scenario::with_status(Running);
        let mut failed = 0;
        while scenario.now() < EXPIRY + MINUTE - 1 {
            if scenario.is_polling() {
                scenario.poll_fails_until(kind, Some(2 * MINUTE));
                failed += 1;
            }
            let next = scenario.next_wake().unwrap().min(EXPIRY + MINUTE - 1);
            scenario.wait_until(next);
        }
        assert!(failed > 10, "{kind}");
        assert_eq!(scenario.end(), None, "{kind}");
        scenario.wait(1);
        assert_eq!(scenario.end(), Some((EndReason::Expired, false)), "{kind}");
        assert_eq!(scenario.event_times("end"), [EXPIRY + MINUTE]);
    }
}

#[test]
fn browser_that_reports_no_network_does_not_end_the_session() {
    let mut scenario = Scenario::with_status(Running);
    scenario.network_goes();
    while scenario.now() < EXPIRY + 10 * MINUTE {
        if scenario.is_polling() {
            scenario.poll_returns(Running, 10);
        }
        scenario.wait(1000);
    }
    assert_eq!(scenario.end(), None);
}

#[test]
fn server_that_responds_decides_when_the_session_ends() {
    let mut scenario = Scenario::with_status(Running);
    while scenario.now() < EXPIRY + 10 * MINUTE {
        scenario.wait(5000);
        if scenario.is_polling() {
            scenario.poll_returns(Running, 10);
        }
    }
    assert_eq!(scenario.end(), None, "the server still reports a running session");
    scenario.wait(5000);
    scenario.poll_returns(Terminated, 10);
    assert_eq!(scenario.end(), Some((EndReason::Expired, true)));
}

#[test]
fn session_is_polled_afresh_once_at_its_expiry() {
    let mut scenario = Scenario::with_status(Running);
    while scenario.now() < EXPIRY - 10_000 {
        scenario.wait(10_000);
        scenario.poll_returns(Running, 10);
    }
    scenario.take_actions();
    scenario.wait(20_000);
    let polls: Vec<_> = scenario.poll_times().into_iter().zip(scenario.polls()).collect();
    assert_eq!(polls.len(), 1, "{polls:?}");
    assert_eq!(polls[0].0, EXPIRY);
    assert!(polls[0].1.fresh);
    assert_eq!(scenario.abort_times(), [EXPIRY], "the poll under way is out of date");
    scenario.poll_returns(Running, 10);
    scenario.wait(30_000);
    assert!(scenario.polls()[1..].iter().all(|poll| !poll.fresh));
}

#[test]
fn terminated_session_has_expired_from_the_expiry_on() {
    for (server_time, reason) in
        [(EXPIRY - 1, EndReason::Terminated), (EXPIRY, EndReason::Expired), (EXPIRY + 1, EndReason::Expired)]
    {
        let mut scenario = Scenario::live();
        let mut report = scenario.report(Terminated, 10);
        report.server_time = Some(EPOCH + Millis(server_time));
        scenario.poll_returns_report(report);
        assert_eq!(scenario.end(), Some((reason, true)), "at {server_time}");
    }
    let mut scenario = Scenario::live();
    let mut report = scenario.report(Terminated, 10);
    report.expires_at = None;
    scenario.poll_returns_report(report);
    assert_eq!(scenario.end(), Some((EndReason::Terminated, true)), "nothing is known of an expiry");
}

#[test]
fn expiry_is_counted_by_the_servers_clock() {
    for wrong_by in [-1_000_000, 0, 1_000_000] {
        let mut scenario = Scenario::idle();
        scenario.set_clock(UnixMillis(EPOCH.0 + wrong_by));
        scenario.start();
        let mut created = scenario.new_session(SESSION);
        created.server_time = Some(EPOCH);
        scenario.create_returns(created);
        lose_server(&mut scenario);
        scenario.wait_until(EXPIRY + 2 * MINUTE);
        assert_eq!(scenario.event_times("expiring"), [EXPIRY - 5 * MINUTE], "wrong by {wrong_by} ms");
        assert_eq!(scenario.event_times("end"), [EXPIRY + MINUTE], "wrong by {wrong_by} ms");
    }
}

#[test]
fn session_without_an_expiry_never_expires() {
    let mut scenario = Scenario::creating();
    let mut created = scenario.new_session(SESSION);
    created.expires_at = None;
    scenario.create_returns(created);
    lose_server(&mut scenario);
    scenario.wait(10 * EXPIRY);
    assert_eq!(scenario.end(), None);
    assert!(scenario.event_times("expiring").is_empty());
}

#[test]
fn report_without_an_expiry_keeps_the_known_one() {
    let mut scenario = Scenario::live();
    let mut report = scenario.report(AwaitingUser, 10);
    report.expires_at = None;
    scenario.poll_returns_report(report);
    scenario.wait(500);
    lose_server(&mut scenario);
    scenario.wait_until(EXPIRY + 2 * MINUTE);
    assert_eq!(scenario.event_times("end"), [EXPIRY + MINUTE]);
}

#[test]
fn resumed_session_expires_at_its_saved_time() {
    let mut scenario = Scenario::resumed();
    lose_server(&mut scenario);
    scenario.wait_until(EXPIRY + 2 * MINUTE);
    assert_eq!(scenario.event_times("end"), [EXPIRY + MINUTE]);
}

const HOUR: i64 = 3_600_000;

#[test]
fn jump_of_the_devices_clock_does_not_end_the_session() {
    for by in [2 * HOUR, -2 * HOUR, 1000 * HOUR] {
        let mut scenario = Scenario::with_status(AwaitingUser);
        scenario.wait(5000);
        scenario.take_actions();
        scenario.move_clock(by);
        scenario.frame_sends_message();
        while scenario.now() < EXPIRY + MINUTE - 1 {
            if scenario.is_polling() {
                scenario.poll_fails(FailureKind::Network);
            }
            let next = scenario.next_wake().unwrap().min(EXPIRY + MINUTE - 1);
            scenario.wait_until(next);
            assert_eq!(scenario.end(), None, "at {next} ms, moved by {by} ms");
            assert!(scenario.has_frame());
        }
        assert!(scenario.event_times("expiring").is_empty(), "the server's time is not known");
        assert_eq!(scenario.view().minutes_left, None);
        scenario.wait(1);
        assert_eq!(scenario.end(), Some((EndReason::Expired, false)), "moved by {by} ms: it has really expired");
    }
}

#[test]
fn jump_of_a_clock_makes_the_page_poll_once() {
    type Jump = fn(&mut Scenario);
    let jumps: [(Jump, usize); 5] = [
        (|scenario| scenario.move_clock(2 * HOUR), 1),
        (|scenario| scenario.move_clock(-31_000), 1),
        (|scenario| scenario.sleep(31_000), 1),
        (|scenario| scenario.sleep(30_000), 0),
        (|scenario| scenario.move_clock(30_000), 0),
    ];
    for (n, (jump, expected)) in jumps.into_iter().enumerate() {
        let mut scenario = Scenario::with_status(AwaitingUser);
        scenario.wait(5000);
        scenario.take_actions();
        jump(&mut scenario);
        scenario.unknown_frame_signals();
        scenario.wait(1000);
        let polls = scenario.polls();
        assert_eq!(polls.len(), expected, "jump {n}");
        assert!(polls.iter().all(|poll| poll.fresh), "jump {n}");
    }
}

#[test]
fn response_makes_the_servers_time_known_again() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.wait(5000);
    // The monotonic clock stands still: the session now expires in three minutes.
    scenario.sleep(EXPIRY - 3 * MINUTE - 5000);
    assert_eq!(scenario.view().minutes_left, None);
    scenario.poll_returns(AwaitingUser, 10);
    assert_eq!(scenario.view().minutes_left, Some(3));
    scenario.move_clock(-5 * HOUR);
    scenario.wait(5000);
    assert_eq!(scenario.view().minutes_left, None, "unknown again");
    scenario.poll_returns(AwaitingUser, 10);
    assert_eq!(scenario.view().minutes_left, Some(3));
    assert_eq!(scenario.event_names().iter().filter(|name| **name == "expiring").count(), 1);
}

#[test]
fn session_that_expired_during_sleep_ends_with_a_response() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.wait(5000);
    scenario.sleep(2 * EXPIRY);
    scenario.poll_fails(FailureKind::Network);
    assert_eq!(scenario.end(), None, "no server has confirmed it");
    scenario.wait(2000);
    scenario.poll_returns(Terminated, 10);
    assert_eq!(scenario.end(), Some((EndReason::Expired, true)));
}

#[test]
fn resumed_session_outlives_a_first_failure_with_a_wrong_clock() {
    let mut scenario = Scenario::idle();
    scenario.move_clock(2 * HOUR);
    scenario.resume();
    scenario.poll_fails(FailureKind::Network);
    assert_eq!(scenario.end(), None);
    scenario.wait(1000);
    scenario.poll_returns(AwaitingUser, 10);
    assert_eq!(scenario.end(), None);

    let mut expired = Scenario::idle();
    expired.move_clock(2 * HOUR);
    expired.resume();
    lose_server(&mut expired);
    expired.wait(MINUTE);
    assert_eq!(expired.end(), Some((EndReason::Expired, false)), "no server responds for a minute");
}
