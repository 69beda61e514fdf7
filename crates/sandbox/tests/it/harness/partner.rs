//! Running sandbox and a partner's client for it.

use cr3dentials_sandbox::testing::User;
use cr3dentials_sandbox::{Config, Running, Webhooks, spawn};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::{CREATE, client, create_body, response, session_path, text, until};

/// Speed of the sandbox in these tests.
pub(crate) const SPEED: f64 = 50.0;

pub(crate) struct Partner {
    pub(crate) sandbox: Running,
    pub(crate) client: Client,
}

impl Partner {
    /// Starts a fast sandbox.
    pub(crate) async fn new() -> Self {
        Self::with_webhooks(Webhooks::default()).await
    }

    /// Starts a fast sandbox with these webhook settings.
    pub(crate) async fn with_webhooks(webhooks: Webhooks) -> Self {
        Self::with(Config { speed: SPEED, webhooks, ..Config::default() }).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let sandbox = spawn(config).await.unwrap();
        Self { sandbox, client: client() }
    }

    /// Sends a request to the Partner API, with the key.
    pub(crate) async fn request(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.client.request(method, self.url(path)).header("x-api-key", self.sandbox.api_key());
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        response(request.send().await.unwrap()).await
    }

    /// Fetches a path of the Partner API, with the key.
    pub(crate) async fn fetch(&self, path: &str) -> reqwest::Result<Response> {
        self.fetch_as(&self.sandbox.api_key(), path).await
    }

    /// Fetches a path of the Partner API with another key.
    pub(crate) async fn fetch_as(&self, key: &str, path: &str) -> reqwest::Result<Response> {
        self.client.get(self.url(path)).header("x-api-key", key).send().await
    }

    /// Posts a create request with the given key.
    pub(crate) async fn create_as(&self, key: &str) -> reqwest::Result<Response> {
        let request = self.client.post(self.url(CREATE)).bearer_auth(key);
        request.json(&create_body(&json!({}))).send().await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.request(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, body: Value) -> (u16, Value) {
        self.request(Method::POST, CREATE, Some(body)).await
    }

    /// Creates a session and returns the data of the response.
    pub(crate) async fn create(&self, more: Value) -> Value {
        let (status, mut body) = self.post(create_body(&more)).await;
        assert_eq!(status, 201, "{body}");
        body["data"].take()
    }

    pub(crate) async fn session(&self, created: &Value) -> Value {
        let (status, mut body) = self.get(&session_path(created)).await;
        assert_eq!(status, 200, "{body}");
        body["data"].take()
    }

    /// Posts to a control route.
    pub(crate) async fn control(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.sandbox.control_url())).json(&body);
        response(request.send().await.unwrap()).await
    }

    /// Fetches a control route.
    pub(crate) async fn show(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.sandbox.control_url()));
        response(request.send().await.unwrap()).await.1
    }

    /// Replaces the faults to inject.
    pub(crate) async fn faults(&self, faults: Value) {
        let (status, body) = self.control("/faults", faults).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Terminates a session manually.
    pub(crate) async fn terminate(&self, created: &Value) {
        self.control_session(created, "terminate", json!({})).await;
    }

    /// Posts to a control route of a session.
    pub(crate) async fn control_session(&self, created: &Value, action: &str, body: Value) -> (u16, Value) {
        self.control(&format!("/sessions/{}/{action}", text(created, "sessionId")), body).await
    }

    /// Opens the frame page of a session.
    pub(crate) async fn user(&self, session: &Value) -> User {
        User::open(text(session, "embedUrl")).await.unwrap()
    }

    /// Fetches a session from the control routes, which do not count against the rate limit.
    pub(crate) async fn peek(&self, created: &Value) -> Value {
        let body = self.show("/sessions").await;
        let sessions = body["sessions"].as_array().unwrap();
        sessions.iter().find(|session| session["sessionId"] == created["sessionId"]).unwrap().clone()
    }

    /// Waits until a session has `status`.
    pub(crate) async fn until(&self, created: &Value, status: &str) -> Value {
        until(|| async { Some(self.peek(created).await).filter(|session| session["status"] == status) }).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }
}
