//! From the start of a verification to its session.

use cr3dentials_core::engine::{Connection, EndReason, Event, FailureKind, Stage};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Created};

use crate::engine::scenario::{Action, SESSION, Scenario};

#[test]
fn created_session_is_saved_shown_and_polled() {
    let mut scenario = Scenario::creating();
    assert_eq!(scenario.platforms(), [1]);
    scenario.take_actions();
    let created = scenario.new_session(SESSION);
    scenario.create_returns(created.clone());
    assert_eq!(scenario.frames_shown(), [created.embed_url]);
    assert_eq!(scenario.polls().len(), 1);
    assert!(scenario.did(&Action::RequestOwnership { steal: false }));
    let saved = scenario.saved();
    assert_eq!(saved.len(), 1);
    assert_eq!(saved[0].session_id, SESSION);
    assert_eq!(saved[0].client_token.0, "token");
    assert_eq!(saved[0].platform_id, Some(1));
    assert_eq!(saved[0].expires_at, created.expires_at);
    assert_eq!(scenario.event_names(), ["status", "ready"]);
    assert!(matches!(&scenario.events()[0], Event::Status(event) if event.status == Created));
    assert!(matches!(&scenario.events()[1], Event::Ready(event) if !event.resumed));
}

#[test]
fn failed_create_is_repeated_at_the_named_time() {
    for kind in [FailureKind::Network, FailureKind::Server, FailureKind::RateLimited, FailureKind::BadResponse] {
        let mut scenario = Scenario::creating();
        scenario.create_fails(kind, Some(7000));
        scenario.wait(60_000);
        assert_eq!(scenario.create_times()[..2], [0, 7000], "{kind}");
        assert_eq!(scenario.error_codes()[0], (kind.code().to_owned(), true));
    }
}

#[test]
fn failed_create_is_never_repeated_within_half_a_second() {
    let mut scenario = Scenario::creating();
    scenario.create_fails(FailureKind::Server, Some(0));
    scenario.wait(1000);
    assert_eq!(scenario.create_times(), [0, 500]);
}

#[test]
fn create_without_a_response_is_aborted_after_40_seconds() {
    let mut scenario = Scenario::creating();
    scenario.wait(39_999);
    assert!(scenario.abort_times().is_empty());
    scenario.wait(60_000);
    assert_eq!(scenario.abort_times()[0], 40_000);
    assert_eq!(scenario.error_codes()[0], ("network".to_owned(), true));
    assert!(scenario.create_times()[1] <= 41_000, "and repeated within the first wait");
}

#[test]
fn create_gives_up_after_the_fourth_failure() {
    let mut scenario = Scenario::creating();
    for attempt in 1..=4 {
        assert_eq!(scenario.view().stage, Stage::Creating, "attempt {attempt}");
        scenario.create_fails(FailureKind::Server, Some(1000));
        scenario.wait(1000);
    }
    assert_eq!(scenario.view().stage, Stage::NotStarted(FailureKind::Server));
    assert_eq!(scenario.create_times(), [0, 1000, 2000, 3000]);
    let retrying: Vec<bool> = scenario.errors().iter().map(|error| error.retrying).collect();
    assert_eq!(retrying, [true, true, true, false]);
    assert!(scenario.errors().iter().all(|error| error.session_id.is_none() && !error.message.is_empty()));
}

#[test]
fn refused_create_is_not_repeated() {
    for kind in [FailureKind::Forbidden, FailureKind::NotFound, FailureKind::Refused, FailureKind::ContractVersion] {
        let mut scenario = Scenario::creating();
        scenario.create_fails(kind, None);
        assert_eq!(scenario.view().stage, Stage::NotStarted(kind));
        assert_eq!(scenario.next_wake(), None);
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), false)]);
    }
}

#[test]
fn gateway_that_responds_to_creates_never_blames_the_sign_in() {
    let mut scenario = Scenario::creating();
    for _ in 0..3 {
        scenario.create_fails(FailureKind::Intermediary, Some(2000));
        assert_eq!((&scenario.view().stage, scenario.view().connection), (&Stage::Creating, Connection::Slow));
        scenario.wait(2000);
    }
    assert_eq!(scenario.create_times(), [0, 2000, 4000, 6000], "as the gateway requested");
    scenario.create_fails(FailureKind::Intermediary, None);
    assert_eq!(scenario.view().stage, Stage::NotStarted(FailureKind::Intermediary));
    scenario.refresh();
    let keys = scenario.keys();
    assert!(keys.iter().all(|key| *key == keys[0]), "the proxy may have received the create: {keys:?}");
}

#[test]
fn too_many_requests_never_stop_the_retries() {
    let mut scenario = Scenario::creating();
    for _ in 0..20 {
        scenario.create_fails(FailureKind::RateLimited, Some(1000));
        scenario.wait(1000);
    }
    assert_eq!(scenario.view().stage, Stage::Creating);
    assert_eq!(scenario.create_times().len(), 21);
}

#[test]
fn retry_by_the_user_starts_with_four_attempts_again() {
    let mut scenario = Scenario::creating();
    scenario.create_fails(FailureKind::Refused, None);
    scenario.wait(60_000);
    scenario.refresh();
    assert_eq!(scenario.create_times(), [0, 60_000]);
    assert_eq!(scenario.view().connection, Connection::Fine);
    assert!(!scenario.view().slow, "it has only just begun");
    for _ in 0..3 {
        scenario.create_fails(FailureKind::Server, Some(1000));
        assert_eq!(scenario.view().stage, Stage::Creating, "four more attempts");
        scenario.wait(1000);
    }
    scenario.create_succeeds();
    assert_eq!(scenario.view().stage, Stage::Live);
}

#[test]
fn refresh_does_not_repeat_a_create_under_way() {
    let mut scenario = Scenario::creating();
    scenario.refresh();
    scenario.wait(5000);
    assert_eq!(scenario.create_times(), [0]);
}

#[test]
fn create_is_sent_whatever_the_browser_says_of_the_network() {
    let mut scenario = Scenario::idle();
    scenario.network_goes();
    scenario.start();
    assert_eq!(scenario.create_times(), [0]);
    assert_eq!(scenario.view().connection, Connection::Fine, "nothing has failed");
    scenario.create_succeeds();
    assert_eq!(scenario.view().stage, Stage::Live);
}

#[test]
fn offline_device_is_waited_for() {
    let mut scenario = Scenario::idle();
    scenario.network_goes();
    scenario.start();
    for _ in 0..20 {
        scenario.create_fails(FailureKind::Network, None);
        assert_eq!((&scenario.view().stage, scenario.view().connection), (&Stage::Creating, Connection::Offline));
        while !scenario.is_creating() {
            scenario.wait_until(scenario.next_wake().unwrap());
        }
    }
    scenario.create_fails(FailureKind::Network, None);
    let now = scenario.now();
    scenario.network_returns();
    assert_eq!(scenario.create_times().last(), Some(&now), "at once");
    for _ in 0..3 {
        scenario.create_fails(FailureKind::Server, Some(1000));
        scenario.wait(1000);
    }
    scenario.create_fails(FailureKind::Server, None);
    assert_eq!(scenario.view().stage, Stage::NotStarted(FailureKind::Server), "four attempts with a network");
}

#[test]
fn refresh_repeats_a_create_unless_the_server_named_a_time() {
    for (retry_after, next) in [(None, 0), (Some(9000), 9000)] {
        let mut scenario = Scenario::creating();
        scenario.create_fails(FailureKind::Server, retry_after);
        scenario.refresh();
        scenario.wait(10_000);
        assert_eq!(scenario.create_times(), [0, next]);
    }
}

#[test]
fn create_waits_while_the_page_is_frozen() {
    let mut scenario = Scenario::idle();
    scenario.page_is_frozen();
    scenario.start();
    scenario.wait(30_000);
    assert!(scenario.create_times().is_empty());
    scenario.page_is_restored();
    assert_eq!(scenario.create_times(), [30_000]);
}

#[test]
fn network_return_ends_the_wait_unless_the_server_named_its_end() {
    for (kind, retry_after, held) in [
        (FailureKind::Server, None, false),
        (FailureKind::Network, None, false),
        (FailureKind::Server, Some(20_000), true),
        (FailureKind::Intermediary, Some(20_000), true),
        (FailureKind::RateLimited, None, true),
        (FailureKind::RateLimited, Some(20_000), true),
    ] {
        let mut scenario = Scenario::creating();
        scenario.create_fails(kind, retry_after);
        scenario.network_goes();
        scenario.network_returns();
        assert_eq!(scenario.is_creating(), !held, "{kind}, {retry_after:?}");
        scenario.wait(19_999);
        if retry_after.is_some() {
            assert_eq!(scenario.create_times(), [0], "{kind}");
        }
    }
}

#[test]
fn create_under_way_survives_a_network_change() {
    let mut scenario = Scenario::creating();
    scenario.network_goes();
    scenario.wait(1000);
    scenario.network_returns();
    scenario.wait(1000);
    assert_eq!(scenario.create_times(), [0]);
    scenario.create_succeeds();
    assert_eq!(scenario.view().stage, Stage::Live);
}

#[test]
fn network_that_was_never_gone_changes_nothing() {
    let mut scenario = Scenario::creating();
    scenario.create_fails(FailureKind::Server, Some(20_000));
    scenario.network_returns();
    scenario.wait(19_999);
    assert_eq!(scenario.create_times(), [0]);
}

#[test]
fn failure_of_the_hosts_create_counts_as_the_first_attempt() {
    let mut scenario = Scenario::idle();
    scenario.start_after_failure("key", FailureKind::RateLimited, Some(60_000));
    assert_eq!(scenario.error_codes(), [("rate-limited".to_owned(), true)]);
    assert_eq!(scenario.view().stage, Stage::Creating);
    assert_eq!((scenario.view().connection, scenario.view().retry_secs), (Connection::Busy, Some(60)));
    scenario.wait(70_000);
    assert_eq!(scenario.create_times(), [60_000], "never before the server's Retry-After");
    assert_eq!(scenario.keys(), ["key"], "the server may have received the first one");

    let mut failing = Scenario::idle();
    failing.start_after_failure("key", FailureKind::Server, Some(1000));
    for _ in 0..3 {
        failing.wait(1000);
        failing.create_fails(FailureKind::Server, Some(1000));
    }
    assert_eq!(failing.view().stage, Stage::NotStarted(FailureKind::Server), "the fourth failure");
    assert_eq!(failing.create_times(), [1000, 2000, 3000]);
}

#[test]
fn final_failure_of_the_hosts_create_is_not_repeated() {
    let mut scenario = Scenario::idle();
    scenario.start_after_failure("key", FailureKind::Forbidden, None);
    assert_eq!(scenario.error_codes(), [("forbidden".to_owned(), false)]);
    assert_eq!(scenario.view().stage, Stage::NotStarted(FailureKind::Forbidden));
    assert_eq!(scenario.next_wake(), None);
    assert!(scenario.create_times().is_empty());
}

#[test]
fn spent_key_of_the_hosts_create_is_replaced() {
    let mut scenario = Scenario::idle();
    scenario.start_after_failure("spent", FailureKind::KeySpent, None);
    scenario.wait(2000);
    assert_eq!(scenario.keys().len(), 1);
    assert_ne!(scenario.keys()[0], "spent");
}

#[test]
fn close_aborts_a_create_and_reports_the_end() {
    let mut scenario = Scenario::creating();
    scenario.close();
    assert_eq!(scenario.abort_times(), [0]);
    assert_eq!(scenario.end(), Some((EndReason::Closed, true)));
    assert!(matches!(&scenario.events()[..], [Event::End(end)] if end.session_id.is_none() && end.confirmed));
    assert_eq!(scenario.view().session_id, None);
}

#[test]
fn close_without_a_session_is_silent_unless_one_was_requested() {
    let mut idle = Scenario::idle();
    idle.close();
    assert!(idle.actions().is_empty());
    assert_eq!(idle.view().stage, Stage::Idle);
    let mut refused = Scenario::creating();
    refused.create_fails(FailureKind::Refused, None);
    refused.close();
    assert_eq!(refused.end(), Some((EndReason::Closed, true)));
    assert!(refused.abort_times().is_empty());
}

#[test]
fn destroy_aborts_what_is_under_way() {
    let mut creating = Scenario::creating();
    creating.destroy();
    assert_eq!(creating.abort_times(), [0]);
    let mut live = Scenario::live();
    live.frame_is_moved();
    live.take_actions();
    live.destroy();
    assert_eq!(live.take_actions(), [Action::Abort, Action::Abort], "the poll and the URL request");
    let mut shown = Scenario::with_status(AwaitingUser);
    shown.take_actions();
    shown.destroy();
    assert_eq!(shown.take_actions(), [Action::RemoveFrame]);
    shown.start();
    assert!(shown.actions().is_empty());
}

#[test]
fn start_again_creates_a_session_for_the_same_platform() {
    let mut scenario = Scenario::idle();
    scenario.start_with(5, None);
    scenario.close();
    scenario.start_again();
    assert_eq!(scenario.platforms(), [5, 5]);
    assert!(scenario.is_creating());
}

#[test]
fn start_again_leads_back_to_the_list_where_the_user_picks() {
    let mut scenario = Scenario::picking();
    scenario.start();
    scenario.start_again();
    assert_eq!(scenario.view().stage, Stage::Idle);
    assert!(!scenario.is_creating());
    scenario.start_with(2, None);
    assert_eq!(scenario.platforms(), [1, 2]);
}

#[test]
fn start_again_after_a_given_session_uses_its_platform() {
    let mut scenario = Scenario::idle();
    let mut created = scenario.new_session(SESSION);
    created.platform_id = Some(9);
    scenario.start_given(created);
    assert_eq!(scenario.saved()[0].platform_id, Some(9));
    scenario.start_again();
    assert_eq!(scenario.platforms(), [9]);
}

#[test]
fn start_again_without_a_platform_waits_for_a_start() {
    let mut scenario = Scenario::idle();
    scenario.start_again();
    assert_eq!(scenario.view().stage, Stage::Idle);
    assert!(scenario.actions().is_empty());
}
