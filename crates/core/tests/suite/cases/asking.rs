//! When it asks, and what becomes of failures.

use cr3dentials_core::engine::{Connection, Effect, Failure, FailureKind, FrameSignal, Input, PageSignal};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Ready, Running};

use super::{names, ready};
use crate::harness::Call;

#[test]
fn a_question_is_held_and_followed_at_once_by_the_next() {
    let mut harness = ready();
    let asked = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::PollStatus { wait_secs: 25, .. }));
    harness.pass(Millis(5_000));
    let effects = harness.answer(AwaitingUser, 30);
    assert!(asked(&effects), "{effects:?}");
}

#[test]
fn a_server_that_does_not_hold_is_asked_by_schedule() {
    let mut harness = ready();
    harness.answer(Ready, 5);
    assert_eq!(harness.the(Call::Ask), None);
    harness.pass(Millis(3_900));
    assert_eq!(harness.the(Call::Ask), None);
    harness.pass(Millis(200));
    assert!(harness.the(Call::Ask).is_some());
}

#[test]
fn a_hidden_page_holds_no_question() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Hidden));
    harness.pass(Millis(2_000));
    harness.answer(Running, 40);
    harness.pass(Millis(5_000));
    let last = harness.log.iter().rev().find_map(|effect| match effect {
        Effect::PollStatus { wait_secs, .. } => Some(*wait_secs),
        _ => None,
    });
    assert_eq!(last, Some(0));
}

#[test]
fn back_in_sight_it_asks_at_once_and_fresh() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Hidden));
    harness.pass(Millis(180_000));
    let frame = harness.frame;
    let effects = harness.give(Input::Page(PageSignal::Visible));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::PollStatus { fresh: true, .. })), "{effects:?}");
    assert_eq!(harness.frame, frame);
}

#[test]
fn a_failure_that_spanned_a_hidden_time_does_not_count() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Hidden));
    let effects = harness.fail(FailureKind::Network);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Emit(_))), "{effects:?}");
}

#[test]
fn failures_are_told_once_and_the_frame_stays() {
    let mut harness = ready();
    harness.answer(AwaitingUser, 30);
    harness.pass(Millis(600));
    for _ in 0..6 {
        harness.fail(FailureKind::Server);
        harness.pass(Millis(31_000));
    }
    assert_eq!(names(&harness).iter().filter(|name| **name == "error").count(), 1);
    assert_eq!(harness.engine.view().connection, Connection::Reconnecting);
    assert!(harness.frame.is_some());
    harness.answer(Running, 40);
    assert_eq!(harness.engine.view().connection, Connection::Fine);
}

#[test]
fn a_time_that_the_server_names_is_kept_even_when_the_user_returns() {
    let mut harness = ready();
    let call = harness.the(Call::Ask).unwrap();
    let failure = Failure { kind: FailureKind::RateLimited, retry_after: Some(Millis(20_000)) };
    harness.give(Input::Status(call, Err(failure)));
    harness.give(Input::Page(PageSignal::Hidden));
    harness.give(Input::Page(PageSignal::Visible));
    harness.pass(Millis(19_000));
    assert_eq!(harness.the(Call::Ask), None);
    harness.pass(Millis(1_100));
    assert!(harness.the(Call::Ask).is_some());
}

#[test]
fn nothing_is_asked_offline_and_at_once_when_online() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Offline));
    assert_eq!(harness.engine.view().connection, Connection::Offline);
    harness.pass(Millis(60_000));
    assert!(harness.open.is_empty());
    harness.give(Input::Page(PageSignal::Online));
    assert!(harness.the(Call::Ask).is_some());
}

#[test]
fn three_denials_over_half_a_minute_stall_and_one_answer_heals() {
    let mut harness = ready();
    for _ in 0..3 {
        harness.fail(FailureKind::NotFound);
        harness.pass(Millis(31_000));
    }
    assert!(harness.engine.view().stalled);
    assert!(harness.ends().is_empty());
    assert!(harness.frame.is_some());
    harness.pass(Millis(60_000));
    harness.answer(Running, 40);
    assert!(!harness.engine.view().stalled);
}

#[test]
fn a_hint_makes_it_ask_and_nothing_else() {
    let mut harness = ready();
    let frame = harness.frame.unwrap();
    harness.pass(Millis(1_000));
    let effects = harness.give(Input::Frame(frame, FrameSignal::Hint));
    assert!(matches!(effects[..], [Effect::Cancel(_), Effect::PollStatus { fresh: true, .. }]), "{effects:?}");
}

#[test]
fn a_flood_of_hints_cannot_silence_a_slow_server() {
    let mut harness = ready();
    let frame = harness.frame.unwrap();
    let mut open_since = harness.now.mono;
    let mut last = harness.the(Call::Ask);
    for _ in 0..600 {
        harness.give(Input::Frame(frame, FrameSignal::Hint));
        harness.pass(Millis(100));
        if harness.the(Call::Ask) != last {
            (last, open_since) = (harness.the(Call::Ask), harness.now.mono);
        }
        if harness.now.mono.since(open_since) >= Millis(20_000) {
            return;
        }
    }
    panic!("no question was left alone for 20 s");
}

#[test]
fn fifty_failures_of_any_kind_end_nothing() {
    for kind in [
        FailureKind::Network,
        FailureKind::Forbidden,
        FailureKind::NotFound,
        FailureKind::RateLimited,
        FailureKind::Refused,
        FailureKind::Server,
        FailureKind::BadResponse,
        FailureKind::ContractVersion,
    ] {
        let mut harness = ready();
        let frame = harness.frame;
        for _ in 0..50 {
            if harness.the(Call::Ask).is_some() {
                harness.fail(kind);
            }
            harness.pass(Millis(60_000));
        }
        assert!(harness.ends().is_empty(), "{kind}");
        assert_eq!(harness.frame, frame, "{kind}");
    }
}
