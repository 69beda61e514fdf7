//! Tests of the world without a server: whole weeks, fixed seeds, hostile requests.

use cr3dentials_core::time::{Millis, UnixMillis};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ApiKey, Body, Headers, Method, Request, Response, Settings, StreamEnd, World};

const START: UnixMillis = UnixMillis(1_767_225_600_000);

fn world() -> World {
    World::new(Settings::default(), [7; 32])
}

fn request(method: Method, path: &str, body: &Value) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Headers {
            api_key: Some(ApiKey::DEFAULT_SECRET.to_owned()),
            content_type: Some("application/json; charset=utf-8".to_owned()),
            host: Some("127.0.0.1:7071".to_owned()),
            ..Headers::default()
        },
        body: Body::Whole(body.to_string().into_bytes()),
    }
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap()
}

fn create(world: &mut World, more: Value, now: UnixMillis) -> Value {
    let mut body = json!({ "platformId": 1 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let response = world.handle(&request(Method::Post, "/v1/partner/browser-session", &body), now);
    assert_eq!(response.status, 201);
    json_of(&response)["data"].take()
}

fn get(world: &mut World, created: &Value, now: UnixMillis) -> Value {
    let path = format!("/v1/partner/browser-session/{}", created["sessionId"].as_str().unwrap());
    json_of(&world.handle(&request(Method::Get, &path, &Value::Null), now))["data"].take()
}

/// Opens the page at `now` and returns its key.
fn open(world: &mut World, created: &Value, now: UnixMillis) -> String {
    let path = created["embedUrl"].as_str().unwrap().trim_start_matches("http://127.0.0.1:7071");
    let response = world.handle(&request(Method::Get, path, &Value::Null), now);
    assert_eq!(response.status, 200);
    let html = String::from_utf8(response.body).unwrap();
    let (_, rest) = html.split_once("name=\"frame-key\" content=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn act(world: &mut World, created: &Value, key: &str, mut action: Value, now: UnixMillis) -> u64 {
    action["id"] = json!(1);
    let id = created["sessionId"].as_str().unwrap();
    let reply = world.frame_message(id, key, &action.to_string(), now).unwrap();
    serde_json::from_str::<Value>(&reply).unwrap()["status"].as_u64().unwrap()
}

#[test]
fn lifecycle_follows_the_documented_statuses() {
    let mut world = world();
    let created = create(&mut world, json!({}), START);
    let at = |world: &mut World, millis| {
        let session = get(world, &created, START + Millis(millis));
        session["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(at(&mut world, 399), "CREATED");
    assert_eq!(at(&mut world, 400), "INITIALIZING");
    assert_eq!(at(&mut world, 1600), "READY");
    assert_eq!(at(&mut world, 90_000), "READY");
    let opened = START + Millis(100_000);
    let key = open(&mut world, &created, opened);
    assert_eq!(at(&mut world, 100_000), "CONNECTED");
    assert_eq!(at(&mut world, 100_500), "LOADING_TREE");
    assert_eq!(at(&mut world, 101_200), "RUNNING");
    assert_eq!(at(&mut world, 101_700), "AWAITING_USER");
    let typed = START + Millis(110_000);
    let sign_in = json!({ "type": "signIn", "username": "otp", "password": "x" });
    assert_eq!(act(&mut world, &created, &key, sign_in, typed), 200);
    assert_eq!(at(&mut world, 110_000), "RUNNING");
    assert_eq!(at(&mut world, 110_800), "AWAITING_USER");
    let code = json!({ "type": "code", "code": "123456" });
    assert_eq!(act(&mut world, &created, &key, code, START + Millis(120_000)), 200);
    assert_eq!(at(&mut world, 120_000), "RUNNING");
    assert_eq!(at(&mut world, 120_800), "COLLECTING_DATA");
    assert_eq!(at(&mut world, 122_600), "VERIFYING");
    assert_eq!(at(&mut world, 124_100), "COMPLETED");
    let ended = get(&mut world, &created, START + Millis(999_000));
    assert_eq!(
        ended["completedAt"],
        (START + Millis(124_100)).to_string(),
        "the time it was due, not the time of the request"
    );
}

#[test]
fn page_opened_early_connects_once_the_browser_is_ready() {
    let mut world = world();
    let created = create(&mut world, json!({}), START);
    open(&mut world, &created, START);
    assert_eq!(get(&mut world, &created, START + Millis(1600))["status"], "READY");
    assert_eq!(get(&mut world, &created, START + Millis(1850))["status"], "CONNECTED");
}

#[test]
fn session_expires_as_terminated_and_never_changes_again() {
    let mut world = world();
    let created = create(&mut world, json!({ "expiresInHours": 1 }), START);
    let hour = Millis::from_secs(3600);
    let last = START + Millis(hour.0 - 1);
    assert_eq!(get(&mut world, &created, last)["status"], "READY");
    let ended = get(&mut world, &created, START + hour);
    assert_eq!((&ended["status"], &ended["completedAt"]), (&json!("TERMINATED"), &json!((START + hour).to_string())));
    assert_eq!(ended["errorCode"], Value::Null);
    let path = format!("/sandbox/sessions/{}/status", created["sessionId"].as_str().unwrap());
    let force = request(Method::Post, &path, &json!({ "status": "RUNNING" }));
    assert_eq!(world.handle(&force, START + hour).status, 409);
    assert_eq!(get(&mut world, &created, START + Millis::from_secs(7 * 86_400)), ended);
}

#[test]
fn fields_are_present_exactly_when_the_guide_says() {
    let mut world = world();
    let created = create(&mut world, json!({}), START);
    assert_eq!(created.get("externalReferenceId"), None);
    let early = get(&mut world, &created, START);
    assert_eq!(early["streamUrl"], Value::Null);
    assert!(early["embedUrl"].is_string());
    let ready = get(&mut world, &created, START + Millis(1600));
    assert_eq!(ready["streamUrl"].as_str().unwrap().split("://").next(), Some("ws"));
    for name in ["completedAt", "errorCode", "errorMessage", "extractedData"] {
        assert_eq!(ready[name], Value::Null, "{name}");
    }
    assert_eq!(ready.get("hasAttestation"), None);
    let given = create(&mut world, json!({ "externalReferenceId": "loan-7" }), START + Millis(1600));
    assert_eq!(given["externalReferenceId"], "loan-7");
}

#[test]
fn forced_unknown_status_stops_the_session_until_cleared() {
    let mut world = world();
    let created = create(&mut world, json!({}), START);
    let path = format!("/sandbox/sessions/{}/status", created["sessionId"].as_str().unwrap());
    let force = |status: Value| request(Method::Post, &path, &json!({ "status": status }));
    assert_eq!(world.handle(&force(json!("WAITING_FOR_MOON")), START).status, 200);
    let later = START + Millis(60_000);
    assert_eq!(get(&mut world, &created, later)["status"], "WAITING_FOR_MOON");
    assert_eq!(world.handle(&force(Value::Null), later).status, 200);
    assert_eq!(get(&mut world, &created, later)["status"], "CREATED");
    assert_eq!(get(&mut world, &created, later + Millis(400))["status"], "INITIALIZING");
}

#[test]
fn same_seed_and_requests_produce_the_same_bytes() {
    let run = || {
        let mut world = world();
        let created = create(&mut world, json!({}), START);
        let key = open(&mut world, &created, START + Millis(5000));
        let sign_in = json!({ "type": "signIn", "username": "success", "password": "x" });
        act(&mut world, &created, &key, sign_in, START + Millis(9000));
        let end = get(&mut world, &created, START + Millis(60_000));
        assert_eq!(end["status"], "COMPLETED");
        (created.to_string(), end.to_string())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_week_is_simulated_event_by_event() {
    let mut world = world();
    let created = create(&mut world, json!({ "webhookUrl": "https://a.com/hook" }), START);
    let day = |days: u64| START + Millis::from_secs(days * 86_400);
    let key = open(&mut world, &created, START);
    // A user who takes a week, with occasional requests.
    assert_eq!(get(&mut world, &created, day(1))["status"], "AWAITING_USER");
    let sign_in = json!({ "type": "signIn", "username": "otp", "password": "x" });
    assert_eq!(act(&mut world, &created, &key, sign_in, day(3)), 200);
    assert_eq!(get(&mut world, &created, day(6))["status"], "AWAITING_USER");
    assert_eq!(get(&mut world, &created, START + Millis(7 * 86_400_000 - 1))["status"], "AWAITING_USER");
    assert_eq!(get(&mut world, &created, day(7))["status"], "TERMINATED");
    assert_eq!(world.take_outbox().len(), 1);
}

#[test]
fn every_test_user_ends_as_its_definition_says() {
    for user in crate::test_users() {
        let mut world = world();
        let about = json!({ "receiverData": { "email": format!("{}@anything.example", user.name) } });
        let created = create(&mut world, about, START);
        let mut now = START + Millis(50_000);
        let frame = if user.frame == Some(crate::FrameTrouble::NeverLoads) { None } else { Some(()) };
        let key = frame.map(|()| open(&mut world, &created, now));
        let end = (0..100).find_map(|_| {
            now = now + Millis(30_000);
            let session = get(&mut world, &created, now);
            if session["completedAt"].is_string() {
                return Some(session);
            }
            for action in [
                json!({ "type": "signIn", "username": user.name, "password": "x" }),
                json!({ "type": "code", "code": "123456" }),
                json!({ "type": "answer", "answer": "bento" }),
                json!({ "type": "account", "account": 1 }),
            ] {
                key.as_ref().map(|key| act(&mut world, &created, key, action, now));
            }
            None
        });
        let status = get(&mut world, &created, now)["status"].clone();
        match (&user.stuck_at, end) {
            (Some(stuck), end) => assert_eq!((status, end), (json!(stuck), None), "{}", user.name),
            (None, None) => assert_eq!((user.name.as_str(), status), ("never-loads", json!("READY"))),
            (None, Some(end)) => {
                let expected = serde_json::to_value(match user.outcome {
                    crate::Outcome::Completed => "COMPLETED",
                    crate::Outcome::Partial => "PARTIAL_COMPLETE",
                    crate::Outcome::Failed => "ERROR",
                    crate::Outcome::Cancelled => "CANCELLED",
                    crate::Outcome::Terminated => "TERMINATED",
                });
                assert_eq!(end["status"], expected.unwrap(), "{}", user.name);
                let lacks = |lack| user.lacks == Some(lack);
                let completed = user.outcome == crate::Outcome::Completed;
                let read = completed || user.outcome == crate::Outcome::Partial;
                let failed = user.outcome == crate::Outcome::Failed;
                let proven = completed && !lacks(crate::Lack::Attestation);
                assert_eq!(end.get("hasAttestation"), proven.then_some(&json!(true)), "{}", user.name);
                assert_eq!(end["extractedData"].is_object(), read && !lacks(crate::Lack::Data), "{}", user.name);
                assert_eq!(end["errorCode"].is_string(), failed && !lacks(crate::Lack::Code), "{}", user.name);
                assert_eq!(end["errorMessage"].is_string(), failed, "{}", user.name);
            }
        }
    }
}

#[test]
fn clock_that_goes_back_changes_nothing() {
    let mut world = world();
    let created = create(&mut world, json!({}), START);
    let ready = get(&mut world, &created, START + Millis(5000));
    let back = get(&mut world, &created, START);
    assert_eq!((ready["status"].as_str(), back["status"].as_str()), (Some("READY"), Some("READY")));
}

#[test]
fn clock_jump_processes_due_events_and_shifts_next_due() {
    let mut world = world();
    let created = create(&mut world, json!({ "webhookUrl": "https://a.com/hook", "expiresInHours": 1 }), START);
    assert_eq!(world.next_due(), Some(START + Millis(400)));
    let jump = request(Method::Post, "/sandbox/clock", &json!({ "advanceSecs": 3600 }));
    assert_eq!(world.handle(&jump, START).status, 200);
    assert_eq!(get(&mut world, &created, START)["status"], "TERMINATED");
    let outbox = world.take_outbox();
    assert_eq!(outbox.len(), 1);
    let body: Value = serde_json::from_str(&outbox[0].body).unwrap();
    assert_eq!((&body["status"], &body["proofHash"]), (&json!("TERMINATED"), &Value::Null));
    assert_eq!(world.next_due(), None, "nothing is due while it is being sent");
    world.sent(outbox[0].id, START, Ok(500));
    assert_eq!(world.next_due(), Some(START + Millis(1000)), "by the caller's clock");
}

#[test]
fn ended_session_sends_one_webhook_despite_later_requests() {
    let mut world = world();
    let created = create(&mut world, json!({ "webhookUrl": "https://a.com/hook" }), START);
    let key = open(&mut world, &created, START);
    assert_eq!(act(&mut world, &created, &key, json!({ "type": "cancel" }), START), 200);
    let ended = get(&mut world, &created, START);
    assert_eq!(act(&mut world, &created, &key, json!({ "type": "cancel" }), START), 409);
    let id = created["sessionId"].as_str().unwrap();
    for (method, path, body) in [
        (Method::Get, format!("/verify/{id}?token=x"), Value::Null),
        (Method::Post, format!("/sandbox/sessions/{id}/terminate"), json!({})),
        (Method::Post, format!("/sandbox/sessions/{id}/status"), json!({ "status": "COMPLETED" })),
        (Method::Post, format!("/sandbox/sessions/{id}/status"), json!({ "status": null })),
    ] {
        let response = world.handle(&request(method, &path, &body), START);
        assert!(matches!(response.status, 409 | 410), "{path}: {}", response.status);
    }
    assert_eq!(get(&mut world, &created, START + Millis::from_secs(8 * 86_400)), ended);
    assert_eq!(world.take_outbox().len(), 1);
}

#[test]
fn number_of_tokens_of_a_session_is_bounded() {
    let mut world = world();
    let created = create(&mut world, json!({}), START);
    let seq = world.sessions.find(created["sessionId"].as_str().unwrap()).unwrap();
    for number in 0..1000 {
        world.sessions.change(seq, |session, _| session.page.tokens.add(format!("t{number}"), START, 120));
    }
    let mut redeem =
        |token: &str| world.sessions.change(seq, |session, _| session.page.tokens.redeem(token, START)).unwrap();
    assert!(redeem("t999") && !redeem("t999") && !redeem("t0"));
}

proptest! {
    #[test]
    fn no_request_causes_a_panic(
        method in prop_oneof![Just(Method::Get), Just(Method::Post), Just(Method::Other)],
        path in "/(v1/partner/browser-session(s|/.{0,40})?|sandbox/(clock|settings|switches|faults|keys|restart|sessions/.{0,9}/(status|user|cut|announce))|verify/.{0,9}|.{0,40})",
        query in ".{0,60}",
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            Just(br#"{"platformId":1e308,"advanceSecs":1e308,"expiresInHours":-0.0,"status":"","upstreamError":600}"#.to_vec()),
            Just(br#"{"platformId":1,"webhookUrl":"https://","country":[]}"#.to_vec()),
            Just(br#"[{"on":"any","kind":"clockSkew","secs":-9e18},{"on":"get","kind":"cut","bytes":-1}]"#.to_vec()),
            Just(br#"{"downMillis":1e99,"rateLimit":-1,"user":"","expiresInSecs":1e30,"listPath":7}"#.to_vec()),
        ],
        millis in 0_u64..10_000_000_000,
    ) {
        let mut world = world();
        create(&mut world, json!({}), START);
        let mut sent = request(method, &path, &Value::Null);
        (sent.query, sent.body) = (query, Body::Whole(body));
        let response = world.handle(&sent, START + Millis(millis));
        prop_assert!((200..600).contains(&response.status));
    }

    #[test]
    fn no_page_message_causes_a_panic(text in prop_oneof![
        ".{0,80}",
        r#"\{"id":[0-9]{1,25},"type":"(signIn|code|answer|account|cancel|look)","(username|code|answer)":"?.{0,9}"?\}"#,
        r#"\{"id":1,"type":"account","account":-?[0-9]{1,25}\}"#,
    ], millis in 0_u64..100_000) {
        let mut world = world();
        let created = create(&mut world, json!({}), START);
        let key = open(&mut world, &created, START);
        let id = created["sessionId"].as_str().unwrap();
        let reply = world.frame_message(id, &key, &text, START + Millis(millis)).unwrap();
        let reply: Value = serde_json::from_str(&reply).unwrap();
        prop_assert!(matches!(reply["status"].as_u64(), Some(200 | 400 | 409)));
        prop_assert_eq!(world.frame_message(id, "wrong", &text, START), Err(StreamEnd::Replaced));
    }

    #[test]
    fn progress_never_falls_for_the_default_user(mut times in proptest::collection::vec(0_u64..20_000, 1..40)) {
        let mut world = world();
        let created = create(&mut world, json!({}), START);
        times.sort_unstable();
        let mut last = 0;
        let mut signed_in = false;
        let key = open(&mut world, &created, START);
        for millis in times {
            let now = START + Millis(millis);
            let session = get(&mut world, &created, now);
            let progress = session["progress"].as_u64().unwrap();
            prop_assert!(progress >= last, "{progress} after {last}");
            last = progress;
            if session["status"] == "AWAITING_USER" && !signed_in {
                let sign_in = json!({ "type": "signIn", "username": "success", "password": "x" });
                signed_in = act(&mut world, &created, &key, sign_in, now) == 200;
            }
        }
    }
}
