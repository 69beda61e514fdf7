//! What a session says of itself, and how it ends.

use cr3dentials_core::engine::{
    Effect, EndReason, Event, FailureKind, HostAction, Input, SessionEnd, Stage, StatusResponse, Step,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::{
    self, AwaitingUser, Cancelled, CollectingData, Completed, Error, LoadingTree, PartialComplete, Running, Terminated,
    Unknown, Verifying,
};

use super::{NEW, ended, names, ready};
use crate::harness::{Call, EPOCH, view};

#[test]
fn a_walk_emits_each_fact_once_and_the_end_last() {
    let mut harness = ready();
    for (status, progress) in [(AwaitingUser, 30), (Running, 40), (CollectingData, 60), (Verifying, 90)] {
        harness.answer(status, progress);
        harness.pass(Millis(600));
    }
    let effects = harness.answer(Completed, 100);
    assert!(matches!(effects.last(), Some(Effect::Emit(Event::End(_)))), "{effects:?}");
    assert_eq!(harness.engine.view().stage, ended(EndReason::Completed));
    assert_eq!(names(&harness).iter().filter(|name| **name == "complete").count(), 1);
    assert_eq!(names(&harness).iter().filter(|name| **name == "action").count(), 1);
    assert_eq!(harness.frame, None);
}

#[test]
fn every_terminal_status_has_its_end() {
    let code = Some("ACCOUNT_LOCKED".to_owned());
    for (status, reason) in [
        (Completed, EndReason::Completed),
        (PartialComplete, EndReason::Partial),
        (Error, EndReason::Failed { code }),
        (Cancelled, EndReason::Cancelled),
        (Terminated, EndReason::Terminated),
    ] {
        let mut harness = ready();
        harness.answer(status, 50);
        assert_eq!(harness.engine.view().stage, ended(reason));
        assert_eq!(harness.ends().len(), 1);
    }
}

#[test]
fn terminated_past_its_expiry_is_expired_whatever_the_devices_clock_says() {
    for device_is_wrong_by in [-600_000, 0, 600_000] {
        let mut harness = ready();
        harness.now.wall.0 += device_is_wrong_by;
        let call = harness.the(Call::Ask).unwrap();
        let server_time = EPOCH + Millis::from_secs(3601);
        let answer = StatusResponse { view: view("s1", Terminated, 50, server_time), long_polled: true };
        harness.give(Input::Status(call, Ok(answer)));
        assert_eq!(harness.engine.view().stage, ended(EndReason::Expired));
    }
}

#[test]
fn an_unknown_status_is_passed_on_and_ends_nothing() {
    let mut harness = ready();
    harness.answer(Unknown("RESTING".into()), 50);
    assert_eq!(harness.engine.view().stage, Stage::Live);
    let told =
        |event: &Event| matches!(event, Event::Status(told) if told.status == SessionStatus::from_name("RESTING"));
    assert!(harness.events.iter().any(told));
}

#[test]
fn progress_and_steps_never_run_backwards() {
    let mut harness = ready();
    harness.answer(CollectingData, 60);
    harness.pass(Millis(600));
    harness.answer(AwaitingUser, 20);
    assert_eq!(harness.engine.view().progress, 60);
    assert_eq!(harness.engine.view().step, Step::ReadDetails);
}

#[test]
fn an_unreachable_server_well_past_the_expiry_is_an_unconfirmed_end() {
    let mut harness = ready();
    harness.fail(FailureKind::Network);
    harness.pass(Millis::from_secs(3659));
    assert!(harness.ends().is_empty());
    harness.pass(Millis::from_secs(40));
    let end = SessionEnd { reason: EndReason::Expired, confirmed: false };
    assert_eq!(harness.engine.view().stage, Stage::Ended(end));
}

#[test]
fn close_ends_our_view_and_start_again_begins_another() {
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
fn destroy_is_silent_and_final() {
    let mut harness = ready();
    let effects = harness.give(Input::Host(HostAction::Destroy));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Emit(_))), "{effects:?}");
    harness.give(NEW);
    assert_eq!(harness.engine.view().stage, Stage::Destroyed);
}

#[test]
fn the_last_minutes_are_told_once_and_counted() {
    let mut harness = ready();
    let call = harness.the(Call::Ask).unwrap();
    let answer =
        StatusResponse { view: view("s1", AwaitingUser, 30, EPOCH + Millis::from_secs(3600 - 301)), long_polled: true };
    harness.give(Input::Status(call, Ok(answer)));
    assert_eq!(harness.engine.view().minutes_left, None);
    harness.pass(Millis(1_500));
    assert_eq!(harness.engine.view().minutes_left, Some(5));
    harness.pass(Millis(60_000));
    assert_eq!(harness.engine.view().minutes_left, Some(4));
    assert_eq!(names(&harness).iter().filter(|name| **name == "expiring").count(), 1);
}

#[test]
fn slow_is_said_and_taken_back() {
    let mut harness = ready();
    harness.answer(LoadingTree, 10);
    harness.pass(Millis(10_100));
    assert!(harness.engine.view().slow);
    harness.answer(AwaitingUser, 30);
    assert!(!harness.engine.view().slow);
}
