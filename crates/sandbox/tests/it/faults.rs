//! Injected faults, as a partner's server sees them.

use std::time::{Duration, Instant};

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Session, Success};
use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Partner, response, session_path, text};

async fn with(faults: Value) -> (Partner, Value) {
    let partner = Partner::new().await;
    let created = partner.create(json!({ "externalReferenceId": "loan-7" })).await;
    partner.faults(faults).await;
    (partner, created)
}

async fn get(partner: &Partner, created: &Value) -> reqwest::Result<Response> {
    partner.fetch(&session_path(created)).await
}

#[tokio::test]
async fn status_fault_replaces_the_response_and_does_nothing_else() {
    let fault = json!([{ "on": "create", "kind": "status", "status": 503, "retryAfter": 7, "times": 1 }]);
    let (partner, _) = with(fault).await;
    let refused = partner.create_as(&partner.sandbox.api_key()).await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"7".parse().unwrap()));
    assert!(refused.headers().contains_key("x-ratelimit-remaining"));
    assert_eq!(response(refused).await.1, json!({ "statusCode": 503, "message": "Service Unavailable" }));
    assert_eq!(partner.get("/partner/browser-sessions").await.1["data"]["total"], 1);
    partner.create(json!({})).await;
    assert_eq!(partner.show("/faults").await[0]["times"], 0, "an applied fault is counted down");
}

#[tokio::test]
async fn cut_fault_breaks_the_connection_within_the_body() {
    let (partner, created) =
        with(json!([{ "on": "get", "kind": "cut", "times": 2 }, { "on": "list", "kind": "cut", "bytes": 0 }])).await;
    for _ in 0..2 {
        let response = get(&partner, &created).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.is_err(), "the rest of the body never arrives");
    }
    assert!(get(&partner, &created).await.unwrap().bytes().await.is_ok());
    let list = partner.client.get(partner.url("/partner/browser-sessions")).bearer_auth(partner.sandbox.api_key());
    // Headers and cut may arrive together, and then there is no response at all.
    let cut = match list.send().await {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(cut);
}

#[tokio::test]
async fn cut_create_response_still_creates_the_session() {
    let (partner, _) = with(json!([{ "on": "create", "kind": "cut", "times": 1 }])).await;
    let response = partner.create_as(&partner.sandbox.api_key()).await.unwrap();
    assert!(response.bytes().await.is_err());
    assert_eq!(partner.get("/partner/browser-sessions").await.1["data"]["total"], 2);
}

#[tokio::test]
async fn malformed_fault_returns_invalid_json() {
    let (partner, created) = with(json!([{ "on": "get", "kind": "malformed" }])).await;
    let body = get(&partner, &created).await.unwrap().text().await.unwrap();
    assert!(body.len() > 100 && serde_json::from_str::<Value>(&body).is_err(), "{body}");
}

#[tokio::test]
async fn responses_can_have_unknown_values_and_lack_optional_fields() {
    let (partner, created) = with(json!([
        { "on": "any", "kind": "unknownStatus", "status": "RECONCILING" },
        { "on": "any", "kind": "unknownField" },
        { "on": "any", "kind": "progress", "value": 250.5 },
        { "on": "any", "kind": "missingField", "name": "expiresAt" },
    ]))
    .await;
    let listed = partner.get("/partner/browser-sessions").await.1["data"]["sessions"][0].clone();
    for session in [partner.session(&created).await, listed] {
        assert_eq!((&session["status"], &session["progress"]), (&json!("RECONCILING"), &json!(250.5)));
        assert!(session["somethingNew"].is_object() && session.get("expiresAt").is_none(), "{session}");
    }
    partner.faults(json!([{ "on": "get", "kind": "missingField" }])).await;
    let (_, bare) = partner.get(&session_path(&created)).await;
    let mut names: Vec<_> = bare["data"].as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["embedUrl", "sessionId", "status"]);
    let _: Success<Session> = serde_json::from_value(bare).unwrap();
    assert_ne!(partner.peek(&created).await["status"], "RECONCILING", "only the response is changed");
}

#[tokio::test]
async fn rate_limited_fault_returns_429_with_nothing_remaining() {
    let (partner, created) = with(json!([{ "on": "any", "kind": "rateLimited", "retryAfter": 3, "times": 20 }])).await;
    for _ in 0..20 {
        let refused = get(&partner, &created).await.unwrap();
        assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"3".parse().unwrap()));
        assert_eq!(refused.headers()["x-ratelimit-remaining"], "0");
    }
    assert_eq!(get(&partner, &created).await.unwrap().status(), 200);
}

#[tokio::test]
async fn clock_skew_fault_shifts_every_timestamp() {
    let (partner, created) = with(json!([])).await;
    let timestamps = async || {
        let response = get(&partner, &created).await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let (date, reset) = (httpdate::parse_http_date(&header("date")).unwrap(), header("x-ratelimit-reset"));
        let body = self::response(response).await.1;
        let expires = UnixMillis::parse(text(&body["data"], "expiresAt")).unwrap();
        (date, reset.parse::<i64>().unwrap(), expires)
    };
    let before = timestamps().await;
    partner.faults(json!([{ "on": "get", "kind": "clockSkew", "secs": -600, "times": 1 }])).await;
    let during = timestamps().await;
    assert_eq!(before.2.since(during.2), 600_000);
    assert_eq!(before.1 - during.1, 600);
    let back = before.0.duration_since(during.0).unwrap();
    assert!(back > Duration::from_secs(540) && back <= Duration::from_secs(600), "{back:?}");
    assert_eq!(timestamps().await.2, before.2);
}

#[tokio::test]
async fn delay_fault_delays_the_response() {
    let (partner, created) = with(json!([{ "on": "get", "kind": "delay", "millis": 300, "times": 1 }])).await;
    let start = Instant::now();
    assert_eq!(get(&partner, &created).await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn status_fault_on_the_page_does_not_use_up_the_link() {
    let (partner, created) = with(json!([{ "on": "page", "kind": "status", "status": 502, "times": 1 }])).await;
    let open = async || partner.client.get(text(&created, "embedUrl")).send().await.unwrap().status().as_u16();
    assert_eq!([open().await, open().await, open().await], [502, 200, 410]);
}

#[tokio::test]
async fn random_faults_repeat_with_the_same_seed() {
    let fault = json!([{ "on": "get", "kind": "status", "status": 500, "probability": 0.5, "seed": 11 }]);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (partner, created) = with(fault.clone()).await;
        let mut statuses = Vec::new();
        for _ in 0..16 {
            statuses.push(get(&partner, &created).await.unwrap().status().as_u16());
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&200) && runs[0].contains(&500), "{runs:?}");
}
