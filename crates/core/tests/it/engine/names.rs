//! Names in events, error codes and logs.

use std::collections::HashSet;

use cr3dentials_core::contract::FrameUrl;
use cr3dentials_core::engine::event::{self, Event};
use cr3dentials_core::engine::{
    CallId, ClientToken, Effect, EmbedUrl, EndReason, Failure, FailureKind, FrameId, FrameSignal, HostAction, Input,
    PageSignal, Problem, Resume, Start, StatusResponse, Step,
};
use cr3dentials_core::wire::SessionStatus;

use crate::engine::scenario::{SESSION, Scenario};

/// One event of each kind, about the same session.
fn every_event() -> Vec<(&'static str, Event)> {
    let session_id = SESSION.to_owned();
    let some_id = Some(session_id.clone());
    let error = event::Error {
        session_id: some_id.clone(),
        code: "network".to_owned(),
        message: "It cannot be reached.".to_owned(),
        retrying: true,
    };
    let status = event::Status { session_id: session_id.clone(), status: SessionStatus::Ready, step: Step::Connect };
    vec![
        ("ready", Event::Ready(event::Ready { session_id: session_id.clone(), resumed: false })),
        ("status", Event::Status(status)),
        ("progress", Event::Progress(event::Progress { session_id: session_id.clone(), progress: 1 })),
        ("action", Event::Action(event::Action { session_id: session_id.clone() })),
        ("expiring", Event::Expiring(event::Expiring { session_id: session_id.clone(), minutes: 5 })),
        ("complete", Event::Complete(event::Complete { session_id: session_id.clone(), has_attestation: true })),
        ("partial", Event::Partial(event::Partial { session_id, has_attestation: false })),
        ("error", Event::Error(error)),
        ("end", Event::End(event::End { session_id: some_id, reason: EndReason::Completed, confirmed: true })),
    ]
}

#[test]
fn events_have_the_names_that_host_pages_listen_for() {
    for (name, event) in every_event() {
        assert_eq!(event.name(), name);
    }
}

#[test]
fn every_event_names_its_session() {
    for (name, event) in every_event() {
        assert_eq!(event.session_id(), Some(SESSION), "{name}");
    }
    let before = event::End { session_id: None, reason: EndReason::Closed, confirmed: true };
    assert_eq!(Event::End(before).session_id(), None, "closed before there was a session");
}

#[test]
fn end_reasons_have_the_names_that_events_carry() {
    for (reason, name) in [
        (EndReason::Completed, "completed"),
        (EndReason::Partial, "partial"),
        (EndReason::Failed { code: None }, "failed"),
        (EndReason::Cancelled, "cancelled"),
        (EndReason::Expired, "expired"),
        (EndReason::Terminated, "terminated"),
        (EndReason::Closed, "closed"),
    ] {
        assert_eq!(reason.as_str(), name);
        assert_eq!(serde_json::to_value(&reason).unwrap()["reason"], name, "the same on the wire");
    }
}

#[test]
fn steps_have_the_names_that_events_carry() {
    assert_eq!(Step::ALL.map(Step::as_str), ["connect", "sign-in", "read-details", "check"]);
    for step in Step::ALL {
        assert_eq!(serde_json::to_value(step).unwrap(), step.as_str(), "the same on the wire");
    }
}

const CODES: [(FailureKind, &str, bool); 11] = [
    (FailureKind::Network, "network", true),
    (FailureKind::Forbidden, "forbidden", false),
    (FailureKind::OtherUser, "other-user", false),
    (FailureKind::NotFound, "not-found", false),
    (FailureKind::KeySpent, "key-spent", true),
    (FailureKind::RateLimited, "rate-limited", true),
    (FailureKind::Refused, "refused", false),
    (FailureKind::Server, "server", true),
    (FailureKind::BadResponse, "bad-response", true),
    (FailureKind::Intermediary, "intermediary", true),
    (FailureKind::ContractVersion, "contract-version", false),
];

#[test]
fn failures_have_codes_and_each_its_explanation() {
    let mut messages = HashSet::new();
    assert_eq!(CODES.map(|(kind, ..)| kind), FailureKind::ALL);
    for (kind, code, retryable) in CODES {
        assert_eq!(kind.code(), code);
        assert_eq!(FailureKind::from_code(code), Some(kind));
        assert_eq!(kind.to_string(), code, "as printed");
        assert_eq!(serde_json::to_value(kind).unwrap(), code, "the same on the wire");
        assert_eq!(kind.is_retryable(), retryable, "{code}");
        assert!(
            Problem::Request(kind).message().ends_with('.'),
            "{code}: {:?} is not a sentence",
            Problem::Request(kind).message()
        );
        assert!(messages.insert(Problem::Request(kind).message()), "{code}: the same message as another code");
    }
}

#[test]
fn unknown_code_is_no_kind_of_failure() {
    for code in ["", "Network", "frame-blocked", "bad-options"] {
        assert_eq!(FailureKind::from_code(code), None, "{code:?}");
    }
}

#[test]
fn unusable_options_are_reported_without_a_session() {
    let error = event::Error::new(None, &Problem::BadOptions("platform-id is not a number"), false);
    assert_eq!(error.session_id, None);
    assert_eq!(error.code, "bad-options");
    assert_eq!(error.message, "platform-id is not a number");
    assert!(!error.retrying);
}

#[test]
fn every_input_has_a_distinct_name_in_the_log() {
    let mut names = HashSet::new();
    for input in every_input() {
        let (subject, detail) = input.name();
        assert!(!subject.is_empty(), "{input:?}");
        assert!(names.insert((subject, detail)), "{subject:?} {detail:?} is the name of two inputs: {input:?}");
    }
    let subjects: HashSet<_> = names.iter().map(|(subject, _)| subject).collect();
    assert!(subjects.len() >= 8, "each kind of input has its name: {subjects:?}");
    for code in ["network", "server"] {
        assert_eq!(names.iter().filter(|(_, detail)| *detail == code).count(), 3, "failures are logged by their code");
    }
}

#[test]
fn every_effect_has_a_distinct_name_in_the_log() {
    let mut names = HashSet::new();
    for effect in every_effect() {
        let name = effect.name();
        assert!(!name.is_empty(), "{effect:?}");
        assert!(names.insert(name), "{name:?} is the name of two effects");
    }
}

#[test]
fn secrets_are_printed_as_their_type_only() {
    let url = format!("{:?}", EmbedUrl("https://frame.example.com/verify/1?token=secret".to_owned()));
    assert!(url.contains("EmbedUrl") && !url.contains("frame.example.com"), "{url}");
    let token = format!("{:?}", ClientToken("secret".to_owned()));
    assert!(token.contains("ClientToken") && !token.contains("secret"), "{token}");
}

/// One input of each kind and outcome.
fn every_input() -> Vec<Input> {
    let mut scenario = Scenario::idle();
    let created = scenario.new_session(SESSION);
    let report = StatusResponse { result: Ok(scenario.report(SessionStatus::Ready, 0)), long_polled: true };
    let resume = Resume {
        session_id: SESSION.to_owned(),
        client_token: ClientToken("token".to_owned()),
        platform_id: None,
        expires_at: None,
    };
    let call = CallId(1);
    let url = FrameUrl { embed_url: "https://frame.example.com/verify/1".to_owned() };
    let mut inputs = vec![
        Input::Start(Start::New { platform_id: 1, key: None, failure: None }),
        Input::Start(Start::Given(created.clone())),
        Input::Start(Start::Resume(resume)),
        Input::Created(call, Ok(created)),
        Input::Status(call, report),
        Input::Embed(call, Ok(url)),
        Input::Ownership(SESSION.to_owned(), true),
        Input::Ownership(SESSION.to_owned(), false),
        Input::Tick,
    ];
    for kind in [FailureKind::Network, FailureKind::Server] {
        inputs.push(Input::Created(call, Err(Failure { kind, retry_after: None })));
        let result = Err(Failure { kind, retry_after: None });
        inputs.push(Input::Status(call, StatusResponse { result, long_polled: false }));
        inputs.push(Input::Embed(call, Err(Failure { kind, retry_after: None })));
    }
    let frames = [FrameSignal::Loaded, FrameSignal::Hint, FrameSignal::CspBlocked, FrameSignal::Lost];
    inputs.extend(frames.map(|signal| Input::Frame(FrameId(1), signal)));
    let pages = [
        PageSignal::Visible,
        PageSignal::Hidden,
        PageSignal::Frozen,
        PageSignal::Restored,
        PageSignal::Online,
        PageSignal::Offline,
    ];
    inputs.extend(pages.map(Input::Page));
    let actions = [
        HostAction::Refresh,
        HostAction::Remount,
        HostAction::StartAgain,
        HostAction::UseHere,
        HostAction::Close,
        HostAction::Destroy,
    ];
    inputs.extend(actions.map(Input::Host));
    inputs
}

/// One effect of each kind that the log distinguishes. Events are named separately.
fn every_effect() -> Vec<Effect> {
    let (call, frame) = (CallId(1), FrameId(1));
    let resume = Resume {
        session_id: SESSION.to_owned(),
        client_token: ClientToken("token".to_owned()),
        platform_id: None,
        expires_at: None,
    };
    vec![
        Effect::Create { call, key: "key".to_owned(), platform_id: 1 },
        Effect::PollStatus { call, after: 0, wait_secs: 25, fresh: true },
        Effect::PollStatus { call, after: 0, wait_secs: 25, fresh: false },
        Effect::FetchEmbedUrl { call },
        Effect::Cancel(call),
        Effect::NotifyClosed,
        Effect::Mount(frame, EmbedUrl("https://frame.example.com/verify/1".to_owned())),
        Effect::Drop(frame),
        Effect::Save(resume),
        Effect::Forget,
        Effect::Renew,
        Effect::AcquireOwnership { session_id: SESSION.to_owned(), steal: true },
        Effect::AcquireOwnership { session_id: SESSION.to_owned(), steal: false },
        Effect::ReleaseOwnership,
    ]
}
