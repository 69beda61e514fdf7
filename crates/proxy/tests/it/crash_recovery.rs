//! The program, killed and restarted.

use serde_json::json;

use crate::mock_provider::{CREATE, MockProvider, NEVER, json_response, ordinary};
use crate::program::Setup;
use crate::webhook_receiver::{WebhookReceiver, deliver};
use cr3dentials_test_support::{API_KEY, BACKEND_TOKEN, Directory, fail_with, sandbox, until};

#[tokio::test]
async fn a_session_completes_although_the_program_was_killed() {
    let sandbox = sandbox().await;
    let directory = Directory::create();
    let setup = Setup::new(&sandbox.base_url(), &directory);
    let public = setup.root();
    let setup = setup.with("CR3D_WEBHOOK_URL", public);
    let program = setup.start().await;
    let session = program.browser.start().await;
    let user = session.open().await;
    let before = program.browser.follow_to(&session, "AWAITING_USER").await;
    program.kill().await;
    user.sign_in("otp").await.unwrap();
    let program = setup.start().await;
    let after = program.browser.poll(&session, "").await.data().clone();
    assert!(after["rev"].as_u64() >= before["rev"].as_u64());
    user.code("123456").await.unwrap();
    program.browser.follow_to(&session, "COMPLETED").await;
    assert!(program.backend.result(&session).await["extractedData"].is_object());
    // The complete log contains no secret.
    let log = program.log();
    assert!(log.contains("COMPLETED"));
    for secret in [API_KEY, BACKEND_TOKEN, &session.token, &session.embed_url, "token=", "/webhooks/"] {
        let template = log.replace("/webhooks/{secret}", "");
        assert!(!template.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_acknowledged_webhook_is_not_lost() {
    let (sandbox, receiver) = (sandbox().await, WebhookReceiver::start().await);
    let directory = Directory::create();
    let setup = Setup::new(&sandbox.base_url(), &directory).with("CR3D_WEBHOOK_URL", &receiver.url);
    let program = setup.start().await;
    let session = program.browser.start().await;
    session.open().await.sign_in("success").await.unwrap();
    let (secret, body) = receiver.delivery().await;
    // The provider fails, so only the stored webhook remains.
    fail_with(&sandbox, Some(503));
    assert_eq!(deliver(&program.root, &secret, &body).await.status, 200);
    program.kill().await;
    fail_with(&sandbox, None);
    let program = setup.start().await;
    let ended = until("the session to end", || async {
        Some(program.backend.result(&session).await).filter(|result| result["terminal"] == true)
    })
    .await;
    assert_eq!((&ended["status"], &ended["proofHash"]["value"]), (&json!("COMPLETED"), &body["proofHash"]));
}

#[tokio::test]
async fn a_create_in_flight_at_a_crash_is_not_sent_again() {
    let provider = MockProvider::start(|line| match line {
        CREATE => json_response(NEVER, &json!({})),
        _ => ordinary(line),
    })
    .await;
    let directory = Directory::create();
    let setup = Setup::new(&provider.url, &directory);
    let program = setup.start().await;
    let body = json!({ "platformId": 1 });
    let (browser, sent) = (program.browser.clone(), body.clone());
    let create = tokio::spawn(async move {
        browser.request(reqwest::Method::POST, "/sessions").header("Idempotency-Key", "key").json(&sent).send().await
    });
    until("the create request", || async { (provider.count(CREATE) == 1).then_some(()) }).await;
    program.kill().await;
    assert!(create.await.unwrap().is_err());
    let program = setup.start().await;
    program.browser.create("key", &body).await.is_error(409, "key-spent");
    assert_eq!(provider.count(CREATE), 1);
}
