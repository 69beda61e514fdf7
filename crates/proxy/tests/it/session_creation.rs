use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::mock_provider::{CREATE, json_response, mock_harness, ordinary};
use cr3dentials_test_support::{API_KEY, Harness, TestSession};

#[tokio::test]
async fn create_returns_the_fields_of_the_contract() {
    let harness = Harness::new().await;
    let response = harness.browser.create("key", &json!({ "platformId": 1 })).await;
    assert_eq!(response.status, 201);
    let mut names: Vec<_> = response.data().as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(
        names,
        ["clientToken", "createdAt", "embedUrl", "expiresAt", "platformId", "serverTime", "sessionId", "status"]
    );
    assert_eq!(response.data()["status"], "CREATED");
    assert!(response.data()["embedUrl"].as_str().unwrap().starts_with(harness.provider.frame_origin()));
}

#[tokio::test]
async fn an_idempotency_key_creates_one_session() {
    let harness = Harness::new().await;
    let body = json!({ "platformId": 1 });
    let first = harness.browser.create("key", &body).await;
    let second = harness.browser.create("key", &body).await;
    assert_eq!(second.status, 201);
    for name in ["sessionId", "embedUrl", "clientToken", "expiresAt", "createdAt"] {
        assert_eq!(first.data()[name], second.data()[name], "{name}");
    }
    harness.browser.create("key", &json!({ "platformId": 2 })).await.is_error(409, "conflict");
    let other = harness.browser.create("other-key", &body).await;
    assert_ne!(first.data()["sessionId"], other.data()["sessionId"]);
}

#[tokio::test]
async fn concurrent_creates_with_one_key_create_one_session() {
    let harness = mock_harness(ordinary).await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let body = json!({ "platformId": 1 });
    let (one, two) = tokio::join!(browser.create("key", &body), browser.create("key", &body));
    assert_eq!(one.data()["sessionId"], two.data()["sessionId"]);
    assert_eq!(provider.count(CREATE), 1);
}

#[tokio::test]
async fn a_repeated_create_returns_a_fresh_url_until_the_end() {
    let harness = Harness::new().await;
    let body = json!({ "platformId": 1 });
    let first = harness.browser.create("key", &body).await;
    let session = TestSession::of(&first);
    let user = session.open().await;
    harness.browser.follow(&session, |view| view["status"] == "AWAITING_USER").await;
    let second = harness.browser.create("key", &body).await;
    assert_eq!(second.data()["sessionId"], first.data()["sessionId"]);
    assert_ne!(second.data()["embedUrl"], first.data()["embedUrl"]);
    user.cancel().await.unwrap();
    harness.browser.follow_to(&session, "CANCELLED").await;
    harness.browser.create("key", &body).await.is_error(409, "conflict");
}

#[tokio::test]
async fn an_unknown_or_inactive_platform_does_not_use_up_the_key() {
    let harness = Harness::new().await;
    let inactive = harness.browser.get("/platforms").await;
    let inactive = inactive.data().as_array().unwrap().iter().find(|one| one["isActive"] == false).unwrap().clone();
    for id in [json!(999), inactive["id"].clone()] {
        harness.browser.create("key", &json!({ "platformId": id })).await.is_error(422, "unknown-platform");
    }
    assert_eq!(harness.browser.create("key", &json!({ "platformId": 1 })).await.status, 201);
}

#[tokio::test]
async fn a_create_whose_outcome_is_unknown_is_never_sent_again() {
    // A gateway's page does not show whether the provider created a session.
    let harness = mock_harness(|line| match line {
        CREATE => axum::response::Response::builder().status(504).body("gateway".into()).unwrap(),
        _ => ordinary(line),
    })
    .await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    for _ in 0..3 {
        browser.create("key", &json!({ "platformId": 1 })).await.is_error(409, "key-spent");
    }
    assert_eq!(provider.count(CREATE), 1);
    browser.create("new-key", &json!({ "platformId": 1 })).await.is_error(409, "key-spent");
    assert_eq!(provider.count(CREATE), 2);
}

#[tokio::test]
async fn creates_survive_a_provider_that_drops_reused_connections() {
    let provider = one_request_per_connection().await;
    let harness = Harness::start((), &provider, |_| ()).await;
    let browser = &harness.browser;
    assert_eq!(browser.get("/platforms").await.status, 200);
    for key in ["one", "two"] {
        let created = browser.create(key, &json!({ "platformId": 1 })).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
}

/// Starts a provider whose keep-alive connections cannot be reused: a second request is cut off at its first bytes, as
/// by a load balancer that restarts.
async fn one_request_per_connection() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let line = read_request(&mut stream).await;
                let body = ordinary(&line).into_body();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
                let _ = stream.read(&mut [0]).await;
            });
        }
    });
    url
}

/// Reads a whole request and returns its `METHOD /path`.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return head.split(" HTTP/1.1").next().unwrap().to_owned();
            }
        }
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the connection broke during the request");
    }
}

#[tokio::test]
async fn a_create_that_the_provider_refused_can_be_retried() {
    let harness = mock_harness(|line| match line {
        CREATE => json_response(500, &json!({ "statusCode": 500, "message": "marker-provider-text" })),
        _ => ordinary(line),
    })
    .await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    for sent in 1..=2 {
        let response = browser.create("key", &json!({ "platformId": 1 })).await;
        response.is_error(502, "provider-error");
        assert!(!response.text.contains("marker-provider-text"));
        assert_eq!(provider.count(CREATE), sent);
    }
}

#[tokio::test]
async fn a_create_is_stored_although_the_browser_disconnected() {
    let reached = Arc::new(Notify::new());
    let notify = reached.clone();
    let harness = mock_harness(move |line| {
        if line == CREATE {
            notify.notify_one();
        }
        ordinary(line)
    })
    .await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let body = json!({ "platformId": 1 });
    tokio::select! {
        biased;
        () = reached.notified() => {}
        _ = browser.create("key", &body) => {}
    }
    assert_eq!(browser.create("key", &body).await.status, 201);
    assert_eq!(provider.count(CREATE), 1);
}

#[tokio::test]
async fn browsers_can_set_only_the_allowed_fields() {
    let harness = Harness::new().await;
    for body in [
        json!({ "platformId": 1, "country": "DE" }),
        json!({ "platformId": 1, "webhookUrl": "https://evil.example" }),
        json!({ "platformId": 1, "externalReferenceId": "x" }),
        json!({ "platformId": 1, "receiverData": {} }),
        json!({ "platformId": "1" }),
        json!([]),
    ] {
        harness.browser.create("key", &body).await.is_error(400, "bad-request");
    }
    let harness = Harness::with(|config| config.browser_may_choose_country = true).await;
    harness.browser.create("key", &json!({ "platformId": 1, "country": "FR" })).await.is_error(400, "bad-request");
    assert_eq!(harness.browser.create("key", &json!({ "platformId": 1, "country": "DE" })).await.status, 201);
}

#[tokio::test]
async fn every_provider_request_carries_the_key_and_json_type() {
    let harness = mock_harness(ordinary).await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let session = browser.start().await;
    browser.follow_to(&session, "RUNNING").await;
    let calls = provider.seen.lock().unwrap().clone();
    assert!(calls.len() >= 3);
    for call in &calls {
        assert_eq!(call.headers["x-api-key"], API_KEY, "{}", call.line);
        assert_eq!(call.headers["content-type"], "application/json", "{}", call.line);
        assert!(!call.headers.contains_key("cookie") && !call.headers.contains_key("origin"));
    }
    assert_eq!(provider.body(CREATE), json!({ "platformId": 1 }), "unexpected fields are sent");
}
