//! Status polling and its failures.

use cr3dentials_core::engine::{
    Connection, Effect, Failure, FailureKind, FrameSignal, Input, PageSignal, StatusResponse,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Ready, Running};

use super::{names, ready};
use crate::engine::harness::Call;

#[test]
fn long_poll_response_is_followed_by_the_next_poll_at_once() {
    let mut harness = ready();
    let polled = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::PollStatus { wait_secs: 25, .. }));
    harness.pass(Millis(5_000));
    let effects = harness.respond(AwaitingUser, 30);
    assert!(polled(&effects), "{effects:?}");
}

#[test]
fn server_without_long_polling_is_polled_at_intervals() {
    let mut harness = ready();
    harness.respond(Ready, 5);
    assert_eq!(harness.the(Call::Poll), None);
    harness.pass(Millis(3_900));
    assert_eq!(harness.the(Call::Poll), None);
    harness.pass(Millis(200));
    assert!(harness.the(Call::Poll).is_some());
}

#[test]
fn hidden_page_does_not_long_poll() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Hidden));
    harness.pass(Millis(2_000));
    harness.respond(Running, 40);
    harness.pass(Millis(5_000));
    let last = harness.log.iter().rev().find_map(|effect| match effect {
        Effect::PollStatus { wait_secs, .. } => Some(*wait_secs),
        _ => None,
    });
    assert_eq!(last, Some(0));
}

#[test]
fn visible_again_page_polls_at_once_and_fresh() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Hidden));
    harness.pass(Millis(180_000));
    let frame = harness.frame;
    let effects = harness.give(Input::Page(PageSignal::Visible));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::PollStatus { fresh: true, .. })), "{effects:?}");
    assert_eq!(harness.frame, frame);
}

#[test]
fn network_failure_while_hidden_is_not_reported() {
    let mut harness = ready();
    harness.give(Input::Page(PageSignal::Hidden));
    let effects = harness.fail(FailureKind::Network);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Emit(_))), "{effects:?}");
}

#[test]
fn repeated_failures_emit_one_error_and_keep_the_iframe() {
    let mut harness = ready();
    harness.respond(AwaitingUser, 30);
    harness.pass(Millis(600));
    for _ in 0..6 {
        harness.fail(FailureKind::Server);
        harness.pass(Millis(31_000));
        harness.pass_to_poll();
    }
    assert_eq!(names(&harness).iter().filter(|name| **name == "error").count(), 1);
    assert_eq!(harness.engine.view().connection, Connection::Reconnecting);
    assert!(harness.frame.is_some());
    harness.respond(Running, 40);
    assert_eq!(harness.engine.view().connection, Connection::Fine);
}

#[test]
fn retry_after_is_kept_when_the_user_returns() {
    let mut harness = ready();
    let call = harness.the(Call::Poll).unwrap();
    let failure = Failure { kind: FailureKind::RateLimited, retry_after: Some(Millis(20_000)) };
    harness.give(Input::Status(call, StatusResponse { result: Err(failure), long_polled: false }));
    harness.give(Input::Page(PageSignal::Hidden));
    harness.give(Input::Page(PageSignal::Visible));
    harness.pass(Millis(19_000));
    assert_eq!(harness.the(Call::Poll), None);
    harness.pass(Millis(1_100));
    assert!(harness.the(Call::Poll).is_some());
}

#[test]
fn offline_page_keeps_trying_and_polls_at_once_when_online() {
    let mut harness = ready();
    harness.pass(Millis(1_000));
    harness.give(Input::Page(PageSignal::Offline));
    assert_eq!(harness.engine.view().connection, Connection::Fine, "the browser may be wrong");
    harness.fail(FailureKind::Network);
    assert_eq!(harness.engine.view().connection, Connection::Offline);
    harness.pass_to_poll();
    harness.fail(FailureKind::Network);
    harness.pass(Millis(500));
    harness.give(Input::Page(PageSignal::Online));
    assert_eq!(harness.engine.view().connection, Connection::Reconnecting);
    assert!(harness.the(Call::Poll).is_some());
}

#[test]
fn repeated_refusals_stall_until_a_response_arrives() {
    let mut harness = ready();
    for _ in 0..3 {
        harness.fail(FailureKind::NotFound);
        harness.pass(Millis(31_000));
        harness.pass_to_poll();
    }
    assert!(harness.engine.view().stalled);
    assert!(harness.ends().is_empty());
    assert!(harness.frame.is_some());
    harness.pass(Millis(60_000));
    harness.pass_to_poll();
    harness.respond(Running, 40);
    assert!(!harness.engine.view().stalled);
}

#[test]
fn hint_causes_a_poll_and_nothing_else() {
    let mut harness = ready();
    let frame = harness.frame.unwrap();
    harness.pass(Millis(1_000));
    let effects = harness.give(Input::Frame(frame, FrameSignal::Hint));
    assert!(matches!(effects[..], [Effect::Cancel(_), Effect::PollStatus { fresh: true, .. }]), "{effects:?}");
}

#[test]
fn flood_of_hints_does_not_starve_a_slow_response() {
    let mut harness = ready();
    let frame = harness.frame.unwrap();
    let mut open_since = harness.now.mono;
    let mut last = harness.the(Call::Poll);
    for _ in 0..600 {
        harness.give(Input::Frame(frame, FrameSignal::Hint));
        harness.pass(Millis(100));
        if harness.the(Call::Poll) != last {
            (last, open_since) = (harness.the(Call::Poll), harness.now.mono);
        }
        if harness.now.mono.since(open_since) >= Millis(20_000) {
            return;
        }
    }
    panic!("no poll was in flight for 20 s");
}

#[test]
fn fifty_failures_of_any_kind_end_no_session() {
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
            if harness.the(Call::Poll).is_some() {
                harness.fail(kind);
            }
            harness.pass(Millis(60_000));
        }
        assert!(harness.ends().is_empty(), "{kind}");
        assert_eq!(harness.frame, frame, "{kind}");
    }
}
