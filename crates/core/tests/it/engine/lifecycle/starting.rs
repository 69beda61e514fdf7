//! The start of a verification.

use cr3dentials_core::engine::{
    ClientToken, Config, Effect, Event, Failure, FailureKind, FrameSignal, HostAction, Input, Resume, Stage, Start,
    StatusResponse, View,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::AwaitingUser;

use super::{NEW, ready};
use crate::engine::harness::{Call, EPOCH, Harness, view};

#[test]
fn resumed_session_polls_before_it_shows_an_iframe() {
    let mut harness = Harness::new(1);
    let token = ClientToken("token".to_owned());
    let resume = Resume { session_id: "s1".to_owned(), client_token: token, platform_id: Some(1), expires_at: None };
    harness.give(Input::Start(Start::Resume(resume)));
    assert_eq!(harness.the(Call::Embed), None);
    let call = harness.the(Call::Poll).unwrap();
    let response = StatusResponse { result: Ok(view("s1", AwaitingUser, 30, EPOCH)), long_polled: true };
    harness.give(Input::Status(call, response));
    assert!(harness.the(Call::Embed).is_some());
}

#[test]
fn unknown_resumed_session_stalls_until_start_again() {
    let mut harness = Harness::new(1);
    let token = ClientToken("token".to_owned());
    let resume = Resume { session_id: "s1".to_owned(), client_token: token, platform_id: Some(1), expires_at: None };
    harness.give(Input::Start(Start::Resume(resume)));
    harness.fail(FailureKind::NotFound);
    assert!(harness.engine.view().stalled);
    harness.give(Input::Host(HostAction::StartAgain));
    assert_eq!(harness.ends().len(), 1);
    harness.created("s2");
    assert_eq!(harness.engine.view().session_id.as_deref(), Some("s2"));
}

#[test]
fn session_of_another_tab_waits_until_the_user_continues_here() {
    let mut harness = Harness::new(1);
    harness.alone = false;
    let token = ClientToken("token".to_owned());
    let resume = Resume { session_id: "s1".to_owned(), client_token: token, platform_id: Some(1), expires_at: None };
    harness.give(Input::Start(Start::Resume(resume)));
    harness.pass(Millis(60_000));
    assert_eq!(harness.the(Call::Poll), None, "polled before ownership was known");
    harness.give(Input::Ownership("s1".to_owned(), false));
    assert!(harness.engine.view().elsewhere);
    harness.pass(Millis(60_000));
    assert_eq!(harness.the(Call::Poll), None);

    let effects = harness.give(Input::Host(HostAction::UseHere));
    assert_eq!(effects, [Effect::AcquireOwnership { session_id: "s1".to_owned(), steal: true }]);
    harness.give(Input::Ownership("s1".to_owned(), true));
    harness.respond(AwaitingUser, 30);
    assert!(harness.the(Call::Embed).is_some(), "an iframe for this tab");
    harness.give(Input::Ownership("s1".to_owned(), false));
    assert!(harness.engine.view().elsewhere);
    assert!(harness.ends().is_empty(), "the session continues in the other tab");
}

#[test]
fn remount_before_the_first_response_mounts_one_iframe() {
    let mut harness = Harness::new(1);
    let token = ClientToken("token".to_owned());
    let resume = Resume { session_id: "s1".to_owned(), client_token: token, platform_id: Some(1), expires_at: None };
    harness.give(Input::Start(Start::Resume(resume)));
    harness.give(Input::Host(HostAction::Remount));
    let call = harness.the(Call::Embed).unwrap();
    harness.respond(AwaitingUser, 30);
    let url = harness.fresh_url();
    harness.give(Input::Embed(call, Ok(url)));
    let frame = harness.frame.unwrap();
    harness.give(Input::Frame(frame, FrameSignal::Hint));
    harness.pass(Millis(30_000));
    let fetches = harness.log.iter().filter(|effect| matches!(effect, Effect::FetchEmbedUrl { .. })).count();
    assert_eq!(fetches, 1);
}

#[test]
fn create_is_retried_with_the_same_key() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    for _ in 0..2 {
        let call = harness.the(Call::Create).unwrap();
        harness.give(Input::Created(call, Err(Failure { kind: FailureKind::Network, retry_after: None })));
        harness.pass(Millis(5_000));
    }
    let mut keys = keys(&harness);
    assert_eq!(keys.len(), 3);
    keys.dedup();
    assert_eq!(keys.len(), 1);
}

/// Returns the idempotency keys of all creates.
fn keys(harness: &Harness) -> Vec<String> {
    let key = |effect: &Effect| match effect {
        Effect::Create { key, .. } => Some(key.clone()),
        _ => None,
    };
    harness.log.iter().filter_map(key).collect()
}

#[test]
fn users_retry_has_a_new_key_after_a_response() {
    for (kind, same) in [(FailureKind::Network, true), (FailureKind::Server, false), (FailureKind::Refused, false)] {
        let mut harness = Harness::new(1);
        harness.give(NEW);
        while !matches!(harness.engine.view().stage, Stage::NotStarted(_)) {
            assert!(harness.now.mono < Millis(100_000), "{kind}: it never gives up");
            if let Some(call) = harness.the(Call::Create) {
                harness.give(Input::Created(call, Err(Failure { kind, retry_after: None })));
            }
            harness.pass(Millis(8_000));
        }
        let attempts = keys(&harness);
        assert!(attempts.iter().all(|key| *key == attempts[0]), "{kind}: automatic retries share a key");
        harness.give(Input::Host(HostAction::Refresh));
        assert_eq!(keys(&harness).last() == attempts.first(), same, "{kind}");
    }
}

#[test]
fn refused_create_waits_for_the_user() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    let call = harness.the(Call::Create).unwrap();
    harness.give(Input::Created(call, Err(Failure { kind: FailureKind::Forbidden, retry_after: None })));
    assert_eq!(harness.engine.view().stage, Stage::NotStarted(FailureKind::Forbidden));
    harness.give(Input::Host(HostAction::Refresh));
    assert!(harness.the(Call::Create).is_some());
}

#[test]
fn rate_limited_create_counts_down_and_retries() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    let call = harness.the(Call::Create).unwrap();
    let failure = Failure { kind: FailureKind::RateLimited, retry_after: Some(Millis(9_500)) };
    harness.give(Input::Created(call, Err(failure)));
    assert_eq!(harness.engine.view().retry_secs, Some(10));
    harness.pass(Millis(4_000));
    assert_eq!(harness.engine.view().retry_secs, Some(6));
    harness.pass(Millis(6_000));
    assert!(harness.the(Call::Create).is_some());
}

#[test]
fn second_start_is_ignored() {
    let mut harness = ready();
    assert!(harness.give(NEW).is_empty());
}

#[test]
fn spent_key_is_replaced_automatically() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    let call = harness.the(Call::Create).unwrap();
    harness.give(Input::Created(call, Err(Failure { kind: FailureKind::KeySpent, retry_after: None })));
    assert_eq!(harness.engine.view().stage, Stage::Creating, "no action by the user is needed");
    harness.pass(Millis(2_000));
    let keys = keys(&harness);
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    harness.created("s1");
    assert_eq!(harness.engine.view().session_id.as_deref(), Some("s1"));
}

#[test]
fn creates_with_spent_keys_end_after_the_last_attempt() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    for _ in 0..20 {
        if let Some(call) = harness.the(Call::Create) {
            harness.give(Input::Created(call, Err(Failure { kind: FailureKind::KeySpent, retry_after: None })));
        }
        harness.pass(Millis(10_000));
    }
    assert_eq!(harness.engine.view().stage, Stage::NotStarted(FailureKind::KeySpent));
    assert_eq!(keys(&harness).len(), 4);
}

#[test]
fn session_of_another_user_is_left_without_events() {
    let mut harness = Harness::new(1);
    let token = ClientToken("token".to_owned());
    let resume = Resume { session_id: "s1".to_owned(), client_token: token, platform_id: Some(1), expires_at: None };
    harness.give(Input::Start(Start::Resume(resume)));
    let effects = harness.fail(FailureKind::OtherUser);
    assert_eq!(effects, [Effect::Forget, Effect::Renew]);
    assert_eq!(*harness.engine.view(), View::default(), "nothing of the session is shown");
    assert!(harness.events.is_empty(), "{:?}", harness.events);
    harness.give(NEW);
    harness.created("s2");
    assert_eq!(harness.engine.view().session_id.as_deref(), Some("s2"));
}

#[test]
fn iframe_of_another_users_session_is_removed() {
    let mut harness = ready();
    let emitted = harness.events.len();
    harness.fail(FailureKind::OtherUser);
    assert_eq!(harness.frame, None);
    assert_eq!(harness.events.len(), emitted);
}

#[test]
fn changing_identity_is_reported_after_two_new_sessions() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    for number in 0..2 {
        harness.created(&format!("s{number}"));
        harness.fail(FailureKind::OtherUser);
        assert_eq!(harness.engine.view().stage, Stage::Idle);
        harness.give(NEW);
        harness.pass(Millis(600));
    }
    harness.created("s2");
    harness.fail(FailureKind::OtherUser);
    assert_eq!(harness.engine.view().stage, Stage::Live, "no third session is started");
    assert!(matches!(harness.events.last(), Some(Event::Error(error)) if error.code == "other-user"));
    // A response for the user's session resets the count.
    harness.pass(Millis(5_000));
    harness.respond(AwaitingUser, 30);
    harness.pass(Millis(5_000));
    harness.fail(FailureKind::OtherUser);
    assert_eq!(harness.engine.view().stage, Stage::Idle);
}

#[test]
fn start_again_after_a_pick_returns_to_the_picker() {
    let mut harness = Harness::with(Config { user_picks: true, ..Config::default() }, 1);
    harness.give(NEW);
    harness.created("s1");
    harness.give(Input::Host(HostAction::StartAgain));
    assert_eq!(harness.engine.view().stage, Stage::Idle);
    assert_eq!(harness.the(Call::Create), None);
    assert_eq!(harness.ends().len(), 1);
    harness.give(Input::Start(Start::New { platform_id: 2, key: None, failure: None }));
    assert!(harness.the(Call::Create).is_some());
}
