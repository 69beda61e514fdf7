//! Harness of the tests of the proxy and over HTTP: a sandbox, a proxy and a browser, all real servers and clients on
//! loopback.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cr3dentials_proxy::{Config, Secret, UserAuth};
use cr3dentials_sandbox::Running as Sandbox;
use cr3dentials_sandbox::testing::User;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

pub const PAGE_ORIGIN: &str = "http://localhost:8080";
pub const API_KEY: &str = "sk-marker-api-key";
pub const BACKEND_TOKEN: &str = "marker-backend-token";

/// A proxy with its clients, in front of a provider: a sandbox at twenty times the real speed, or a simulated one.
pub struct Harness<P = Sandbox> {
    pub provider: P,
    pub proxy: cr3dentials_proxy::Running,
    pub browser: Browser,
    pub backend: Backend,
    pub config: Config,
    _directory: Directory,
}

impl<P> Harness<P> {
    /// Starts a proxy for the provider at `url`, with the default test configuration after `change`.
    pub async fn start(provider: P, url: &str, change: impl FnOnce(&mut Config)) -> Self {
        let directory = Directory::create();
        let mut config = config(url, &directory);
        change(&mut config);
        let proxy = cr3dentials_proxy::spawn(config.clone()).await.unwrap();
        let browser = Browser::new(proxy.public_url());
        let backend = Backend::new(proxy.backend_url());
        Self { provider, proxy, browser, backend, config, _directory: directory }
    }
}

impl Harness {
    /// Starts a sandbox and a proxy with webhooks.
    pub async fn new() -> Self {
        Self::with(with_webhooks).await
    }

    /// Starts a sandbox and a proxy with the default test configuration after `change`.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let sandbox = sandbox().await;
        let url = sandbox.base_url();
        Self::start(sandbox, &url, change).await
    }

    /// Sends a control command to the sandbox.
    pub async fn control(&self, path: &str, body: Value) {
        control(&self.provider, path, body).await;
    }

    /// Returns the number of requests that the sandbox counted for the key in its window, without this one.
    pub async fn provider_requests(&self) -> u32 {
        let url = format!("{}/partner/browser-platforms", self.provider.base_url());
        let response = client().get(url).header("x-api-key", API_KEY).send().await.unwrap();
        let remaining: u32 = response.headers()["x-ratelimit-remaining"].to_str().unwrap().parse().unwrap();
        let used = 120 - remaining;
        used - 1
    }
}

/// Sends webhooks to the proxy itself.
pub fn with_webhooks(config: &mut Config) {
    config.webhook_url = Some("http://127.0.0.1:0".parse().unwrap());
}

pub async fn sandbox() -> Sandbox {
    let config = cr3dentials_sandbox::Config {
        keys: vec![cr3dentials_sandbox::ApiKey::new(API_KEY)],
        speed: 20.0,
        webhooks: cr3dentials_sandbox::Webhooks { allow_http: true, ..Default::default() },
        ..cr3dentials_sandbox::Config::default()
    };
    cr3dentials_sandbox::spawn(config).await.unwrap()
}

/// Makes every endpoint of the sandbox return `status`, or work normally again for `None`.
pub fn fail_with(sandbox: &Sandbox, status: Option<u16>) {
    let fault = status.map(|status| serde_json::json!({ "on": "any", "kind": "status", "status": status }));
    sandbox.set_faults(&fault.into_iter().collect()).unwrap();
}

pub async fn control(sandbox: &Sandbox, path: &str, body: Value) {
    let url = format!("{}{path}", sandbox.control_url());
    let response = client().post(url).json(&body).send().await.unwrap();
    let status = response.status();
    assert!(status.is_success(), "{path}: {status}: {}", response.text().await.unwrap());
}

/// Returns a configuration with free ports, a database in `directory` and no webhooks.
pub fn config(provider: &str, directory: &Directory) -> Config {
    let secret = |text| Secret::new(text);
    let origins = vec![PAGE_ORIGIN.parse().unwrap()];
    let mut config =
        Config::new(secret(API_KEY), secret(BACKEND_TOKEN), origins, provider.parse().unwrap(), UserAuth::None);
    config.listen = ([127, 0, 0, 1], 0).into();
    config.backend_listen = ([127, 0, 0, 1], 0).into();
    config.database = directory.0.join("proxy.sqlite");
    config
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap()
}

/// Polls `holds` until it returns a value, for at most thirty seconds. Tests wait in no other way.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut holds: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = holds().await {
            return found;
        }
        assert!(Instant::now() < deadline, "timed out waiting for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// HTTP client of a page that uses the proxy. Keeps all responses.
#[derive(Clone)]
pub struct Browser {
    pub base: String,
    pub origin: Option<String>,
    http: reqwest::Client,
    seen: Arc<Mutex<Vec<TestResponse>>>,
}

#[derive(Clone, Debug)]
pub struct TestResponse {
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

impl TestResponse {
    pub async fn of(path: &str, request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { path: path.to_owned(), status, headers, text, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the data of a successful response.
    pub fn data(&self) -> &Value {
        assert_eq!(self.body["status"], "success", "{} {}: {}", self.path, self.status, self.text);
        &self.body["data"]
    }

    /// Asserts that the response is this error, in the contract's format.
    pub fn is_error(&self, status: u16, code: &str) {
        let shape = (self.status, &self.body["status"], &self.body["error"]["code"]);
        assert_eq!(shape, (status, &json!("error"), &json!(code)), "{}: {}", self.path, self.text);
        assert!(self.body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
}

/// A session as the browser knows it.
#[derive(Clone, Debug)]
pub struct TestSession {
    pub id: String,
    pub token: String,
    pub embed_url: String,
}

impl Browser {
    pub fn new(base: String) -> Self {
        Self { base, origin: Some(PAGE_ORIGIN.to_owned()), http: client(), seen: Arc::default() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base)).header("Cr3d-Contract", "1");
        match &self.origin {
            Some(origin) => request.header("Origin", origin),
            None => request,
        }
    }

    pub async fn send(&self, path: &str, request: RequestBuilder) -> TestResponse {
        let response = TestResponse::of(path, request).await;
        self.seen.lock().unwrap().push(response.clone());
        response
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(path, self.request(Method::GET, path)).await
    }

    pub async fn create(&self, key: &str, body: &Value) -> TestResponse {
        let request = self.request(Method::POST, "/sessions").header("Idempotency-Key", key).json(body);
        self.send("/sessions", request).await
    }

    /// Creates a session for the first platform.
    pub async fn start(&self) -> TestSession {
        static KEYS: AtomicU32 = AtomicU32::new(0);
        let key = format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed));
        let response = self.create(&key, &json!({ "platformId": 1 })).await;
        assert_eq!(response.status, 201, "{}", response.text);
        TestSession::of(&response)
    }

    pub async fn poll(&self, session: &TestSession, query: &str) -> TestResponse {
        self.poll_with(&session.id, &session.token, query).await
    }

    pub async fn poll_with(&self, id: &str, token: &str, query: &str) -> TestResponse {
        let path = format!("/sessions/{id}");
        let request = self.request(Method::GET, &format!("{path}?{query}")).header("Cr3d-Token", token);
        self.send(&path, request).await
    }

    pub async fn post(&self, session: &TestSession, action: &str) -> TestResponse {
        let path = format!("/sessions/{}/{action}", session.id);
        let request = self.request(Method::POST, &path).header("Cr3d-Token", &session.token);
        self.send(&path, request).await
    }

    /// Polls the session as the component does, until `wanted` returns true.
    pub async fn follow(&self, session: &TestSession, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(40);
        let mut query = String::new();
        loop {
            let view = self.poll(session, &query).await.data().clone();
            if wanted(&view) {
                return view;
            }
            assert!(Instant::now() < deadline, "timed out, last view: {view}");
            query = format!("after={}&wait=5", view["rev"]);
        }
    }

    pub async fn follow_to_end(&self, session: &TestSession) -> Value {
        let ends = ["COMPLETED", "PARTIAL_COMPLETE", "ERROR", "CANCELLED", "TERMINATED"];
        self.follow(session, |view| ends.iter().any(|end| view["status"] == *end)).await
    }

    pub async fn follow_to(&self, session: &TestSession, status: &str) -> Value {
        self.follow(session, |view| view["status"] == status).await
    }

    /// Returns all responses so far.
    pub fn seen(&self) -> Vec<TestResponse> {
        self.seen.lock().unwrap().clone()
    }
}

impl TestSession {
    pub fn of(response: &TestResponse) -> Self {
        let text = |name: &str| response.data()[name].as_str().unwrap().to_owned();
        Self { id: text("sessionId"), token: text("clientToken"), embed_url: text("embedUrl") }
    }

    /// Opens the frame and waits for the sign-in form.
    pub async fn open(&self) -> User {
        User::open(&self.embed_url).await.unwrap()
    }
}

/// HTTP client of the partner's server.
pub struct Backend {
    base: String,
    http: reqwest::Client,
}

impl Backend {
    pub fn new(base: String) -> Self {
        Self { base, http: client() }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.get_as(path, BACKEND_TOKEN).await
    }

    pub async fn get_as(&self, path: &str, token: &str) -> TestResponse {
        TestResponse::of(path, self.http.get(format!("{}{path}", self.base)).bearer_auth(token)).await
    }

    pub async fn result(&self, session: &TestSession) -> Value {
        self.get(&format!("/results/{}", session.id)).await.data().clone()
    }
}

/// A directory that is deleted when the test ends.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cr3dentials-proxy-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
