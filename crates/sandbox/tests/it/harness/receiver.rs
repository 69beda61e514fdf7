//! Partner's server that receives webhooks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

use super::until;

/// Responds with the given statuses in order, then with 204.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    statuses: Arc<Mutex<Vec<u16>>>,
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

/// Status that stands for a response that is never sent.
pub(crate) const NO_RESPONSE: u16 = 0;

impl Receiver {
    pub(crate) async fn start(statuses: &[u16]) -> (Self, String) {
        let receiver = Self::responding(statuses);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = receiver.router();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    pub(crate) fn responding(statuses: &[u16]) -> Self {
        Self { statuses: Arc::new(Mutex::new(statuses.to_vec())), ..Self::default() }
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(Self::receive).with_state(self.clone())
    }

    async fn receive(State(receiver): State<Self>, headers: HeaderMap, body: String) -> StatusCode {
        receiver.received.lock().unwrap().push((headers, body));
        let status = {
            let mut statuses = receiver.statuses.lock().unwrap();
            if statuses.is_empty() { 204 } else { statuses.remove(0) }
        };
        if status == NO_RESPONSE {
            std::future::pending::<()>().await;
        }
        StatusCode::from_u16(status).unwrap()
    }

    pub(crate) fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// Returns the headers and bodies received so far.
    pub(crate) fn received(&self) -> Vec<(HeaderMap, String)> {
        self.received.lock().unwrap().clone()
    }

    /// Returns the session ids received so far, in order.
    pub(crate) fn sessions(&self) -> Vec<Value> {
        let id = |body: &str| serde_json::from_str::<Value>(body).unwrap()["sessionId"].clone();
        self.received().iter().map(|(_, body)| id(body)).collect()
    }

    pub(crate) async fn until_received(&self, count: usize) {
        until(|| async { (self.count() >= count).then_some(()) }).await;
    }
}
