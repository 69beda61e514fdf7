//! A JSON body for every type of both APIs: each round-trips, and malformed fields are tolerated.

use std::path::Path;

use cr3dentials_core::contract::{self, ErrorCode};
use cr3dentials_core::wire::{self, SessionStatus};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Parses the fixture as `T` and serializes it again: the body must be the same.
fn round_trip<T: DeserializeOwned + Serialize>(name: &str) -> T {
    let body = read(name);
    let value: T = serde_json::from_value(body.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&value).unwrap(), body, "{name}");
    value
}

#[test]
fn every_provider_type_round_trips() {
    round_trip::<wire::Success<Vec<wire::Platform>>>("wire/platforms.json");
    round_trip::<wire::CreateSession>("wire/create-request.json");
    round_trip::<wire::Success<wire::CreatedSession>>("wire/created.json");
    round_trip::<wire::Success<wire::Session>>("wire/session-running.json");
    round_trip::<wire::Success<wire::Session>>("wire/session-completed.json");
    round_trip::<wire::Success<wire::Session>>("wire/session-error.json");
    round_trip::<wire::Success<wire::SessionList>>("wire/sessions.json");
    round_trip::<wire::WebhookDelivery>("wire/webhook.json");
    round_trip::<wire::ErrorBody>("wire/error.json");
}

#[test]
fn every_contract_type_round_trips() {
    round_trip::<wire::Success<Vec<contract::PlatformView>>>("contract/platforms.json");
    round_trip::<contract::CreateRequest>("contract/create-request.json");
    round_trip::<wire::Success<contract::Created>>("contract/created.json");
    round_trip::<wire::Success<contract::SessionView>>("contract/session.json");
    round_trip::<wire::Success<contract::FrameUrl>>("contract/frame.json");
    round_trip::<contract::ErrorResponse>("contract/error.json");
}

#[test]
fn created_without_a_status_is_accepted() {
    let created: wire::CreatedSession =
        serde_json::from_value(json!({"sessionId": "s", "embedUrl": "https://frame.example.com/verify/s"})).unwrap();
    assert_eq!(created.status, None);
}

#[test]
fn progress_is_clamped_and_rounded() {
    for (given, read) in [(json!(12.6), 13), (json!(-3), 0), (json!(250), 100), (json!(null), 0), (json!("40"), 0)] {
        let session: wire::Session =
            serde_json::from_value(json!({"sessionId": "s", "status": "RUNNING", "progress": given})).unwrap();
        assert_eq!(session.progress, read, "{given}");
    }
}

#[test]
fn unknown_fields_statuses_and_codes_are_accepted() {
    let session: wire::Session = serde_json::from_value(
        json!({"sessionId": "s", "status": "RESTING", "errorCode": "NEW", "mood": {"good": true}}),
    )
    .unwrap();
    assert_eq!(session.status, SessionStatus::Unknown("RESTING".to_owned()));
    assert!(!session.status.is_terminal());
    let error: contract::ErrorResponse =
        serde_json::from_value(json!({"status": "error", "error": {"code": "tired", "message": "m"}})).unwrap();
    assert_eq!(error.error.code, ErrorCode::Unknown);
}

/// Collects the path of every object in `body`.
fn objects(body: &Value, path: &str, found: &mut Vec<String>) {
    match body {
        Value::Object(fields) => {
            found.push(path.to_owned());
            fields.iter().for_each(|(name, value)| objects(value, &format!("{path}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| objects(item, &format!("{path}/{at}"), found));
        }
        _ => {}
    }
}

/// Parses the fixture as `T` with each field null and then absent: both must give the same result.
fn null_is_absent<T: DeserializeOwned + PartialEq + std::fmt::Debug>(fixture: &str) {
    let body = read(fixture);
    let mut paths = Vec::new();
    objects(&body, "", &mut paths);
    for path in paths {
        let fields = body.pointer(&path).unwrap().as_object().unwrap();
        for name in fields.keys() {
            let changed = |null: bool| {
                let mut body = body.clone();
                let fields = body.pointer_mut(&path).unwrap().as_object_mut().unwrap();
                fields.remove(name);
                if null {
                    fields.insert(name.clone(), Value::Null);
                }
                serde_json::from_value::<T>(body).map_err(drop)
            };
            // The content of these fields is opaque and never interpreted.
            if !["extractedData", "receiverData", "metadata", "config"].iter().any(|data| path.contains(data)) {
                assert_eq!(changed(true), changed(false), "{fixture}{path}: {name}");
            }
        }
    }
}

#[test]
fn null_fields_are_parsed_like_absent_ones() {
    null_is_absent::<wire::Success<Vec<wire::Platform>>>("wire/platforms.json");
    null_is_absent::<wire::Success<wire::CreatedSession>>("wire/created.json");
    null_is_absent::<wire::Success<wire::Session>>("wire/session-running.json");
    null_is_absent::<wire::Success<wire::Session>>("wire/session-error.json");
    null_is_absent::<wire::Success<wire::SessionList>>("wire/sessions.json");
    null_is_absent::<wire::WebhookDelivery>("wire/webhook.json");
    null_is_absent::<wire::ErrorBody>("wire/error.json");
    null_is_absent::<wire::Success<Vec<contract::PlatformView>>>("contract/platforms.json");
    null_is_absent::<wire::Success<contract::Created>>("contract/created.json");
    null_is_absent::<wire::Success<contract::SessionView>>("contract/session.json");
}

#[test]
fn null_optional_fields_are_accepted() {
    let session: wire::Session = serde_json::from_value(
        json!({"sessionId": "s", "status": "READY", "hasAttestation": null, "streamUrl": null, "platform": null}),
    )
    .unwrap();
    assert!(!session.has_attestation && session.platform.is_none());
}

#[test]
fn error_messages_in_a_list_are_joined() {
    let error: wire::ErrorBody = serde_json::from_value(
        json!({"statusCode": 400, "message": ["platformId must be a number", "country is not known"]}),
    )
    .unwrap();
    assert_eq!(error.message, "platformId must be a number; country is not known");
}

#[test]
fn browsers_cannot_set_partner_fields() {
    for field in ["webhookUrl", "externalReferenceId", "receiverData"] {
        let body = json!({"platformId": 1, field: "x"});
        assert!(serde_json::from_value::<contract::CreateRequest>(body).is_err(), "{field}");
    }
}

#[test]
fn debug_output_omits_secrets() {
    let created: wire::Success<contract::Created> = serde_json::from_value(read("contract/created.json")).unwrap();
    let printed = format!("{:?}", created.data);
    assert!(!printed.contains("token") && !printed.contains("frame."), "{printed}");
}
