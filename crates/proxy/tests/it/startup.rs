//! Invalid settings with which the program does not start, and variables that it ignores.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::program::Setup;
use cr3dentials_test_support::{Directory, PAGE_ORIGIN, sandbox, until};

fn setup(directory: &Directory) -> Setup {
    Setup::new("http://127.0.0.1:9/v1", directory)
}

#[tokio::test]
async fn the_proxy_does_not_start_without_user_auth() {
    let directory = Directory::create();
    let refusal = setup(&directory).without("CR3D_USER_AUTH").refusal().await;
    assert!(refusal.contains("user_auth") && refusal.contains("CR3D_USER_AUTH"), "{refusal}");
}

#[tokio::test]
async fn the_proxy_starts_with_empty_variables() {
    let directory = Directory::create();
    drop(setup(&directory).with("CR3D_CONFIG", "").with("CR3D_SANDBOX", "").with("CR3D_WEBHOOK_URL", "").start().await);
}

#[tokio::test]
async fn a_misspelled_variable_is_reported_with_a_suggestion() {
    let directory = Directory::create();
    for (name, nearest) in [
        ("CR3D_USERAUTH", Some("CR3D_USER_AUTH")),
        ("CR3D_ALLOWED_ORIGIN", Some("CR3D_ALLOWED_ORIGINS")),
        ("CR3D_SANDBOX", None),
        ("CR3D_PROXY_PORT", None),
        ("CR3D_PROXY_PORT_TCP", None),
    ] {
        let refusal = setup(&directory).with(name, "marker").refusal().await;
        assert!(refusal.contains(&format!("{name}:")) && !refusal.contains("marker"), "{refusal}");
        assert_eq!(refusal.contains("did you mean"), nearest.is_some(), "{refusal}");
        assert!(nearest.is_none_or(|nearest| refusal.contains(nearest)), "{refusal}");
    }
}

#[tokio::test]
async fn a_setting_without_the_one_it_requires_is_an_error() {
    let directory = Directory::create();
    for (name, value, needed) in [
        ("CR3D_FORWARD_AUTH_URL", "http://127.0.0.1:9/me", "user_auth"),
        ("CR3D_FORWARD_AUTH_HEADER", "x-user", "user_auth"),
        ("CR3D_WEBHOOK_HEADER_NAME", "x-hook", "webhook_url"),
    ] {
        let setup = setup(&directory).with(name, value).with("CR3D_WEBHOOK_HEADER_VALUE", "marker");
        let setup = if name == "CR3D_WEBHOOK_HEADER_NAME" { setup } else { setup.without("CR3D_WEBHOOK_HEADER_VALUE") };
        let refusal = setup.refusal().await;
        assert!(refusal.contains(&format!("{name}:")) && refusal.contains(needed), "{refusal}");
    }
}

#[tokio::test]
async fn user_auth_none_requires_loopback_origins() {
    let directory = Directory::create();
    for origins in ["https://www.example.com", "http://localhost:1,http://192.168.0.7", "http://localhost.example.com"]
    {
        let refusal = setup(&directory).with("CR3D_ALLOWED_ORIGINS", origins).refusal().await;
        assert!(refusal.contains("user_auth") && refusal.contains("allowed_origins"), "{refusal}");
    }
    let here = "http://localhost,https://shop.localhost:8443,http://127.9.9.9:1,http://[::1]:8080";
    drop(setup(&directory).with("CR3D_ALLOWED_ORIGINS", here).start().await);
}

/// Starts an HTTP proxy of the partner's network. It keeps the first bytes of each connection and closes it.
async fn corporate_proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 1024];
            let length = stream.read(&mut bytes).await.unwrap_or(0);
            log.lock().unwrap().push(String::from_utf8_lossy(&bytes[..length]).into_owned());
        }
    });
    (url, seen)
}

#[tokio::test]
async fn loopback_requests_never_use_a_corporate_proxy() {
    let (sandbox, directory, (proxy, seen)) = (sandbox().await, Directory::create(), corporate_proxy().await);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let me = format!("http://{}/me", listener.local_addr().unwrap());
    let app = Router::new().route("/me", get(async || [("x-user-id", "ada")]));
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    let behind = |setup: Setup| {
        let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        names.into_iter().fold(setup, |setup, name| setup.with(name, &proxy))
    };
    let forward = |setup: Setup| setup.with("CR3D_USER_AUTH", "forward").with("CR3D_FORWARD_AUTH_URL", &me);
    let program = behind(forward(Setup::new(&sandbox.base_url(), &directory))).start().await;
    let platforms = program.browser.get("/platforms").await;
    let icon = program.browser.get("/platforms/1/icon").await;
    let create = program.browser.request(Method::POST, "/sessions").header("Idempotency-Key", "key");
    let create = create.header("Cookie", "sign-in=secret").json(&json!({ "platformId": 1 }));
    let created = program.browser.send("/sessions", create).await;
    assert_eq!(*seen.lock().unwrap(), [""; 0], "requests seen by the corporate proxy");
    assert_eq!([platforms.status, icon.status, created.status], [200, 200, 201]);
    program.kill().await;

    // The provider may be reachable only through the corporate proxy.
    let program = behind(Setup::new("https://api.example.invalid/v1", &directory)).start().await;
    program.browser.get("/platforms").await.is_error(503, "unavailable");
    let connect = until("the request", || async { seen.lock().unwrap().first().cloned() }).await;
    assert!(connect.starts_with("CONNECT api.example.invalid:443"), "{connect}");
    assert_eq!(program.browser.origin.as_deref(), Some(PAGE_ORIGIN));
}
