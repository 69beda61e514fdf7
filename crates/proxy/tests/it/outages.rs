use serde_json::json;

use cr3dentials_test_support::{Harness, fail_with, until};

#[tokio::test]
async fn during_an_outage_the_last_known_view_is_returned() {
    let mut harness = Harness::new().await;
    let session = harness.browser.start().await;
    let view = harness.browser.follow_to(&session, "READY").await;
    harness.provider.stop().await;
    let during = harness.browser.poll(&session, &format!("after={}&wait=3&fresh=1", view["rev"])).await;
    assert_eq!((&during.data()["status"], &during.data()["rev"]), (&json!("READY"), &view["rev"]));
    harness.browser.post(&session, "frame").await.is_error(503, "unavailable");
    harness.provider.start().await.unwrap();
    session.open().await.sign_in("success").await.unwrap();
    harness.browser.follow_to(&session, "COMPLETED").await;
}

#[tokio::test]
async fn a_create_that_never_reached_the_provider_can_be_retried() {
    let mut harness = Harness::new().await;
    assert_eq!(harness.browser.get("/platforms").await.status, 200);
    harness.provider.stop().await;
    let body = json!({ "platformId": 1 });
    harness.browser.create("key", &body).await.is_error(503, "unavailable");
    harness.provider.start().await.unwrap();
    assert_eq!(harness.browser.create("key", &body).await.status, 201);
}

#[tokio::test]
async fn provider_errors_do_not_reach_watching_browsers() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let view = harness.browser.follow_to(&session, "READY").await;
    for status in [500, 429, 401, 404] {
        fail_with(&harness.provider, Some(status));
        let during = harness.browser.poll(&session, &format!("after={}&wait=1&fresh=1", view["rev"])).await;
        assert_eq!(during.data()["status"], "READY", "{status}");
    }
}

#[tokio::test]
async fn platforms_are_cached_during_an_outage() {
    let mut harness = Harness::new().await;
    harness.provider.stop().await;
    harness.browser.get("/platforms").await.is_error(503, "unavailable");
    harness.provider.start().await.unwrap();
    until("the platforms", || async { (harness.browser.get("/platforms").await.status == 200).then_some(()) }).await;
    harness.provider.stop().await;
    assert_eq!(harness.browser.get("/platforms").await.status, 200);
}

#[tokio::test]
async fn a_wrong_api_key_is_a_provider_error_without_details() {
    let harness = Harness::with(|config| config.api_key = cr3dentials_proxy::Secret::new("wrong-marker-key")).await;
    let platforms = harness.browser.get("/platforms").await;
    platforms.is_error(502, "provider-error");
    assert!(!platforms.text.contains("wrong-marker-key") && !platforms.text.contains("401"));
}
