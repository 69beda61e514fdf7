//! The program itself, killed without a word.

use std::net::TcpListener;
use std::process::Stdio;

use serde_json::json;
use tokio::process::{Child, Command};

use crate::harness::{API_KEY, BACKEND_TOKEN, Backend, Browser, Directory, PAGE, client, fail_with, sandbox, until};
use crate::relay::{Relay, deliver};
use crate::upstream::{CREATE, NEVER, Upstream, json_response, ordinary};

struct Program {
    child: Child,
    root: String,
    browser: Browser,
    backend: Backend,
}

impl Program {
    /// Starts it on ports that were free a moment ago, and waits until it answers.
    async fn start(upstream: &str, directory: &Directory, ports: [u16; 2], webhook_url: &str) -> Self {
        let [public, backend] = ports.map(|port| format!("127.0.0.1:{port}"));
        let child = Command::new(env!("CARGO_BIN_EXE_cr3dentials-proxy"))
            .env_clear()
            .env("CR3D_API_KEY", API_KEY)
            .env("CR3D_BACKEND_TOKEN", BACKEND_TOKEN)
            .env("CR3D_ALLOWED_ORIGINS", PAGE)
            .env("CR3D_UPSTREAM_URL", upstream)
            .env("CR3D_LISTEN", &public)
            .env("CR3D_BACKEND_LISTEN", &backend)
            .env("CR3D_DATABASE", directory.0.join("proxy.sqlite"))
            .env("CR3D_WEBHOOK_URL", webhook_url)
            .env("CR3D_LOG", "debug")
            .stderr(Stdio::from(
                std::fs::OpenOptions::new().create(true).append(true).open(directory.0.join("log")).unwrap(),
            ))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let root = format!("http://{public}");
        let http = client();
        until("the program", || async { http.get(format!("{root}/healthz")).send().await.ok() }).await;
        let browser = Browser::new(format!("{root}/api/verification"));
        Self { child, root, browser, backend: Backend::new(format!("http://{backend}")) }
    }

    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.each_ref().map(|listener| listener.local_addr().unwrap().port())
}

#[tokio::test]
async fn killed_in_the_middle_it_goes_on_and_the_session_ends_completed() {
    let sandbox = sandbox().await;
    let (directory, ports) = (Directory::new(), free_ports());
    let public = format!("http://127.0.0.1:{}", ports[0]);
    let upstream = sandbox.base_url();
    let start = || Program::start(&upstream, &directory, ports, &public);
    let program = start().await;
    let session = program.browser.start().await;
    let user = session.open().await;
    let before = program.browser.follow_to(&session, "AWAITING_USER").await;
    program.kill().await;
    user.sign_in("otp").await.unwrap();
    let program = start().await;
    let after = program.browser.ask(&session, "").await.data().clone();
    assert!(after["rev"].as_u64() >= before["rev"].as_u64());
    user.code("123456").await.unwrap();
    program.browser.follow_to(&session, "COMPLETED").await;
    assert!(program.backend.result(&session).await["extractedData"].is_object());
    // Its whole log holds no secret.
    let log = std::fs::read_to_string(directory.0.join("log")).unwrap();
    assert!(log.contains("COMPLETED"));
    for secret in [API_KEY, BACKEND_TOKEN, &session.token, &session.embed_url, "token=", "/webhooks/"] {
        let template = log.replace("/webhooks/{secret}", "");
        assert!(!template.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn an_acknowledged_webhook_is_not_lost() {
    let (sandbox, relay) = (sandbox().await, Relay::start().await);
    let (directory, ports) = (Directory::new(), free_ports());
    let upstream = sandbox.base_url();
    let start = || Program::start(&upstream, &directory, ports, &relay.url);
    let program = start().await;
    let session = program.browser.start().await;
    session.open().await.sign_in("success").await.unwrap();
    let (secret, body) = relay.delivery().await;
    // The provider cannot be asked, so all there is is what the proxy has written down.
    fail_with(&sandbox, Some(503));
    assert_eq!(deliver(&program.root, &secret, &body).await.status, 200);
    program.kill().await;
    fail_with(&sandbox, None);
    let program = start().await;
    let ended = until("the end", || async {
        Some(program.backend.result(&session).await).filter(|result| result["terminal"] == true)
    })
    .await;
    assert_eq!((&ended["status"], &ended["proofHash"]["value"]), (&json!("COMPLETED"), &body["proofHash"]));
}

#[tokio::test]
async fn a_create_that_was_under_way_is_not_sent_again() {
    let upstream = Upstream::start(|line| match line {
        CREATE => json_response(NEVER, &json!({})),
        _ => ordinary(line),
    })
    .await;
    let (directory, ports) = (Directory::new(), free_ports());
    let start = || Program::start(&upstream.url, &directory, ports, "http://127.0.0.1:9");
    let program = start().await;
    let body = json!({ "platformId": 1 });
    let (browser, sent) = (program.browser.clone(), body.clone());
    let create = tokio::spawn(async move {
        browser.request(reqwest::Method::POST, "/sessions").header("Idempotency-Key", "key").json(&sent).send().await
    });
    until("the create", || async { (upstream.count(CREATE) == 1).then_some(()) }).await;
    program.kill().await;
    assert!(create.await.unwrap().is_err());
    let program = start().await;
    program.browser.create("key", &body).await.is_error(409, "key-spent");
    assert_eq!(upstream.count(CREATE), 1);
}
