//! Webhooks received by a real server.

use std::time::Duration;

use cr3dentials_core::wire::{SessionStatus, WebhookDelivery};
use cr3dentials_sandbox::Webhooks;
use serde_json::{Value, json};
use tokio::net::TcpSocket;

use crate::harness::receiver::{NO_RESPONSE, Receiver};
use crate::harness::{Partner, text, until};

async fn partner() -> Partner {
    partner_with(Webhooks::default()).await
}

async fn partner_with(webhooks: Webhooks) -> Partner {
    let header = Some(("X-Partner-Secret".to_owned(), "shh".to_owned()));
    Partner::with_webhooks(Webhooks { allow_http: true, header, ..webhooks }).await
}

/// Fetches the log of deliveries, newest first, as (attempt, result).
async fn log(partner: &Partner) -> Vec<(u64, String)> {
    let log = partner.show("/webhooks").await;
    let line = |line: &Value| (line["attempt"].as_u64().unwrap(), text(line, "result").to_owned());
    log.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn ended_session_sends_a_webhook_with_data_proof_and_header() {
    let (receiver, url) = Receiver::start(&[]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url, "externalReferenceId": "loan-7" })).await;
    let user = partner.user(&created).await;
    user.sign_in("success").await.unwrap();
    receiver.until_received(1).await;

    let (headers, body) = receiver.received()[0].clone();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-partner-secret"], "shh");
    let delivery: WebhookDelivery = serde_json::from_str(&body).unwrap();
    assert_eq!(delivery.session_id, text(&created, "sessionId"));
    assert_eq!((delivery.status, delivery.platform_id), (SessionStatus::Completed, Some(1)));
    assert_eq!(delivery.external_reference_id.as_deref(), Some("loan-7"));
    let hash = delivery.proof_hash.unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    let session = partner.session(&created).await;
    assert_eq!(delivery.extracted_data.as_ref(), Some(&session["extractedData"]));
    assert_eq!(delivery.completed_at.unwrap().to_string(), text(&session, "completedAt"));
    assert!(delivery.metadata.unwrap().is_object());
}

#[tokio::test]
async fn failed_delivery_is_retried_until_it_succeeds() {
    let (receiver, url) = Receiver::start(&[500, 302]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&created).await;
    let log = until(|| async { Some(log(&partner).await).filter(|log| log.len() == 3) }).await;
    let expected = [(3, "HTTP 204"), (2, "HTTP 302"), (1, "HTTP 500")];
    assert_eq!(log, expected.map(|(attempt, result)| (attempt, result.to_owned())));
    assert_eq!(receiver.count(), 3);
    let bodies: Vec<String> = receiver.received().into_iter().map(|(_, body)| body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same body each time");
}

#[tokio::test]
async fn delivery_is_abandoned_after_three_retries() {
    let (receiver, url) = Receiver::start(&[500; 9]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&created).await;
    until(|| async { Some(log(&partner).await).filter(|log| log.len() == 4) }).await;
    partner.control("/clock", json!({ "advanceSecs": 86_400 })).await;
    // A second session's delivery comes after anything that the first could still send.
    let other = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&other).await;
    receiver.until_received(5).await;
    let bodies: Vec<String> = receiver.received().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies.iter().filter(|body| body.contains(text(&created, "sessionId"))).count(), 4);
}

#[tokio::test]
async fn unreachable_receiver_is_logged_without_its_address() {
    let partner = partner().await;
    // Bound but not listening: connections are refused, and no other process can take the port.
    let silent = TcpSocket::new_v4().unwrap();
    silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = silent.local_addr().unwrap();
    let created = partner.create(json!({ "webhookUrl": format!("http://{address}/secret-path") })).await;
    partner.terminate(&created).await;
    let log = until(|| async { Some(log(&partner).await).filter(|log| !log.is_empty()) }).await;
    assert_eq!(log.last().unwrap(), &(1, "could not connect".to_owned()));
}

#[tokio::test]
async fn webhook_faults_lose_duplicate_and_reorder() {
    let (receiver, url) = Receiver::start(&[]).await;
    let partner = partner().await;
    let end = async |faults: Value| {
        partner.faults(faults).await;
        let created = partner.create(json!({ "webhookUrl": url })).await;
        partner.terminate(&created).await;
        created["sessionId"].clone()
    };
    end(json!([{ "on": "webhook", "kind": "lose", "times": 1 }])).await;
    assert_eq!(log(&partner).await, [(0, "lost by a fault".to_owned())]);
    assert_eq!(receiver.count(), 0);

    let doubled = end(json!([{ "on": "webhook", "kind": "duplicate", "copies": 2, "times": 1 }])).await;
    receiver.until_received(3).await;
    assert_eq!(receiver.sessions(), [(); 3].map(|()| doubled.clone()));

    let first = end(json!([{ "on": "webhook", "kind": "reorder", "times": 1 }])).await;
    let second = end(json!([])).await;
    receiver.until_received(5).await;
    assert_eq!(receiver.sessions()[3..], [second, first]);
}

#[tokio::test]
async fn delayed_webhook_waits_for_the_clock() {
    let (receiver, url) = Receiver::start(&[]).await;
    let partner = partner().await;
    partner.faults(json!([{ "on": "webhook", "kind": "delay", "millis": 600_000, "times": 1 }])).await;
    let late = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&late).await;
    let soon = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&soon).await;
    receiver.until_received(1).await;
    partner.control("/clock", json!({ "advanceSecs": 600 })).await;
    receiver.until_received(2).await;
    assert_eq!(receiver.sessions(), [soon["sessionId"].clone(), late["sessionId"].clone()]);
}

#[tokio::test]
async fn delivery_without_a_response_in_time_is_retried() {
    assert_eq!(Webhooks::TIMEOUT, Duration::from_secs(30));
    let (receiver, url) = Receiver::start(&[NO_RESPONSE]).await;
    let partner = partner_with(Webhooks { timeout: Duration::from_millis(200), ..Webhooks::default() }).await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.terminate(&created).await;
    receiver.until_received(2).await;
    let log = until(|| async { Some(log(&partner).await).filter(|log| log.len() == 2) }).await;
    assert_eq!(log, [(2, "HTTP 204".to_owned()), (1, "no response in time".to_owned())]);
}

#[tokio::test]
async fn dashboard_url_is_used_for_sessions_without_their_own() {
    let ((dashboard, url), (own, own_url)) = (Receiver::start(&[]).await, Receiver::start(&[]).await);
    let partner = partner_with(Webhooks { url: Some(url), ..Webhooks::default() }).await;
    partner.control("/switches", json!({ "webhookHeaderOnSessionUrl": false })).await;
    let created = partner.create(json!({})).await;
    partner.terminate(&created).await;
    dashboard.until_received(1).await;
    assert_eq!(dashboard.received()[0].0["x-partner-secret"], "shh");

    let created = partner.create(json!({ "webhookUrl": own_url })).await;
    partner.terminate(&created).await;
    own.until_received(1).await;
    assert_eq!(own.received()[0].0.get("x-partner-secret"), None, "the switch is off");
    assert_eq!(dashboard.count(), 1);
}

#[tokio::test]
async fn webhook_of_an_ended_session_can_be_sent_again() {
    let (receiver, url) = Receiver::start(&[]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    let again = format!("/sessions/{}/announce", text(&created, "sessionId"));
    assert_eq!(partner.control(&again, json!({})).await.0, 409, "it has not ended yet");
    partner.terminate(&created).await;
    assert_eq!(partner.control(&again, json!({})).await.0, 200);
    receiver.until_received(2).await;
    let bodies = receiver.received();
    assert_eq!(bodies[0].1, bodies[1].1);
}

#[tokio::test]
async fn plain_http_webhook_url_is_refused_by_default() {
    let partner = Partner::new().await;
    let (status, body) = partner.post(json!({ "platformId": 1, "webhookUrl": "http://127.0.0.1:9/hook" })).await;
    assert_eq!((status, &body["message"]), (400, &json!(["webhookUrl must be an HTTPS URL"])));
}
