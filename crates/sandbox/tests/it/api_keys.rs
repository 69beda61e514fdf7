//! Several keys: separate sessions, rotation, expiry and rate limits.

use cr3dentials_sandbox::{ApiKey, Config};
use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{PLATFORMS, Partner, response, session_path, text};

async fn get(partner: &Partner, key: &str, path: &str) -> Response {
    partner.fetch_as(key, path).await.unwrap()
}

async fn create(partner: &Partner, key: &str) -> Value {
    let (status, mut created) = response(partner.create_as(key).await.unwrap()).await;
    assert_eq!(status, 201, "{created}");
    created["data"].take()
}

async fn total(partner: &Partner, key: &str) -> Value {
    response(get(partner, key, "/partner/browser-sessions").await).await.1["data"]["total"].clone()
}

async fn two() -> Partner {
    Partner::with(Config { keys: vec![ApiKey::new("one"), ApiKey::new("two")], ..Config::default() }).await
}

#[tokio::test]
async fn each_key_sees_only_its_own_sessions() {
    let partner = two().await;
    let (of_one, of_two) = (create(&partner, "one").await, create(&partner, "two").await);
    for (key, own, other) in [("one", &of_one, &of_two), ("two", &of_two, &of_one)] {
        let path = |created: &Value| session_path(created);
        assert_eq!(get(&partner, key, &path(own)).await.status(), 200);
        let (status, body) = response(get(&partner, key, &path(other)).await).await;
        assert_eq!((status, body), (404, json!({ "statusCode": 404, "message": "Not Found" })));
        assert_eq!(total(&partner, key).await, 1);
    }
}

#[tokio::test]
async fn rotation_ends_the_old_key_and_keeps_its_sessions() {
    let partner = two().await;
    let created = create(&partner, "one").await;
    let (status, rotated) = partner.control("/keys/key-1/rotate", json!({})).await;
    assert_eq!(status, 200);
    let new = text(&rotated, "apiKey");
    assert_eq!(partner.sandbox.api_key(), new);
    let path = session_path(&created);
    assert_eq!(get(&partner, "one", &path).await.status(), 401);
    assert_eq!(get(&partner, new, &path).await.status(), 200);
    assert_eq!(total(&partner, new).await, 1);
    partner.control("/switches", json!({ "listOldKeysSessions": false })).await;
    assert_eq!(total(&partner, new).await, 0);
    assert_eq!(get(&partner, new, &path).await.status(), 200);
    assert_eq!(total(&partner, "two").await, 0);
    assert_eq!(partner.control("/keys/key-9/rotate", json!({})).await.0, 404);
}

#[tokio::test]
async fn added_key_works_until_it_expires() {
    let partner = two().await;
    let wanted = json!({ "environment": "production", "expiresInSecs": 3600 });
    let (status, made) = partner.control("/keys", wanted).await;
    assert_eq!((status, &made["id"]), (201, &json!("key-3")));
    let key = text(&made, "apiKey");
    assert_eq!(get(&partner, key, PLATFORMS).await.status(), 200);
    partner.control("/clock", json!({ "advanceSecs": 3600 })).await;
    let (status, body) = response(get(&partner, key, PLATFORMS).await).await;
    assert_eq!((status, body), (401, json!({ "statusCode": 401, "message": "Unauthorized" })));
    let (_, rotated) = partner.control("/keys/key-3/rotate", json!({})).await;
    assert_eq!(get(&partner, text(&rotated, "apiKey"), PLATFORMS).await.status(), 200);
    let keys = partner.show("/keys").await;
    assert_eq!((keys.as_array().unwrap().len(), &keys[2]["environment"]), (3, &json!("production")));
    assert!(!keys.to_string().contains(key));
}

#[tokio::test]
async fn wrong_key_is_always_401_and_never_429() {
    let partner = two().await;
    for _ in 0..130 {
        assert_eq!(get(&partner, "wrong", PLATFORMS).await.status(), 401);
    }
}

#[tokio::test]
async fn each_key_has_its_own_window_and_create_a_smaller_one() {
    let partner = two().await;
    partner.control("/switches", json!({ "createLimit": 2 })).await;
    create(&partner, "one").await;
    create(&partner, "one").await;
    let refused = partner.create_as("one").await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["x-ratelimit-remaining"], "117", "the key has requests left");
    assert_eq!(get(&partner, "one", PLATFORMS).await.status(), 200);
    let other = get(&partner, "two", PLATFORMS).await;
    assert_eq!(other.headers()["x-ratelimit-remaining"], "119");
}
