//! Events that follow from the server's reports on a session.

use cr3dentials_core::engine::{Event, Stage};
use cr3dentials_core::wire::SessionStatus::{
    self, AwaitingUser, CollectingData, Completed, Connected, PartialComplete,
};

use crate::engine::scenario::{EXPIRY, Poll, SESSION, Scenario};

#[test]
fn each_change_is_reported_once() {
    let mut scenario = Scenario::live();
    scenario.take_actions();
    for (status, progress) in [(Connected, 0), (AwaitingUser, 30), (AwaitingUser, 30), (CollectingData, 60)] {
        scenario.poll_returns(status, progress);
        scenario.wait(4000);
    }
    let reported: Vec<String> = scenario
        .events()
        .iter()
        .map(|event| match event {
            Event::Status(event) => event.status.to_string(),
            Event::Progress(event) => event.progress.to_string(),
            other => other.name().to_owned(),
        })
        .collect();
    assert_eq!(reported, ["CONNECTED", "AWAITING_USER", "action", "30", "COLLECTING_DATA", "60"]);
}

#[test]
fn completion_is_reported_with_its_attestation() {
    for (status, has_attestation, names) in [
        (Completed, true, ["status", "progress", "complete", "end"]),
        (Completed, false, ["status", "progress", "complete", "end"]),
        (PartialComplete, false, ["status", "progress", "partial", "end"]),
    ] {
        let mut scenario = Scenario::live();
        scenario.take_actions();
        let mut report = scenario.report(status, 100);
        report.has_attestation = has_attestation;
        scenario.poll_returns_report(report);
        assert_eq!(scenario.event_names(), names);
        let reported = match &scenario.events()[2] {
            Event::Complete(event) => event.has_attestation,
            Event::Partial(event) => event.has_attestation,
            other => panic!("{other:?}"),
        };
        assert_eq!(reported, has_attestation);
    }
}

#[test]
fn provider_code_of_a_failed_session_is_reported() {
    let mut scenario = Scenario::live();
    scenario.take_actions();
    scenario.poll_returns(SessionStatus::Error, 50);
    assert_eq!(scenario.event_names(), ["status", "progress", "error", "end"]);
    assert_eq!(scenario.error_codes(), [("provider:ACCOUNT_LOCKED".to_owned(), false)]);

    let mut without = Scenario::live();
    let mut report = without.report(SessionStatus::Error, 50);
    report.error_code = None;
    without.poll_returns_report(report);
    assert!(without.errors().is_empty());
}

#[test]
fn resumed_session_is_polled_afresh_before_a_frame_is_requested() {
    let mut scenario = Scenario::resumed();
    assert_eq!(scenario.polls(), [Poll { after: 0, wait_secs: 25, fresh: true }]);
    assert!(scenario.url_request_times().is_empty());
    scenario.wait(200);
    scenario.poll_returns(AwaitingUser, 30);
    assert_eq!(scenario.url_request_times(), [200]);
    scenario.url_arrives();
    assert!(scenario.events().iter().any(|event| matches!(event, Event::Ready(ready) if ready.resumed)));
    assert_eq!(scenario.saved()[0].session_id, SESSION);
}

#[test]
fn resumed_session_that_has_ended_gets_no_frame() {
    let mut scenario = Scenario::resumed();
    scenario.poll_returns(Completed, 100);
    assert!(scenario.url_request_times().is_empty());
    assert!(scenario.end().is_some());
}

#[test]
fn healthy_session_polls_steadily_until_its_expiry() {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.frame_sends_message();
    while scenario.now() < EXPIRY - 30_000 {
        scenario.wait(20_000);
        if scenario.is_polling() {
            scenario.poll_returns(AwaitingUser, 10);
        }
    }
    assert_eq!(scenario.view().stage, Stage::Live);
    assert!(scenario.errors().is_empty());
    assert_eq!(scenario.frames_shown().len(), 1);
    assert!(scenario.polls().len() < 200, "{} polls in an hour", scenario.polls().len());
    assert!(scenario.url_request_times().is_empty());
}
