//! One behaviour each, told as a short story.

use cr3dentials_core::contract::FrameUrl;
use cr3dentials_core::engine::{
    Answer, ClientToken, Connection, Effect, End, EndReason, Event, Failure, FailureKind, FrameNews, FrameView,
    HostAction, Input, PageNews, Resume, Stage, Start, Step,
};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus::{self, *};

use crate::harness::{Call, EPOCH, Harness, view};

const NEW: Input = Input::Start(Start::New { platform_id: 1, key: None });

/// A session that was created and whose first answer is `READY`.
fn ready() -> Harness {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    harness.created("s1");
    harness.answer(Ready, 5);
    harness.pass(Millis(600));
    harness
}

fn ended(reason: EndReason) -> Stage {
    Stage::Ended(End { reason, confirmed: true })
}

fn names(harness: &Harness) -> Vec<&'static str> {
    harness.events.iter().map(Event::name).collect()
}

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
        let answer = Answer { view: view("s1", Terminated, 50, server_time), held: true };
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
fn a_question_is_held_and_followed_at_once_by_the_next() {
    let mut harness = ready();
    let asked = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Ask { wait_secs: 25, .. }));
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
    harness.give(Input::Page(PageNews::Hidden));
    harness.pass(Millis(2_000));
    harness.answer(Running, 40);
    harness.pass(Millis(5_000));
    let last = harness.log.iter().rev().find_map(|effect| match effect {
        Effect::Ask { wait_secs, .. } => Some(*wait_secs),
        _ => None,
    });
    assert_eq!(last, Some(0));
}

#[test]
fn back_in_sight_it_asks_at_once_and_fresh() {
    let mut harness = ready();
    harness.give(Input::Page(PageNews::Hidden));
    harness.pass(Millis(180_000));
    let frame = harness.frame;
    let effects = harness.give(Input::Page(PageNews::Visible));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Ask { fresh: true, .. })), "{effects:?}");
    assert_eq!(harness.frame, frame);
}

#[test]
fn a_failure_that_spanned_a_hidden_time_does_not_count() {
    let mut harness = ready();
    harness.give(Input::Page(PageNews::Hidden));
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
    harness.give(Input::Page(PageNews::Hidden));
    harness.give(Input::Page(PageNews::Visible));
    harness.pass(Millis(19_000));
    assert_eq!(harness.the(Call::Ask), None);
    harness.pass(Millis(1_100));
    assert!(harness.the(Call::Ask).is_some());
}

#[test]
fn nothing_is_asked_offline_and_at_once_when_online() {
    let mut harness = ready();
    harness.give(Input::Page(PageNews::Offline));
    assert_eq!(harness.engine.view().connection, Connection::Offline);
    harness.pass(Millis(60_000));
    assert!(harness.open.is_empty());
    harness.give(Input::Page(PageNews::Online));
    assert!(harness.the(Call::Ask).is_some());
}

#[test]
fn three_denials_over_half_a_minute_stall_and_one_answer_heals() {
    let mut harness = ready();
    while !harness.engine.view().stalled {
        harness.fail(FailureKind::NotFound);
        harness.pass(Millis(31_000));
    }
    assert!(harness.ends().is_empty());
    assert!(harness.frame.is_some());
    harness.pass(Millis(60_000));
    harness.answer(Running, 40);
    assert!(!harness.engine.view().stalled);
}

#[test]
fn an_unreachable_server_well_past_the_expiry_is_an_unconfirmed_end() {
    let mut harness = ready();
    harness.fail(FailureKind::Network);
    harness.pass(Millis::from_secs(3659));
    assert!(harness.ends().is_empty());
    harness.pass(Millis::from_secs(40));
    let end = End { reason: EndReason::Expired, confirmed: false };
    assert_eq!(harness.engine.view().stage, Stage::Ended(end));
}

#[test]
fn a_hint_makes_it_ask_and_nothing_else() {
    let mut harness = ready();
    let frame = harness.frame.unwrap();
    harness.pass(Millis(1_000));
    let effects = harness.give(Input::Frame(frame, FrameNews::Hint));
    assert!(matches!(effects[..], [Effect::Cancel(_), Effect::Ask { fresh: true, .. }]), "{effects:?}");
}

#[test]
fn a_flood_of_hints_cannot_silence_a_slow_server() {
    let mut harness = ready();
    let frame = harness.frame.unwrap();
    let mut open_since = harness.now.mono;
    let mut last = harness.the(Call::Ask);
    for _ in 0..600 {
        harness.give(Input::Frame(frame, FrameNews::Hint));
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
fn a_lost_frame_is_followed_by_another_with_a_fresh_url() {
    let mut harness = ready();
    let first = harness.frame.unwrap();
    let effects = harness.give(Input::Frame(first, FrameNews::Lost));
    assert!(effects.contains(&Effect::Drop(first)), "{effects:?}");
    let url = harness.fresh_url();
    let call = harness.the(Call::Embed).unwrap();
    harness.give(Input::Embed(call, Ok(url)));
    assert!(harness.frame.is_some_and(|frame| frame != first));
}

#[test]
fn a_url_that_was_used_is_not_loaded_again() {
    let mut harness = ready();
    harness.give(Input::Frame(harness.frame.unwrap(), FrameNews::Lost));
    let call = harness.the(Call::Embed).unwrap();
    let used = FrameUrl { embed_url: "https://frame.example.com/verify/1".to_owned() };
    harness.give(Input::Embed(call, Ok(used)));
    assert_eq!(harness.frame, None);
    assert_eq!(harness.engine.view().frame, FrameView::Unavailable);
}

#[test]
fn remount_keeps_the_old_frame_until_the_new_one_can_be_shown() {
    let mut harness = ready();
    let first = harness.frame;
    harness.give(Input::Host(HostAction::Remount));
    assert_eq!(harness.frame, first);
    let call = harness.the(Call::Embed).unwrap();
    let url = harness.fresh_url();
    harness.give(Input::Embed(call, Ok(url)));
    assert_ne!(harness.frame, first);
}

#[test]
fn a_long_ready_offers_a_new_window() {
    let mut harness = ready();
    harness.pass(Millis(20_100));
    let call = harness.the(Call::Embed).unwrap();
    let url = harness.fresh_url();
    harness.give(Input::Embed(call, Ok(url)));
    assert!(harness.engine.view().window.is_some());
    harness.answer(Connected, 10);
    assert_eq!(harness.engine.view().window, None);
}

#[test]
fn a_resumed_session_asks_before_it_shows_a_frame() {
    let mut harness = Harness::new(1);
    let token = ClientToken("token".to_owned());
    let resume = Resume { session_id: "s1".to_owned(), client_token: token, platform_id: Some(1), expires_at: None };
    harness.give(Input::Start(Start::Resume(resume)));
    assert_eq!(harness.the(Call::Embed), None);
    let call = harness.the(Call::Ask).unwrap();
    let answer = Answer { view: view("s1", AwaitingUser, 30, EPOCH), held: true };
    harness.give(Input::Status(call, Ok(answer)));
    assert!(harness.the(Call::Embed).is_some());
}

#[test]
fn a_resumed_session_that_nobody_knows_is_said_at_once_and_start_again_helps() {
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
fn a_create_is_repeated_with_the_same_key() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    for _ in 0..2 {
        let call = harness.the(Call::Create).unwrap();
        harness.give(Input::Created(call, Err(Failure { kind: FailureKind::Network, retry_after: None })));
        harness.pass(Millis(5_000));
    }
    let mut keys: Vec<&String> = harness
        .log
        .iter()
        .filter_map(|effect| match effect {
            Effect::Create { key, .. } => Some(key),
            _ => None,
        })
        .collect();
    assert_eq!(keys.len(), 3);
    keys.dedup();
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_refused_create_waits_for_the_user() {
    let mut harness = Harness::new(1);
    harness.give(NEW);
    let call = harness.the(Call::Create).unwrap();
    harness.give(Input::Created(call, Err(Failure { kind: FailureKind::Forbidden, retry_after: None })));
    assert_eq!(harness.engine.view().stage, Stage::NotStarted(FailureKind::Forbidden));
    harness.give(Input::Host(HostAction::Refresh));
    assert!(harness.the(Call::Create).is_some());
}

#[test]
fn too_many_at_once_counts_down_and_goes_on() {
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
fn a_second_start_changes_nothing() {
    let mut harness = ready();
    assert!(harness.give(NEW).is_empty());
}

#[test]
fn close_ends_our_view_and_start_again_begins_another() {
    let mut harness = ready();
    let effects = harness.give(Input::Host(HostAction::Close));
    assert!(effects.contains(&Effect::Farewell) && effects.contains(&Effect::Forget), "{effects:?}");
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
    let answer = Answer { view: view("s1", AwaitingUser, 30, EPOCH + Millis::from_secs(3600 - 301)), held: true };
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
