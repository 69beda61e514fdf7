//! Effect of each switch on the API.

use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{PLATFORMS, Partner, response, session_path, text};

async fn switched(switches: Value) -> Partner {
    let partner = Partner::new().await;
    let (status, body) = partner.control("/switches", switches).await;
    assert_eq!(status, 200, "{body}");
    partner
}

async fn opens(partner: &Partner, session: &Value) -> bool {
    partner.client.get(text(session, "embedUrl")).send().await.unwrap().status() == 200
}

async fn platforms(partner: &Partner) -> Response {
    partner.fetch(PLATFORMS).await.unwrap()
}

#[tokio::test]
async fn embed_token_on_get_follows_its_switch() {
    for (choice, first_opens, got_opens) in
        [("fresh", true, true), ("same", true, false), ("spent", true, false), ("freshVoiding", false, true)]
    {
        let partner = switched(json!({ "embedTokenOnGet": choice })).await;
        let created = partner.create(json!({})).await;
        let got = partner.session(&created).await;
        assert_eq!(got["embedUrl"] == created["embedUrl"], choice == "same", "{choice}");
        assert_eq!(opens(&partner, &created).await, first_opens, "{choice}");
        assert_eq!(opens(&partner, &got).await, got_opens, "{choice}");
    }
}

#[tokio::test]
async fn embed_token_lifetime_follows_its_switch() {
    let partner = switched(json!({ "embedTokenSecs": 20 })).await;
    let (early, late) = (partner.create(json!({})).await, partner.create(json!({})).await);
    partner.control("/clock", json!({ "advanceSecs": 18 })).await;
    assert!(opens(&partner, &early).await);
    partner.control("/clock", json!({ "advanceSecs": 3 })).await;
    assert!(!opens(&partner, &late).await);
}

#[tokio::test]
async fn list_path_can_be_moved_or_removed() {
    let partner = switched(json!({ "listPath": "/partner/sessions" })).await;
    assert_eq!(partner.get("/partner/sessions").await.0, 200);
    assert_eq!(partner.get("/partner/browser-sessions").await.0, 404);
    partner.control("/switches", json!({ "listPath": null })).await;
    assert_eq!(partner.get("/partner/sessions").await.0, 404);
}

#[tokio::test]
async fn list_can_be_bare_unordered_or_rate_limited() {
    let partner = switched(json!({ "listItems": "bare", "listOrder": "unknown", "listLimit": 2 })).await;
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(partner.create(json!({ "externalReferenceId": "loan-7" })).await["sessionId"].clone());
    }
    let ids_of = |list: &Value| -> Vec<Value> {
        let items = list["data"]["sessions"].as_array().unwrap();
        items.iter().map(|item| item["sessionId"].clone()).collect()
    };
    let (_, list) = partner.get("/partner/browser-sessions").await;
    let mut names: Vec<_> = list["data"]["sessions"][0].as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["sessionId", "status"]);
    let mut listed = ids_of(&list);
    let (_, again) = partner.get("/partner/browser-sessions").await;
    // The statuses change meanwhile, so only the ids are compared.
    assert_eq!(ids_of(&again), listed, "the same order each time");
    listed.sort_by_key(Value::to_string);
    ids.sort_by_key(Value::to_string);
    assert_eq!(listed, ids, "all of them");
    assert_eq!(partner.get("/partner/browser-sessions").await.0, 429);
    assert_eq!(platforms(&partner).await.status(), 200, "the key has requests left");
}

#[tokio::test]
async fn external_reference_id_is_shown_or_hidden() {
    let partner = switched(json!({ "referenceInGet": false })).await;
    let created = partner.create(json!({ "externalReferenceId": "loan-7" })).await;
    assert_eq!(partner.session(&created).await.get("externalReferenceId"), None);
    let listed = async || partner.get("/partner/browser-sessions").await.1["data"]["sessions"][0].clone();
    assert_eq!(listed().await["externalReferenceId"], "loan-7");
    partner.control("/switches", json!({ "referenceInGet": true, "referenceInList": false })).await;
    assert_eq!(partner.session(&created).await["externalReferenceId"], "loan-7");
    assert_eq!(listed().await.get("externalReferenceId"), None);
}

#[tokio::test]
async fn create_can_return_200_without_a_status() {
    let partner = switched(json!({ "createStatusCode": 200, "createShowsStatus": false })).await;
    let (status, created) = partner.post(json!({ "platformId": 1 })).await;
    assert_eq!((status, created["data"].get("status")), (200, None));
}

#[tokio::test]
async fn rate_limit_reset_has_three_formats() {
    let partner = Partner::new().await;
    let reset = async |format: &str| -> i64 {
        partner.control("/switches", json!({ "resetFormat": format })).await;
        platforms(&partner).await.headers()["x-ratelimit-reset"].to_str().unwrap().parse().unwrap()
    };
    let (seconds, milliseconds, delta) = (reset("seconds").await, reset("milliseconds").await, reset("delta").await);
    assert_eq!((milliseconds + 999) / 1000, seconds);
    assert!((1..=60).contains(&delta), "{delta}");
}

#[tokio::test]
async fn retry_after_is_sent_or_omitted_on_429() {
    let partner = switched(json!({ "retryAfter": true })).await;
    partner.control("/settings", json!({ "rateLimit": 1 })).await;
    platforms(&partner).await;
    let refused = platforms(&partner).await;
    let secs: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(refused.status() == 429 && (1..=60).contains(&secs), "{secs}");
    partner.control("/switches", json!({ "retryAfter": false })).await;
    assert_eq!(platforms(&partner).await.headers().get("retry-after"), None);
}

#[tokio::test]
async fn embed_and_stream_urls_follow_their_switches() {
    let partner = switched(json!({ "embedUrlInList": true, "streamUrlWhile": "live" })).await;
    let created = partner.create(json!({})).await;
    let listed = async || partner.get("/partner/browser-sessions").await.1["data"]["sessions"][0].clone();
    assert_eq!(listed().await["embedUrl"], created["embedUrl"]);
    assert!(listed().await["streamUrl"].is_string());
    partner.control("/switches", json!({ "streamUrlWhile": "connectedToVerifying", "embedUrlInList": false })).await;
    partner.until(&created, "READY").await;
    let ready = listed().await;
    assert_eq!((&ready["streamUrl"], ready.get("embedUrl")), (&Value::Null, None));
    partner.terminate(&created).await;
    let ended = partner.session(&created).await;
    assert!(
        ended["embedUrl"].is_string() && !opens(&partner, &ended).await,
        "the URL is present but does not open the page"
    );
    partner.control("/switches", json!({ "embedUrlOnceEnded": false })).await;
    assert_eq!(partner.session(&created).await.get("embedUrl"), None);
}

#[tokio::test]
async fn platform_error_and_null_field_switches_take_effect() {
    let partner = switched(
        json!({ "inactivePlatformsListed": false, "messagesAsList": false, "errorNameBesideMessages": false }),
    )
    .await;
    let (_, listed) = response(platforms(&partner).await).await;
    assert!(listed["data"].as_array().unwrap().iter().all(|platform| platform["isActive"] == true));
    let (_, refused) = partner.post(json!({ "platformId": 99, "country": "XX" })).await;
    assert!(text(&refused, "message").contains("; ") && refused.get("error").is_none(), "{refused}");

    partner.control("/switches", json!({ "nullFieldsPresent": false, "contentTypeOnGetRequired": true })).await;
    assert_eq!(platforms(&partner).await.status(), 415);
    let created = partner.create(json!({})).await;
    let path = partner.url(&session_path(&created));
    let request = partner.client.get(path).header("content-type", "application/json");
    let (status, got) = response(request.bearer_auth(partner.sandbox.api_key()).send().await.unwrap()).await;
    assert_eq!(status, 200);
    assert!(got["data"].as_object().unwrap().values().all(|value| !value.is_null()), "{got}");
}
