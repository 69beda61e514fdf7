use cr3dentials_proxy::Secret;
use serde_json::{Value, json};

use crate::mock_provider::{CREATE, mock_harness_with, ordinary};
use crate::program::Setup;
use crate::webhook_receiver::{WebhookReceiver, deliver};
use cr3dentials_test_support::{Directory, Harness, TestSession, sandbox, until, with_webhooks};

/// Starts a proxy whose webhooks go to the receiver.
async fn with_receiver(receiver: &WebhookReceiver) -> Harness {
    Harness::with(|config| config.webhook_url = Some(receiver.url.parse().unwrap())).await
}

/// Signs in and waits for the provider's webhook.
async fn finish(session: &TestSession, receiver: &WebhookReceiver) -> (String, Value) {
    session.open().await.sign_in("success").await.unwrap();
    receiver.delivery().await
}

#[tokio::test]
async fn a_webhook_ends_the_session_and_carries_the_proof() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    session.open().await.sign_in("success").await.unwrap();
    let view = harness.browser.follow_to_end(&session).await;
    assert_eq!((&view["status"], &view["hasAttestation"]), (&json!("COMPLETED"), &json!(true)));
    let proof = until("the proof", || async {
        Some(harness.backend.result(&session).await["proofHash"].clone()).filter(|proof| !proof.is_null())
    })
    .await;
    assert_eq!((&proof["confirmed"], &proof["source"]), (&json!(false), &json!("webhook")));
    assert!(proof["value"].as_str().is_some_and(|value| value.len() >= 64));
}

#[tokio::test]
async fn a_webhook_refreshes_an_unwatched_session() {
    let receiver = WebhookReceiver::start().await;
    let harness = with_receiver(&receiver).await;
    let session = harness.browser.start().await;
    // No browser polls, so the scheduled request is a minute away.
    let (secret, body) = finish(&session, &receiver).await;
    assert_eq!(harness.backend.result(&session).await["terminal"], false);
    assert_eq!(deliver(&harness.proxy.root_url(), &secret, &body).await.status, 200);
    let ended = until("the session to end", || async {
        Some(harness.backend.result(&session).await).filter(|result| result["terminal"] == true)
    })
    .await;
    assert_eq!(ended["status"], "COMPLETED");
    assert_eq!(ended["proofHash"]["value"], body["proofHash"]);
    assert!(ended["extractedData"].is_object());
}

#[tokio::test]
async fn a_forged_webhook_is_checked_with_the_provider() {
    let harness = mock_harness_with(ordinary, with_webhooks).await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let (session, other) = (browser.start().await, browser.start().await);
    // The sender even knows the secret.
    let url = provider.body(CREATE)["webhookUrl"].as_str().unwrap().to_owned();
    let (root, secret) = url.split_once("/webhooks/").unwrap();
    assert_eq!(root, harness.proxy.root_url());
    let forged = |id: &str| json!({ "sessionId": id, "status": "COMPLETED", "extractedData": { "name": "Eve" }, "proofHash": "forged" });
    deliver(root, secret, &forged(&other.id)).await.is_error(400, "bad-request");
    let get = format!("GET /v1/partner/browser-session/{}", session.id);
    assert_eq!(provider.count(&get), 0);
    assert_eq!(deliver(root, secret, &forged(&session.id)).await.status, 200);
    until("the request to the provider", || async { (provider.count(&get) > 0).then_some(()) }).await;
    assert_eq!(browser.follow_to(&session, "RUNNING").await["completedAt"], Value::Null);
    let result = harness.backend.result(&session).await;
    assert_eq!((&result["terminal"], &result["proofHash"]), (&json!(false), &Value::Null));
    assert_eq!(result["extractedData"], Value::Null);
}

#[tokio::test]
async fn a_proof_with_another_final_status_is_not_shown() {
    let receiver = WebhookReceiver::start().await;
    let harness = with_receiver(&receiver).await;
    let session = harness.browser.start().await;
    harness.control(&format!("/sessions/{}/terminate", session.id), json!({})).await;
    let (secret, mut body) = receiver.delivery().await;
    body["status"] = json!("COMPLETED");
    body["proofHash"] = json!("forged");
    assert_eq!(deliver(&harness.proxy.root_url(), &secret, &body).await.status, 200);
    let ended = until("the session to end", || async {
        Some(harness.backend.result(&session).await).filter(|result| result["terminal"] == true)
    })
    .await;
    assert_eq!((&ended["status"], &ended["proofHash"]), (&json!("TERMINATED"), &Value::Null));
}

#[tokio::test]
async fn unknown_secrets_and_invalid_bodies_are_refused() {
    let receiver = WebhookReceiver::start().await;
    let harness = with_receiver(&receiver).await;
    let session = harness.browser.start().await;
    let (secret, body) = finish(&session, &receiver).await;
    let root = harness.proxy.root_url();
    for unknown in ["x", "..%2f..", &"a".repeat(43)] {
        deliver(&root, unknown, &body).await.is_error(404, "not-found");
    }
    deliver(&root, &secret, &json!({ "sessionId": session.id })).await.is_error(400, "bad-request");
    deliver(&root, &secret, &json!("text")).await.is_error(400, "bad-request");
    let large = json!({ "sessionId": session.id, "status": "COMPLETED", "metadata": "x".repeat(17 << 20) });
    deliver(&root, &secret, &large).await.is_error(413, "too-large");
}

#[tokio::test]
async fn repeated_webhooks_cause_one_provider_request() {
    let receiver = WebhookReceiver::start().await;
    let harness = with_receiver(&receiver).await;
    let session = harness.browser.start().await;
    let (secret, body) = finish(&session, &receiver).await;
    let before = harness.provider_requests().await;
    for _ in 0..30 {
        assert_eq!(deliver(&harness.proxy.root_url(), &secret, &body).await.status, 200);
    }
    until("the session to end", || async {
        (harness.backend.result(&session).await["terminal"] == true).then_some(())
    })
    .await;
    for _ in 0..30 {
        assert_eq!(deliver(&harness.proxy.root_url(), &secret, &body).await.status, 200);
    }
    // One of the two is the request that reads the count.
    assert_eq!(harness.provider_requests().await - before, 2);
}

#[tokio::test]
async fn a_configured_webhook_header_is_required() {
    let receiver = WebhookReceiver::start().await;
    let harness = Harness::with(|config| {
        config.webhook_url = Some(receiver.url.parse().unwrap());
        config.webhook_header = Some(("x-hook".to_owned(), Secret::new("open sesame")));
    })
    .await;
    let session = harness.browser.start().await;
    let (secret, body) = finish(&session, &receiver).await;
    let url = format!("{}/webhooks/{secret}", harness.proxy.root_url());
    deliver(&harness.proxy.root_url(), &secret, &body).await.is_error(404, "not-found");
    let with =
        |value: &'static str| cr3dentials_test_support::client().post(&url).header("X-Hook", value).json(&body).send();
    assert_eq!(with("open").await.unwrap().status(), 404);
    assert_eq!(with("open sesame").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_webhook_with_large_data_keeps_its_proof() {
    let receiver = WebhookReceiver::start().await;
    let harness = with_receiver(&receiver).await;
    let session = harness.browser.start().await;
    let (secret, mut body) = finish(&session, &receiver).await;
    body["extractedData"] = json!({ "trips": "x".repeat(300 << 10) });
    let response = deliver(&harness.proxy.root_url(), &secret, &body).await;
    assert_eq!(response.status, 200, "{}", response.text);
    harness.browser.follow_to(&session, "COMPLETED").await;
    assert_eq!(harness.backend.result(&session).await["proofHash"]["value"], body["proofHash"]);
}

#[tokio::test]
async fn a_refused_webhook_of_a_known_session_is_logged() {
    let (sandbox, receiver, directory) = (sandbox().await, WebhookReceiver::start().await, Directory::create());
    let setup = Setup::new(&sandbox.base_url(), &directory).with("CR3D_WEBHOOK_URL", &receiver.url);
    let program = setup.start().await;
    let session = program.browser.start().await;
    let (secret, _) = finish(&session, &receiver).await;
    deliver(&program.root, &secret, &json!({ "sessionId": session.id })).await.is_error(400, "bad-request");
    let log = program.log();
    let line = log.lines().find(|line| line.contains("webhook refused") && line.contains(&session.id));
    assert!(line.is_some_and(|line| line.contains("WARN")), "no such line in the log");
}
