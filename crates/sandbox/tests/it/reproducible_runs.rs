//! Reproducible runs: the same seed and requests produce the same bytes.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_sandbox::testing::User;
use cr3dentials_sandbox::{Clock, Config};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{PLATFORMS, Partner, session_path, text};

/// Every response: status, headers except `Date`, and body.
struct Record(Vec<u8>);

impl Record {
    async fn of(&mut self, request: RequestBuilder) -> Value {
        let response = request.send().await.unwrap();
        let headers = response.headers().iter().filter(|(name, _)| *name != "date");
        let headers: String = headers.map(|(name, value)| format!("{name}: {value:?}\n")).collect();
        self.0.extend_from_slice(format!("{}\n{headers}\n", response.status()).as_bytes());
        let body = response.bytes().await.unwrap_or_default();
        self.0.extend_from_slice(&body);
        serde_json::from_slice(&body).unwrap_or_default()
    }
}

async fn run(config: Config) -> (Vec<u8>, std::net::SocketAddr) {
    let mut partner = Partner::with(config).await;
    let mut record = Record(Vec::new());
    let (api, key, control) = (partner.sandbox.base_url(), partner.sandbox.api_key(), partner.sandbox.control_url());
    let client: Client = partner.client.clone();
    let get = |path: &str| client.get(format!("{api}{path}")).header("x-api-key", &key);
    let control_post = |path: &str, body: Value| client.post(format!("{control}{path}")).json(&body);

    record.of(get(PLATFORMS)).await;
    record
        .of(control_post("/faults", json!([{ "on": "list", "kind": "malformed", "probability": 0.5, "seed": 3 }])))
        .await;
    let body = json!({ "platformId": 1, "externalReferenceId": "loan-7" });
    let created = record.of(client.post(format!("{api}/partner/browser-session")).bearer_auth(&key).json(&body)).await;
    let created = &created["data"];
    let path = session_path(created);
    record.of(control_post("/clock", json!({ "advanceSecs": 2.5 }))).await;
    record.of(get(&path)).await;
    let user = User::open(text(created, "embedUrl")).await.unwrap();
    record.of(control_post("/clock", json!({ "advanceSecs": 2 }))).await;
    user.sign_in("success").await.unwrap();
    for _ in 0..6 {
        record.of(control_post("/clock", json!({ "advanceSecs": 0.9 }))).await;
        record.of(get(&path)).await;
        record.of(get("/partner/browser-sessions?limit=5")).await;
    }
    record.of(client.post(format!("{api}/partner/browser-session")).bearer_auth(&key).json(&json!({}))).await;
    record.of(control_post("/keys/key-1/rotate", json!({}))).await;
    record.of(get(&path)).await;
    let addr = partner.sandbox.addr;
    partner.sandbox.stop().await;
    (record.0, addr)
}

#[tokio::test]
async fn same_seed_and_requests_produce_the_same_bytes() {
    let start = UnixMillis::parse("2026-01-31T09:00:00Z").unwrap();
    let config = Config { seed: Some(7), clock: Clock::Stopped(start), ..Config::default() };
    let (first, addr) = run(config.clone()).await;
    // On the same port, because the URLs contain it.
    let again = Config { listen: addr, ..config };
    let (second, _) = run(again.clone()).await;
    let text = String::from_utf8_lossy(&first);
    assert!(text.contains("COMPLETED") && text.contains("2026-01-31T09:00:0"), "{text}");
    assert!(first == second, "two runs differ:\n{text}\n--\n{}", String::from_utf8_lossy(&second));
    let (other, _) = run(Config { seed: Some(8), ..again }).await;
    assert!(first != other, "another seed produces other ids");
}
