//! A server at the proxy's public webhook address that keeps the webhooks it receives.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use cr3dentials_test_support::{TestResponse, client, until};

/// A delivery: the path's secret and the body.
pub(crate) type Kept = (String, Value);

pub(crate) struct WebhookReceiver {
    pub(crate) url: String,
    kept: Arc<Mutex<Vec<Kept>>>,
    task: JoinHandle<()>,
}

impl WebhookReceiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept: Arc<Mutex<Vec<Kept>>> = Arc::default();
        let app = Router::new().route("/webhooks/{secret}", post(keep)).with_state(kept.clone());
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { url, kept, task }
    }

    /// Waits for the first delivery.
    pub(crate) async fn delivery(&self) -> Kept {
        until("a webhook", || async { self.kept.lock().unwrap().first().cloned() }).await
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(State(kept): State<Arc<Mutex<Vec<Kept>>>>, Path(secret): Path<String>, body: String) -> StatusCode {
    kept.lock().unwrap().push((secret, serde_json::from_str(&body).unwrap()));
    StatusCode::OK
}

/// Delivers `body` to the proxy at `root`.
pub(crate) async fn deliver(root: &str, secret: &str, body: &Value) -> TestResponse {
    TestResponse::of("/webhooks", client().post(format!("{root}/webhooks/{secret}")).json(body)).await
}
