//! A partner's server, which receives webhooks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::until;

/// It answers with the statuses it is given, then with 204.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    answers: Arc<Mutex<Vec<u16>>>,
    received: Arc<Mutex<Vec<(HeaderMap, String)>>>,
}

/// The answer that never comes.
pub(crate) const SILENCE: u16 = 0;

impl Receiver {
    pub(crate) async fn start(answers: &[u16]) -> (Self, String) {
        let receiver = Self::answering(answers);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = receiver.router();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    pub(crate) fn answering(answers: &[u16]) -> Self {
        Self { answers: Arc::new(Mutex::new(answers.to_vec())), ..Self::default() }
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(Self::receive).with_state(self.clone())
    }

    async fn receive(State(receiver): State<Self>, headers: HeaderMap, body: String) -> StatusCode {
        receiver.received.lock().unwrap().push((headers, body));
        let status = {
            let mut answers = receiver.answers.lock().unwrap();
            if answers.is_empty() { 204 } else { answers.remove(0) }
        };
        if status == SILENCE {
            std::future::pending::<()>().await;
        }
        StatusCode::from_u16(status).unwrap()
    }

    pub(crate) fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// The headers and bodies so far.
    pub(crate) fn received(&self) -> Vec<(HeaderMap, String)> {
        self.received.lock().unwrap().clone()
    }

    /// The sessions that were announced so far, in order.
    pub(crate) fn sessions(&self) -> Vec<Value> {
        let id = |body: &str| serde_json::from_str::<Value>(body).unwrap()["sessionId"].clone();
        self.received().iter().map(|(_, body)| id(body)).collect()
    }

    pub(crate) async fn until_received(&self, count: usize) {
        until(|| async { (self.count() >= count).then_some(()) }).await;
    }
}
