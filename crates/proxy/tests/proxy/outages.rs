use serde_json::json;

use crate::harness::{World, fail_with, until};

#[tokio::test]
async fn during_an_outage_the_last_known_view_is_returned() {
    let mut world = World::new().await;
    let session = world.browser.start().await;
    let view = world.browser.follow_to(&session, "READY").await;
    world.sandbox.stop().await;
    let during = world.browser.ask(&session, &format!("after={}&wait=3&fresh=1", view["rev"])).await;
    assert_eq!((&during.data()["status"], &during.data()["rev"]), (&json!("READY"), &view["rev"]));
    world.browser.post(&session, "frame").await.is_error(503, "unavailable");
    world.sandbox.start().await.unwrap();
    session.open().await.sign_in("success").await.unwrap();
    world.browser.follow_to(&session, "COMPLETED").await;
}

#[tokio::test]
async fn a_create_that_never_reached_the_provider_can_be_retried() {
    let mut world = World::new().await;
    assert_eq!(world.browser.get("/platforms").await.status, 200);
    world.sandbox.stop().await;
    let body = json!({ "platformId": 1 });
    world.browser.create("key", &body).await.is_error(503, "unavailable");
    world.sandbox.start().await.unwrap();
    assert_eq!(world.browser.create("key", &body).await.status, 201);
}

#[tokio::test]
async fn provider_errors_do_not_reach_watching_browsers() {
    let world = World::new().await;
    let session = world.browser.start().await;
    let view = world.browser.follow_to(&session, "READY").await;
    for status in [500, 429, 401, 404] {
        fail_with(&world.sandbox, Some(status));
        let during = world.browser.ask(&session, &format!("after={}&wait=1&fresh=1", view["rev"])).await;
        assert_eq!(during.data()["status"], "READY", "{status}");
    }
}

#[tokio::test]
async fn platforms_are_cached_during_an_outage() {
    let mut world = World::new().await;
    world.sandbox.stop().await;
    world.browser.get("/platforms").await.is_error(503, "unavailable");
    world.sandbox.start().await.unwrap();
    until("the platforms", || async { (world.browser.get("/platforms").await.status == 200).then_some(()) }).await;
    world.sandbox.stop().await;
    assert_eq!(world.browser.get("/platforms").await.status, 200);
}

#[tokio::test]
async fn a_wrong_api_key_is_a_provider_error_without_details() {
    let world = World::with(|config| config.api_key = cr3dentials_proxy::Secret::new("wrong-marker-key")).await;
    let platforms = world.browser.get("/platforms").await;
    platforms.is_error(502, "provider-error");
    assert!(!platforms.text.contains("wrong-marker-key") && !platforms.text.contains("401"));
}
