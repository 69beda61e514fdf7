use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use cr3dentials_proxy::UserAuth;
use cr3dentials_sandbox::testing::User;
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::{Started, World, fail_with};

#[tokio::test]
async fn a_fresh_url_opens_the_session_again_once_in_ten_seconds() {
    let world = World::new().await;
    let session = world.browser.start().await;
    let _first = session.open().await;
    world.browser.follow_to(&session, "AWAITING_USER").await;
    assert!(User::open(&session.embed_url).await.is_err(), "a URL is good once");
    let fresh = world.browser.post(&session, "frame").await;
    let url = fresh.data()["embedUrl"].as_str().unwrap();
    assert_eq!(fresh.data().as_object().unwrap().len(), 1);
    let again = User::open(url).await.unwrap();
    let second = world.browser.post(&session, "frame").await;
    second.is_error(429, "rate-limited");
    let wait: u64 = second.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    again.sign_in("success").await.unwrap();
    world.browser.follow_to(&session, "COMPLETED").await;
    world.browser.post(&session, "frame").await.is_error(409, "conflict");
}

#[tokio::test]
async fn a_failed_attempt_does_not_cost_the_turn() {
    let world = World::new().await;
    let session = world.browser.start().await;
    fail_with(&world.sandbox, Some(500));
    world.browser.post(&session, "frame").await.is_error(502, "provider-error");
    fail_with(&world.sandbox, None);
    assert_eq!(world.browser.post(&session, "frame").await.status, 200);
}

/// The partner's endpoint: the cookie is the user.
async fn partners_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/me", listener.local_addr().unwrap());
    let me = async |headers: HeaderMap| [("x-user-id", headers["cookie"].clone())];
    let app = Router::new().route("/me", get(me));
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test]
async fn a_fresh_url_is_for_the_user_who_started_the_session() {
    let url = partners_endpoint().await.parse().unwrap();
    let world = World::with(|config| config.user_auth = UserAuth::Forward { url, header: "x-user-id".into() }).await;
    let post = |path: String, cookie: &'static str| {
        let request = world.browser.request(Method::POST, &path).header("Cookie", cookie);
        (path, request)
    };
    let (path, request) = post("/sessions".into(), "ada");
    let request = request.header("Idempotency-Key", "key").json(&json!({ "platformId": 1 }));
    let session = Started::of(&world.browser.send(&path, request).await);
    assert_eq!(world.backend.result(&session).await["user"], "ada");
    // The token has leaked to another user: it shows the status, as it is made to, and no more.
    let frame = async |cookie| {
        let (path, request) = post(format!("/sessions/{}/frame", session.id), cookie);
        world.browser.send(&path, request.header("Cr3d-Token", &session.token)).await
    };
    frame("eve").await.is_error(404, "not-found");
    assert_eq!(frame("ada").await.status, 200);
    // Keys are each user's own.
    let (path, request) = post("/sessions".into(), "eve");
    let request = request.header("Idempotency-Key", "key").json(&json!({ "platformId": 1 }));
    assert_ne!(Started::of(&world.browser.send(&path, request).await).id, session.id);
}
