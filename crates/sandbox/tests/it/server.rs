//! Start, stop, restart and embedding of the sandbox.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use cr3dentials_sandbox::{Config, Webhooks, app, spawn};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::harness::{PLATFORMS, Partner, client, session_path, text, until};

#[tokio::test]
async fn sessions_survive_an_outage() {
    let mut partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    partner.sandbox.stop().await;
    partner.sandbox.stop().await;
    let refused = partner.client.get(partner.url(PLATFORMS)).send().await;
    assert!(refused.unwrap_err().is_connect());
    partner.sandbox.start().await.unwrap();
    assert_eq!(partner.session(&created).await["sessionId"], created["sessionId"]);
}

#[tokio::test]
async fn dropped_sandbox_releases_its_port() {
    let sandbox = spawn(Config::default()).await.unwrap();
    let addr = sandbox.addr;
    drop(sandbox);
    until(|| async { TcpListener::bind(addr).await.ok() }).await;
}

#[tokio::test]
async fn sandbox_listens_only_on_loopback_by_default() {
    let config = Config { listen: "0.0.0.0:0".parse().unwrap(), ..Config::default() };
    assert_eq!(spawn(config).await.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn exposed_sandbox_listens_anywhere_and_uses_its_public_origin() {
    let public_origin = Some("http://sandbox.partner.example/".to_owned());
    let config = Config { listen: "0.0.0.0:0".parse().unwrap(), expose: true, ..Config::default() };
    let partner = Partner::with(config.clone()).await;
    assert!(partner.sandbox.base_url().starts_with("http://127.0.0.1:"));
    for url in [partner.sandbox.console_url(), format!("{}/sessions", partner.sandbox.control_url())] {
        assert_eq!(client().get(url).send().await.unwrap().status(), 200);
    }
    let sandbox = spawn(Config { public_origin, ..config }).await.unwrap();
    assert_eq!(sandbox.base_url(), "http://sandbox.partner.example/v1");
    assert_eq!(sandbox.frame_origin(), "http://sandbox.partner.example");
    assert_eq!(client().get(sandbox.console_url()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn control_routes_serve_only_local_peers_with_any_host() {
    let status = async |listen: &str, peer: Option<&str>| {
        let app = app(&Config { listen: listen.parse().unwrap(), ..Config::default() }).unwrap();
        let mut request = axum::extract::Request::new(axum::body::Body::empty());
        *request.uri_mut() = "/sandbox/sessions".parse().unwrap();
        request.headers_mut().insert("host", "localhost".parse().unwrap());
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
        }
        app.oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(status("0.0.0.0:7071", Some("127.0.0.1:5")).await, 200);
    assert_eq!(status("0.0.0.0:7071", Some("[::ffff:127.0.0.1]:5")).await, 200);
    assert_eq!(status("0.0.0.0:7071", Some("10.0.0.9:5")).await, 403);
    assert_eq!(status("127.0.0.1:7071", Some("10.0.0.9:5")).await, 403);
    assert_eq!(status("0.0.0.0:7071", None).await, 403, "an unknown peer is refused");
    assert_eq!(status("127.0.0.1:7071", None).await, 200);
}

#[tokio::test]
async fn outage_cuts_the_streams() {
    let mut partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    user.state().await.unwrap();
    partner.sandbox.stop().await;
    assert!(user.state().await.is_err(), "the stream is unusable during an outage");
    partner.sandbox.start().await.unwrap();
    user.sign_in("success").await.unwrap();
    partner.until(&created, "COMPLETED").await;
}

#[tokio::test]
async fn invalid_configuration_is_reported_at_the_start() {
    let webhooks = |ca: &str| Webhooks { ca: Some(ca.into()), ..Webhooks::default() };
    for config in [
        Config { user: Some("unknown".to_owned()), ..Config::default() },
        Config { webhooks: webhooks("/nowhere/ca.pem"), ..Config::default() },
        Config { webhooks: webhooks("Cargo.toml"), ..Config::default() },
    ] {
        assert_eq!(spawn(config).await.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[tokio::test]
async fn restart_with_memory_keeps_sessions() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    user.state().await.unwrap();
    assert_eq!(partner.control("/restart", json!({ "downMillis": 300 })).await.0, 202);
    until(|| async { TcpStream::connect(partner.sandbox.addr).await.is_err().then_some(()) }).await;
    until(|| async { TcpStream::connect(partner.sandbox.addr).await.ok() }).await;
    assert_eq!(partner.session(&created).await["sessionId"], created["sessionId"]);
    user.sign_in("success").await.unwrap();
    partner.until(&created, "COMPLETED").await;
}

#[tokio::test]
async fn restart_without_memory_drops_sessions_and_keeps_keys() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    user.state().await.unwrap();
    partner.control("/restart", json!({ "memory": false })).await;
    let path = session_path(&created);
    until(|| async { partner.fetch(&path).await.ok().filter(|response| response.status() == 404) }).await;
    until(|| async { user.state().await.err().filter(|error| error.status() == Some(404)) }).await;
    partner.create(json!({})).await;
}

#[tokio::test]
async fn router_can_be_served_by_the_caller() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app(&Config { listen, ..Config::default() }).unwrap()).await });
    let request = client().post(format!("http://{listen}/v1/partner/browser-session"));
    let request = request.bearer_auth(Config::DEFAULT_API_KEY).json(&json!({ "platformId": 1 }));
    let created: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert!(text(&created["data"], "embedUrl").starts_with(&format!("http://{listen}/verify/")));
}

#[tokio::test]
async fn frame_page_can_have_its_own_origin() {
    let config = Config { frame_origin: Some("https://frame.example/".to_owned()), ..Config::default() };
    let partner = Partner::with(config).await;
    let created = partner.create(json!({})).await;
    assert!(text(&created, "embedUrl").starts_with("https://frame.example/verify/"));
    let (_, platforms) = partner.get(PLATFORMS).await;
    let icon = text(&platforms["data"][0], "icon");
    assert!(icon.starts_with(&format!("http://{}/icons/", partner.sandbox.addr)), "{icon}");
}

#[tokio::test]
async fn openapi_document_is_served() {
    let sandbox = spawn(Config::default()).await.unwrap();
    let document = client().get(format!("http://{}/openapi.json", sandbox.addr)).send().await.unwrap();
    assert_eq!(document.status(), 200);
    let document: serde_json::Value = document.json().await.unwrap();
    assert!(document["paths"]["/partner/browser-session"].is_object(), "{document}");
}
