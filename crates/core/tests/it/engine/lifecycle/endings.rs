//! The events of a session and its end.

use cr3dentials_core::engine::{
    Effect, EndReason, Event, FailureKind, HostAction, Input, SessionEnd, Stage, StatusResponse, Step,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::{
    self, AwaitingUser, Cancelled, CollectingData, Completed, Error, LoadingTree, PartialComplete, Running, Terminated,
    Unknown, Verifying,
};

use super::{NEW, ended, names, ready};
use crate::engine::harness::{Call, EPOCH, view};

#[test]
fn complete_run_emits_each_event_once_and_the_end_last() {
    let mut harness = ready();
    for (status, progress) in [(AwaitingUser, 30), (Running, 40), (CollectingData, 60), (Verifying, 90)] {
        harness.respond(status, progress);
        harness.pass(Millis(600));
    }
    let effects = harness.respond(Completed, 100);
    assert!(matches!(effects.last(), Some(Effect::Emit(Event::End(_)))), "{effects:?}");
    assert_eq!(harness.engine.view().stage, ended(EndReason::Completed));
    assert_eq!(names(&harness).iter().filter(|name| **name == "complete").count(), 1);
    assert_eq!(names(&harness).iter().filter(|name| **name == "action").count(), 1);
    assert_eq!(harness.frame, None);
}

#[test]
fn every_terminal_status_ends_the_session() {
    let code = Some("ACCOUNT_LOCKED".to_owned());
    for (status, reason) in [
        (Completed, EndReason::Completed),
        (PartialComplete, EndReason::Partial),
        (Error, EndReason::Failed { code }),
        (Cancelled, EndReason::Cancelled),
        (Terminated, EndReason::Terminated),
    ] {
        let mut harness = ready();
        harness.respond(status, 50);
        assert_eq!(harness.engine.view().stage, ended(reason));
        assert_eq!(harness.ends().len(), 1);
    }
}

#[test]
fn terminated_after_expiry_is_expired_by_the_servers_clock() {
    for device_is_wrong_by in [-600_000, 0, 600_000] {
        let mut harness = ready();
        harness.now.wall.0 += device_is_wrong_by;
        let call = harness.the(Call::Poll).unwrap();
        let server_time = EPOCH + Millis::from_secs(3601);
        let response = StatusResponse { result: Ok(view("s1", Terminated, 50, server_time)), long_polled: true };
        harness.give(Input::Status(call, response));
        assert_eq!(harness.engine.view().stage, ended(EndReason::Expired));
    }
}

#[test]
fn unknown_status_is_emitted_and_ends_nothing() {
    let mut harness = ready();
    harness.respond(Unknown("RESTING".into()), 50);
    assert_eq!(harness.engine.view().stage, Stage::Live);
    let emitted =
        |event: &Event| matches!(event, Event::Status(event) if event.status == SessionStatus::from_name("RESTING"));
    assert!(harness.events.iter().any(emitted));
}

#[test]
fn progress_and_steps_never_go_back() {
    let mut harness = ready();
    harness.respond(CollectingData, 60);
    harness.pass(Millis(600));
    harness.respond(AwaitingUser, 20);
    assert_eq!(harness.engine.view().progress, 60);
    assert_eq!(harness.engine.view().step, Step::ReadDetails);
}

#[test]
fn unreachable_server_past_expiry_ends_unconfirmed() {
    let mut harness = ready();
    harness.fail(FailureKind::Network);
    harness.pass(Millis::from_secs(3659));
    assert!(harness.ends().is_empty());
    harness.pass(Millis::from_secs(40));
    let end = SessionEnd { reason: EndReason::Expired, confirmed: false };
    assert_eq!(harness.engine.view().stage, Stage::Ended(end));
}

#[test]
fn close_ends_the_session_and_start_again_creates_another() {
    let mut harness = ready();
    let effects = harness.give(Input::Host(HostAction::Close));
    assert!(effects.contains(&Effect::NotifyClosed) && effects.contains(&Effect::Forget), "{effects:?}");
    assert!(harness.give(Input::Host(HostAction::Close)).is_empty());
    harness.give(Input::Host(HostAction::StartAgain));
    harness.created("s2");
    assert_eq!(harness.ends().len(), 1);
    assert_eq!(harness.engine.view().stage, Stage::Live);
}

#[test]
fn destroy_emits_nothing_and_is_final() {
    let mut harness = ready();
    let effects = harness.give(Input::Host(HostAction::Destroy));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Emit(_))), "{effects:?}");
    harness.give(NEW);
    assert_eq!(harness.engine.view().stage, Stage::Destroyed);
}

#[test]
fn expiry_warning_is_emitted_once_and_counts_down() {
    let mut harness = ready();
    harness.server = EPOCH + Millis::from_secs(3600 - 301);
    harness.respond(AwaitingUser, 30);
    assert_eq!(harness.engine.view().minutes_left, None);
    harness.pass(Millis(1_500));
    assert_eq!(harness.engine.view().minutes_left, Some(5));
    harness.pass(Millis(60_000));
    assert_eq!(harness.engine.view().minutes_left, Some(4));
    assert_eq!(names(&harness).iter().filter(|name| **name == "expiring").count(), 1);
}

#[test]
fn slow_step_is_shown_until_the_status_changes() {
    let mut harness = ready();
    harness.respond(LoadingTree, 10);
    harness.pass(Millis(10_100));
    assert!(harness.engine.view().slow);
    harness.respond(AwaitingUser, 30);
    assert!(!harness.engine.view().slow);
}
