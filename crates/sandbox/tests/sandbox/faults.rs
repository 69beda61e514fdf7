//! Faults on command, as a partner's server meets them.

use std::time::{Duration, Instant};

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Session, Success};
use reqwest::Response;
use serde_json::{Value, json};

use crate::support::{Partner, answer, text};

async fn with(faults: Value) -> (Partner, Value) {
    let partner = Partner::new().await;
    let created = partner.create(json!({ "externalReferenceId": "loan-7" })).await;
    partner.faults(faults).await;
    (partner, created)
}

async fn get(partner: &Partner, created: &Value) -> reqwest::Result<Response> {
    let url = partner.url(&format!("/partner/browser-session/{}", text(created, "sessionId")));
    partner.client.get(url).header("x-api-key", partner.sandbox.api_key()).send().await
}

#[tokio::test]
async fn a_status_comes_instead_of_the_answer_and_nothing_is_done() {
    let fault = json!([{ "on": "create", "kind": "status", "status": 503, "retryAfter": 7, "times": 1 }]);
    let (partner, _) = with(fault).await;
    let request = partner.client.post(partner.url("/partner/browser-session")).bearer_auth(partner.sandbox.api_key());
    let refused = request.json(&json!({ "platformId": 1 })).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"7".parse().unwrap()));
    assert!(refused.headers().contains_key("x-ratelimit-remaining"));
    assert_eq!(answer(refused).await.1, json!({ "statusCode": 503, "message": "Service Unavailable" }));
    assert_eq!(partner.get("/partner/browser-sessions").await.1["data"]["total"], 1);
    partner.create(json!({})).await;
    assert_eq!(partner.look("/faults").await[0]["times"], 0, "what has struck is counted down");
}

#[tokio::test]
async fn a_connection_is_cut_in_the_middle_of_a_body() {
    let (partner, created) =
        with(json!([{ "on": "get", "kind": "cut", "times": 2 }, { "on": "list", "kind": "cut", "bytes": 0 }])).await;
    for _ in 0..2 {
        let response = get(&partner, &created).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.is_err(), "the rest of the body never comes");
    }
    assert!(get(&partner, &created).await.unwrap().bytes().await.is_ok());
    let list = partner.client.get(partner.url("/partner/browser-sessions")).bearer_auth(partner.sandbox.api_key());
    // Headers and cut may arrive together, and then there is no answer at all.
    let cut = match list.send().await {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(cut);
}

#[tokio::test]
async fn a_create_that_is_cut_was_done_all_the_same() {
    let (partner, _) = with(json!([{ "on": "create", "kind": "cut", "times": 1 }])).await;
    let request = partner.client.post(partner.url("/partner/browser-session")).bearer_auth(partner.sandbox.api_key());
    let response = request.json(&json!({ "platformId": 1 })).send().await.unwrap();
    assert!(response.bytes().await.is_err());
    assert_eq!(partner.get("/partner/browser-sessions").await.1["data"]["total"], 2);
}

#[tokio::test]
async fn a_body_can_be_no_json() {
    let (partner, created) = with(json!([{ "on": "get", "kind": "malformed" }])).await;
    let body = get(&partner, &created).await.unwrap().text().await.unwrap();
    assert!(body.len() > 100 && serde_json::from_str::<Value>(&body).is_err(), "{body}");
}

#[tokio::test]
async fn answers_can_hold_what_nobody_documented_and_lack_what_is_optional() {
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
    let (_, bare) = partner.get(&format!("/partner/browser-session/{}", text(&created, "sessionId"))).await;
    let mut names: Vec<_> = bare["data"].as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["embedUrl", "sessionId", "status"]);
    let _: Success<Session> = serde_json::from_value(bare).unwrap();
    assert_ne!(partner.peek(&created).await["status"], "RECONCILING", "it is the answer that is wrong");
}

#[tokio::test]
async fn a_storm_of_429_says_that_nothing_is_left() {
    let (partner, created) = with(json!([{ "on": "any", "kind": "rateLimited", "retryAfter": 3, "times": 20 }])).await;
    for _ in 0..20 {
        let refused = get(&partner, &created).await.unwrap();
        assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"3".parse().unwrap()));
        assert_eq!(refused.headers()["x-ratelimit-remaining"], "0");
    }
    assert_eq!(get(&partner, &created).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_clock_can_be_ten_minutes_off_in_everything_that_is_dated() {
    let (partner, created) = with(json!([])).await;
    let ask = async || {
        let response = get(&partner, &created).await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let (date, reset) = (httpdate::parse_http_date(&header("date")).unwrap(), header("x-ratelimit-reset"));
        let body = answer(response).await.1;
        let expires = UnixMillis::parse(text(&body["data"], "expiresAt")).unwrap();
        (date, reset.parse::<i64>().unwrap(), expires)
    };
    let before = ask().await;
    partner.faults(json!([{ "on": "get", "kind": "clockSkew", "secs": -600, "times": 1 }])).await;
    let during = ask().await;
    assert_eq!(before.2.since(during.2), 600_000);
    assert_eq!(before.1 - during.1, 600);
    let back = before.0.duration_since(during.0).unwrap();
    assert!(back > Duration::from_secs(540) && back <= Duration::from_secs(600), "{back:?}");
    assert_eq!(ask().await.2, before.2);
}

#[tokio::test]
async fn an_answer_can_be_late() {
    let (partner, created) = with(json!([{ "on": "get", "kind": "delay", "millis": 300, "times": 1 }])).await;
    let start = Instant::now();
    assert_eq!(get(&partner, &created).await.unwrap().status(), 200);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn the_page_can_be_out_of_order_without_spending_its_link() {
    let (partner, created) = with(json!([{ "on": "page", "kind": "status", "status": 502, "times": 1 }])).await;
    let open = async || partner.client.get(text(&created, "embedUrl")).send().await.unwrap().status().as_u16();
    assert_eq!([open().await, open().await, open().await], [502, 200, 410]);
}

#[tokio::test]
async fn faults_by_chance_strike_the_same_way_again() {
    let fault = json!([{ "on": "get", "kind": "status", "status": 500, "probability": 0.5, "seed": 11 }]);
    let mut fates = Vec::new();
    for _ in 0..2 {
        let (partner, created) = with(fault.clone()).await;
        let mut fate = Vec::new();
        for _ in 0..16 {
            fate.push(get(&partner, &created).await.unwrap().status().as_u16());
        }
        fates.push(fate);
    }
    assert_eq!(fates[0], fates[1]);
    assert!(fates[0].contains(&200) && fates[0].contains(&500), "{fates:?}");
}
