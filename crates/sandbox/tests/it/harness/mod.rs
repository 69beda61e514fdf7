//! Running sandbox and a partner's client for it.

use std::time::Duration;

use cr3dentials_sandbox::{Config, Running, spawn};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Speed of the sandbox in these tests.
pub(crate) const SPEED: f64 = 50.0;

pub(crate) struct Partner {
    pub(crate) sandbox: Running,
    pub(crate) client: Client,
}

impl Partner {
    pub(crate) async fn new() -> Self {
        Self::with(Config { speed: SPEED, ..Config::default() }).await
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

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.request(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, body: Value) -> (u16, Value) {
        self.request(Method::POST, "/partner/browser-session", Some(body)).await
    }

    /// Creates a session and returns the data of the response.
    pub(crate) async fn create(&self, more: Value) -> Value {
        let mut body = json!({ "platformId": 1 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, mut body) = self.post(body).await;
        assert_eq!(status, 201, "{body}");
        body["data"].take()
    }

    pub(crate) async fn session(&self, created: &Value) -> Value {
        let (status, mut body) = self.get(&format!("/partner/browser-session/{}", text(created, "sessionId"))).await;
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
        self.control(&format!("/sessions/{}/terminate", text(created, "sessionId")), json!({})).await;
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

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// Returns the status and the JSON body of a response; null if the body is not JSON.
pub(crate) async fn response(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

/// Polls until there is a value.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(mut poll: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(value) = poll().await {
            return value;
        }
        assert!(Instant::now() < deadline, "the expected condition did not occur");
        sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}
