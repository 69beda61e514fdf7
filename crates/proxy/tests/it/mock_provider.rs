//! A simulated provider whose responses the test chooses. It records all requests.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use cr3dentials_proxy::Config;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use cr3dentials_test_support::{Harness, client};

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) at: Instant,
    /// `METHOD /path`.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

pub(crate) type Seen = Arc<Mutex<Vec<Call>>>;

pub(crate) struct MockProvider {
    pub(crate) url: String,
    pub(crate) seen: Seen,
    task: JoinHandle<()>,
}

impl MockProvider {
    /// Responds to `METHOD /path` with the result of `response`, or never if its status is [`NEVER`].
    pub(crate) async fn start(response: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen = Seen::default();
        let log = seen.clone();
        let app = Router::new().fallback(async move |request: Request| {
            let at = Instant::now();
            let line = format!("{} {}", request.method(), request.uri().path());
            let headers = request.headers().clone();
            let body = Bytes::from_request(request, &()).await.unwrap();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            log.lock().unwrap().push(Call { at, line: line.clone(), headers, body });
            match response(&line) {
                response if response.status() == NEVER => std::future::pending().await,
                response => response,
            }
        });
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { url, seen, task }
    }

    /// Forwards all requests to `target`, such as a sandbox, and records them.
    pub(crate) async fn in_front_of(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen = Seen::default();
        let (log, target) = (seen.clone(), target.trim_end_matches("/v1").to_owned());
        let http = client();
        let app = Router::new().fallback(async move |request: Request| {
            let at = Instant::now();
            let (method, uri, mut headers) =
                (request.method().clone(), request.uri().clone(), request.headers().clone());
            let line = format!("{method} {}", uri.path());
            let body = Bytes::from_request(request, &()).await.unwrap();
            let json = serde_json::from_slice(&body).unwrap_or_default();
            log.lock().unwrap().push(Call { at, line, headers: headers.clone(), body: json });
            headers.remove("host");
            let response =
                http.request(method, format!("{target}{uri}")).headers(headers).body(body).send().await.unwrap();
            let mut passed_on = Response::new(axum::body::Body::empty());
            *passed_on.status_mut() = response.status();
            *passed_on.headers_mut() = response.headers().clone();
            *passed_on.body_mut() = response.bytes().await.unwrap().into();
            passed_on
        });
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { url, seen, task }
    }

    /// Returns the number of requests with this line.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|call| call.line == line).count()
    }

    /// Returns the body of the first request with this line.
    pub(crate) fn body(&self, line: &str) -> Value {
        self.seen.lock().unwrap().iter().find(|call| call.line == line).unwrap().body.clone()
    }
}

/// Starts a simulated provider with these responses, and a proxy in front of it.
pub(crate) async fn mock_harness(
    response: impl Fn(&str) -> Response + Clone + Send + Sync + 'static,
) -> Harness<MockProvider> {
    mock_harness_with(response, |_| ()).await
}

/// Like [`mock_harness`], with the default test configuration after `change`.
pub(crate) async fn mock_harness_with(
    response: impl Fn(&str) -> Response + Clone + Send + Sync + 'static,
    change: impl FnOnce(&mut Config),
) -> Harness<MockProvider> {
    let provider = MockProvider::start(response).await;
    let url = provider.url.clone();
    Harness::start(provider, &url, change).await
}

impl Drop for MockProvider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Status of a response that is never sent.
pub(crate) const NEVER: u16 = 599;

pub(crate) const PLATFORMS: &str = "GET /v1/partner/browser-platforms";
pub(crate) const LIST: &str = "GET /v1/partner/browser-sessions";
pub(crate) const CREATE: &str = "POST /v1/partner/browser-session";

pub(crate) fn success(data: &Value) -> Response {
    json_response(200, &json!({ "status": "success", "data": data }))
}

pub(crate) fn json_response(status: u16, body: &Value) -> Response {
    Response::builder().status(status).header("content-type", "application/json").body(body.to_string().into()).unwrap()
}

/// Responds with one platform, and with sessions that are created and then run forever.
pub(crate) fn ordinary(line: &str) -> Response {
    match line {
        PLATFORMS => success(&json!([{ "id": 1, "name": "uber", "displayName": "Uber", "isActive": true }])),
        CREATE => {
            let id = format!("session-{:016x}", rand_number());
            success(&json!({ "sessionId": id, "embedUrl": "https://frame.example/verify/x?token=y", "platformId": 1 }))
        }
        _ => {
            let id = line.rsplit('/').next().unwrap();
            success(&json!({ "sessionId": id, "status": "RUNNING", "progress": 10 }))
        }
    }
}

fn rand_number() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}
