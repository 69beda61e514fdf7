//! Webhooks, received by a real server.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use cr3dentials_core::wire::{SessionStatus, WebhookDelivery};
use cr3dentials_sandbox::Config;
use cr3dentials_sandbox::testing::User;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket};

use crate::support::{Partner, SPEED, answer, text, until};

/// A partner's server. It answers with the statuses it is given, then with 204.
#[derive(Clone, Default)]
struct Receiver {
    answers: Arc<Mutex<Vec<u16>>>,
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

impl Receiver {
    async fn start(answers: &[u16]) -> (Self, String) {
        let receiver = Self { answers: Arc::new(Mutex::new(answers.to_vec())), ..Self::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().fallback(Self::receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    async fn receive(State(receiver): State<Self>, headers: HeaderMap, body: String) -> StatusCode {
        receiver.received.lock().unwrap().push((headers, body));
        let mut answers = receiver.answers.lock().unwrap();
        let status = if answers.is_empty() { 204 } else { answers.remove(0) };
        StatusCode::from_u16(status).unwrap()
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    async fn until_received(&self, count: usize) {
        until(|| async { (self.count() >= count).then_some(()) }).await;
    }
}

async fn partner() -> Partner {
    let webhook_header = Some(("X-Partner-Secret".to_owned(), "shh".to_owned()));
    Partner::with(Config { speed: SPEED, allow_http_webhooks: true, webhook_header, ..Config::default() }).await
}

/// The log of deliveries, newest first, as (attempt, result).
async fn log(partner: &Partner) -> Vec<(u64, String)> {
    let request = partner.client.get(format!("{}/webhooks", partner.sandbox.control_url()));
    let (_, log) = answer(request.send().await.unwrap()).await;
    let line = |line: &Value| (line["attempt"].as_u64().unwrap(), text(line, "result").to_owned());
    log.as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn the_end_is_announced_with_data_proof_and_header() {
    let (receiver, url) = Receiver::start(&[]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url, "externalReferenceId": "loan-7" })).await;
    let user = User::open(text(&created, "embedUrl")).await.unwrap();
    user.sign_in("success").await.unwrap();
    receiver.until_received(1).await;

    let (headers, body) = receiver.received.lock().unwrap()[0].clone();
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
async fn a_failed_delivery_is_tried_again_until_it_arrives() {
    let (receiver, url) = Receiver::start(&[500, 302]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.control(&format!("/sessions/{}/terminate", text(&created, "sessionId")), json!({})).await;
    let log = until(|| async { Some(log(&partner).await).filter(|log| log.len() == 3) }).await;
    let expected = [(3, "HTTP 204"), (2, "HTTP 302"), (1, "HTTP 500")];
    assert_eq!(log, expected.map(|(attempt, result)| (attempt, result.to_owned())));
    assert_eq!(receiver.count(), 3);
    let bodies: Vec<String> = receiver.received.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same words each time");
}

#[tokio::test]
async fn after_three_retries_it_is_given_up() {
    let (receiver, url) = Receiver::start(&[500; 9]).await;
    let partner = partner().await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.control(&format!("/sessions/{}/terminate", text(&created, "sessionId")), json!({})).await;
    until(|| async { Some(log(&partner).await).filter(|log| log.len() == 4) }).await;
    partner.control("/clock", json!({ "advanceSecs": 86_400 })).await;
    // A second session's delivery comes after anything that the first could still send.
    let other = partner.create(json!({ "webhookUrl": url })).await;
    partner.control(&format!("/sessions/{}/terminate", text(&other, "sessionId")), json!({})).await;
    receiver.until_received(5).await;
    let bodies: Vec<String> = receiver.received.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
    assert_eq!(bodies.iter().filter(|body| body.contains(text(&created, "sessionId"))).count(), 4);
}

#[tokio::test]
async fn an_unreachable_receiver_is_noted_without_its_address() {
    let partner = partner().await;
    // Bound but not listening: nobody answers there, and nobody else can take the port.
    let silent = TcpSocket::new_v4().unwrap();
    silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = silent.local_addr().unwrap();
    let created = partner.create(json!({ "webhookUrl": format!("http://{address}/secret-path") })).await;
    partner.control(&format!("/sessions/{}/terminate", text(&created, "sessionId")), json!({})).await;
    let log = until(|| async { Some(log(&partner).await).filter(|log| !log.is_empty()) }).await;
    assert_eq!(log.last().unwrap(), &(1, "could not connect".to_owned()));
}

#[tokio::test]
async fn webhooks_can_be_dropped() {
    let (receiver, url) = Receiver::start(&[]).await;
    let partner = partner().await;
    partner.control("/settings", json!({ "dropWebhooks": true })).await;
    let created = partner.create(json!({ "webhookUrl": url })).await;
    partner.control(&format!("/sessions/{}/terminate", text(&created, "sessionId")), json!({})).await;
    assert_eq!(log(&partner).await, [(0, "dropped".to_owned())]);
    assert_eq!(receiver.count(), 0);
}

#[tokio::test]
async fn plain_http_is_refused_unless_it_was_allowed() {
    let partner = Partner::new().await;
    let (status, body) = partner.post(json!({ "platformId": 1, "webhookUrl": "http://127.0.0.1:9/hook" })).await;
    assert_eq!((status, &body["message"]), (400, &json!(["webhookUrl must be an HTTPS URL"])));
}
