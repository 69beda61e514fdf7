//! Starting, stopping and embedding the sandbox.

use cr3dentials_sandbox::{Config, app, spawn};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Partner, client, text};

#[tokio::test]
async fn an_outage_ends_with_everything_still_known() {
    let mut partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    partner.sandbox.stop().await;
    partner.sandbox.stop().await;
    let refused = partner.client.get(partner.url("/partner/browser-platforms")).send().await;
    assert!(refused.unwrap_err().is_connect());
    partner.sandbox.start().await.unwrap();
    assert_eq!(partner.session(&created).await["sessionId"], created["sessionId"]);
}

#[tokio::test]
async fn dropping_it_frees_the_port() {
    let sandbox = spawn(Config::default()).await.unwrap();
    let addr = sandbox.addr;
    drop(sandbox);
    crate::support::until(|| async { TcpListener::bind(addr).await.ok() }).await;
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    let config = Config { listen: "0.0.0.0:0".parse().unwrap(), ..Config::default() };
    assert_eq!(spawn(config).await.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn the_router_can_be_served_by_somebody_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app(Config { listen, ..Config::default() })).await });
    let request = client().post(format!("http://{listen}/v1/partner/browser-session"));
    let request = request.bearer_auth(Config::DEFAULT_API_KEY).json(&json!({ "platformId": 1 }));
    let created: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    assert!(text(&created["data"], "embedUrl").starts_with(&format!("http://{listen}/verify/")));
}

#[tokio::test]
async fn the_frame_page_can_have_an_origin_of_its_own() {
    let config = Config { frame_origin: Some("https://frame.example/".to_owned()), ..Config::default() };
    let partner = Partner::with(config).await;
    let created = partner.create(json!({})).await;
    assert!(text(&created, "embedUrl").starts_with("https://frame.example/verify/"));
    let (_, platforms) = partner.get("/partner/browser-platforms").await;
    let icon = text(&platforms["data"][0], "icon");
    assert!(icon.starts_with(&format!("http://{}/icons/", partner.sandbox.addr)), "{icon}");
}
