//! Stream that drives the frame page: keys, origins, cuts and invalid messages.

use cr3dentials_sandbox::test_users;
use cr3dentials_sandbox::testing::Step;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::harness::{Partner, meta, text, until};

/// Stream URL and key from the HTML of a page.
struct Page {
    stream: String,
    key: String,
}

async fn open(partner: &Partner, session: &Value) -> Page {
    let html = partner.client.get(text(session, "embedUrl")).send().await.unwrap().text().await.unwrap();
    Page { stream: meta(&html, "stream"), key: meta(&html, "frame-key") }
}

/// Sends `first` and returns the first message received, or the close code.
async fn begin(stream: &str, first: Value) -> Result<Value, u16> {
    let (mut socket, _) = connect_async(stream).await.unwrap();
    socket.send(Message::text(first.to_string())).await.unwrap();
    match socket.next().await {
        Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap()),
        Some(Ok(Message::Close(Some(close)))) => Err(close.code.into()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn key_or_token_of_one_session_does_not_open_another() {
    let partner = Partner::new().await;
    let (one, other) = (partner.create(json!({})).await, partner.create(json!({})).await);
    let (page_of_one, page_of_other) = (open(&partner, &one).await, open(&partner, &other).await);
    for (page, session) in [(&page_of_one, &one), (&page_of_other, &other)] {
        let state = begin(&page.stream, json!({ "key": page.key })).await.unwrap();
        assert!(state["state"]["step"].is_string(), "{state}");
        assert!(page.stream.ends_with(text(session, "sessionId")));
    }
    for (stream, key) in [(&page_of_one.stream, &page_of_other.key), (&page_of_other.stream, &page_of_one.key)] {
        assert_eq!(begin(stream, json!({ "key": key })).await, Err(4403));
    }
    // An embed token is not a key, and the token of one session does not open another's page.
    let token = |session: &Value| text(session, "embedUrl").split_once("token=").unwrap().1.to_owned();
    let (one, other) = (partner.session(&one).await, partner.session(&other).await);
    for (session, foreign) in [(&one, &other), (&other, &one)] {
        let (base, _) = text(session, "embedUrl").split_once('?').unwrap();
        let page = partner.client.get(format!("{base}?token={}", token(foreign))).send().await.unwrap();
        assert_eq!(page.status(), 410);
        assert_eq!(page.headers().get("set-cookie"), None, "there are no cookies");
        assert_eq!(begin(&page_of_one.stream, json!({ "key": token(session) })).await, Err(4403));
    }
}

#[tokio::test]
async fn stream_requires_a_valid_key_and_an_existing_session() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let page = open(&partner, &created).await;
    for first in [json!({}), json!({ "key": 7 }), json!("key"), json!({ "id": 1, "type": "cancel" })] {
        assert_eq!(begin(&page.stream, first.clone()).await, Err(4400), "{first}");
    }
    assert_eq!(begin(&page.stream, json!({ "key": "" })).await, Err(4403));
    let unknown = page.stream.replace(text(&created, "sessionId"), "00000000-0000-4000-8000-000000000000");
    assert_eq!(begin(&unknown, json!({ "key": page.key })).await, Err(4404));
    assert!(begin(&page.stream, json!({ "key": page.key, "x": "x".repeat(5000) })).await.is_err());
    assert_ne!(partner.session(&created).await["status"], "CANCELLED");
}

#[tokio::test]
async fn stream_is_opened_only_by_the_frame_origin() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let page = open(&partner, &created).await;
    let connect = async |origin: &str| {
        let mut request = page.stream.as_str().into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        connect_async(request).await.map(drop)
    };
    assert!(connect(partner.sandbox.frame_origin()).await.is_ok());
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        assert!(matches!(connect(origin).await, Err(Error::Http(response)) if response.status() == 403), "{origin}");
    }
    let plain = page.stream.replacen("ws", "http", 1);
    assert_eq!(partner.client.get(plain).send().await.unwrap().status(), 426);
}

#[tokio::test]
async fn cut_stream_resumes_at_the_same_step() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    user.sign_in("otp").await.unwrap();
    user.wait_for(Step::Code).await.unwrap();
    let cut = format!("/sessions/{}/cut", text(&created, "sessionId"));
    assert_eq!(partner.control(&cut, json!({})).await.0, 200);
    user.code("123456").await.unwrap();
    partner.until(&created, "COMPLETED").await;
    assert!(partner.peek(&created).await["streams"].as_u64() >= Some(2));
}

#[tokio::test]
async fn verification_completes_over_a_stream_that_keeps_dropping() {
    let partner = Partner::new().await;
    let about = json!({ "receiverData": { "email": "stream-drops@anything.example" } });
    let created = partner.create(about).await;
    let user = partner.user(&created).await;
    user.sign_in("stream-drops").await.unwrap();
    until(|| async { user.state().await.ok().filter(|state| state.step == Step::Completed) }).await;
    assert!(partner.peek(&created).await["streams"].as_u64() >= Some(3));
}

#[tokio::test]
async fn stream_faults_delay_and_cut_messages() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let page = open(&partner, &created).await;
    partner.faults(json!([{ "on": "stream", "kind": "delay", "millis": 250, "times": 1 }])).await;
    let start = std::time::Instant::now();
    begin(&page.stream, json!({ "key": page.key })).await.unwrap();
    assert!(start.elapsed() >= std::time::Duration::from_millis(250));

    partner.faults(json!([{ "on": "stream", "kind": "cut", "times": 1 }])).await;
    let (mut socket, _) = connect_async(&page.stream).await.unwrap();
    socket.send(Message::text(json!({ "key": page.key }).to_string())).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    assert!(
        !matches!(socket.next().await, Some(Ok(Message::Text(_) | Message::Close(Some(_))))),
        "cut without a close frame"
    );
}

#[tokio::test]
async fn never_loading_page_sends_no_response() {
    let partner = Partner::new().await;
    let about = json!({ "receiverData": { "email": "never-loads@anything.example" } });
    let created = partner.create(about).await;
    let client = reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_millis(300)).build().unwrap();
    assert!(client.get(text(&created, "embedUrl")).send().await.unwrap_err().is_timeout());
    partner.until(&created, "READY").await;
}

#[tokio::test]
async fn invalid_or_unexpected_actions_are_refused() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let page = open(&partner, &created).await;
    partner.until(&created, "AWAITING_USER").await;
    let (mut socket, _) = connect_async(&page.stream).await.unwrap();
    socket.send(Message::text(json!({ "key": page.key }).to_string())).await.unwrap();
    let mut send = async |text: String| -> Value {
        socket.send(Message::text(text)).await.unwrap();
        loop {
            let message: Value = match socket.next().await.unwrap().unwrap() {
                Message::Text(text) => serde_json::from_str(&text).unwrap(),
                _ => continue,
            };
            if message.get("status").is_some() {
                return message["status"].clone();
            }
        }
    };
    for text in ["{}", "[]", "x", r#"{"id":1,"type":"fly"}"#, r#"{"id":1,"type":"signIn"}"#, r#"{"type":"cancel"}"#] {
        assert_eq!(send(text.to_owned()).await, 400, "{text}");
    }
    let early = json!({ "id": 2, "type": "code", "code": test_users()[1].code });
    assert_eq!(send(early.to_string()).await, 409, "the page does not expect a code yet");
    let account = json!({ "id": 3, "type": "account", "account": 0 });
    assert_eq!(send(account.to_string()).await, 409);
}
