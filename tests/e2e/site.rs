//! The partner's site: the built pages, the proxy's routes below `/api`, and a record of all requests.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{self, Next};
use axum::response::Response;
use cr3dentials_core::time::UnixMillis;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower_http::services::{ServeDir, ServeFile};

use crate::harness::artifact;

/// A request to the proxy and the body of its response.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) body: String,
}

/// All requests so far, and the number of those in progress.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    done: Arc<Mutex<Vec<Exchange>>>,
    started: Arc<Mutex<Vec<String>>>,
    open: Arc<Mutex<usize>>,
    held: Arc<Mutex<usize>>,
    network: Arc<Mutex<Network>>,
    changed: Arc<Notify>,
}

/// Simulated condition of the connection between the browser and the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Network {
    #[default]
    Normal,
    /// Responses wait until the condition changes.
    Paused,
    /// Every response has this HTTP status.
    Refused(u16),
    /// The server's clock is this many seconds ahead.
    Ahead(i64),
    /// The provider sends no error code.
    WithoutCode,
}

impl Record {
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.done.lock().unwrap().clone()
    }

    /// Paths and queries of all requests, including those in progress.
    pub(crate) fn started(&self) -> Vec<String> {
        self.started.lock().unwrap().clone()
    }

    pub(crate) fn set(&self, network: Network) {
        *self.network.lock().unwrap() = network;
        self.changed.notify_waiters();
    }

    async fn network(&self) -> Network {
        loop {
            let changed = self.changed.notified();
            let network = *self.network.lock().unwrap();
            if network != Network::Paused {
                return network;
            }
            changed.await;
        }
    }

    /// Number of long polls in progress.
    pub(crate) fn long_polls(&self) -> usize {
        *self.held.lock().unwrap()
    }

    /// Number of requests in progress, without those that the browser has aborted.
    pub(crate) fn open(&self) -> usize {
        *self.open.lock().unwrap()
    }
}

/// Counts a request as in progress until it is dropped, which also happens when the browser aborts it.
struct Open {
    record: Record,
    held: usize,
}

impl Open {
    fn new(record: &Record, target: &str) -> Self {
        let held = usize::from(target.contains("&wait=") && !target.contains("&wait=0"));
        *record.open.lock().unwrap() += 1;
        *record.held.lock().unwrap() += held;
        Self { record: record.clone(), held }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        *self.record.open.lock().unwrap() -= 1;
        *self.record.held.lock().unwrap() -= self.held;
    }
}

pub(crate) fn router(proxy: Router, record: Record) -> Router {
    let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/pages");
    Router::new()
        .route_service("/element.html", ServeFile::new(format!("{pages}/element.html")))
        .route_service("/forger.html", ServeFile::new(format!("{pages}/forger.html")))
        .route_service("/states.html", ServeFile::new(format!("{pages}/states.html")))
        .nest_service("/npm", ServeDir::new(artifact("CR3D_NPM_BUILD", "npm/build")))
        .merge(proxy.layer(middleware::from_fn_with_state(record, record_exchange)))
        .fallback_service(ServeDir::new(artifact("CR3D_DIST", "dist")))
}

async fn record_exchange(State(record): State<Record>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let target = request.uri().to_string();
    let _open = Open::new(&record, &target);
    record.started.lock().unwrap().push(target.clone());
    if let Network::Refused(status) = record.network().await {
        let after = if status == 429 { "8" } else { "1" };
        let response = Response::builder().status(status).header("Retry-After", after);
        // Without the proxy's envelope, it would be the response of something in front of the proxy.
        let envelope = json!({"status": "error", "error": {"code": "simulated", "message": "Simulated by a test."}});
        return response.body(Body::from(envelope.to_string())).unwrap();
    }
    let (mut head, body) = next.run(request).await.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let mut body = String::from_utf8_lossy(&bytes).into_owned();
    if let network @ (Network::Ahead(_) | Network::WithoutCode) = record.network().await {
        body = altered(&body, network);
        head.headers.remove(CONTENT_LENGTH);
    }
    let bytes = body.clone();
    record.done.lock().unwrap().push(Exchange { method, target, body });
    Response::from_parts(head, Body::from(bytes))
}

/// Returns the response body with a shifted server clock or without the provider's error code.
fn altered(body: &str, network: Network) -> String {
    let Ok(mut json) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    let data = &mut json["data"];
    match network {
        Network::Ahead(seconds) => {
            if let Some(time) = data["serverTime"].as_str().and_then(UnixMillis::parse) {
                data["serverTime"] = Value::String(UnixMillis(time.0 + seconds * 1000).to_string());
            }
        }
        Network::WithoutCode if data["errorCode"].is_string() => data["errorCode"] = Value::Null,
        _ => {}
    }
    json.to_string()
}
