//! World without a server, and a partner's client for it.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_sandbox::world::{Body, Headers, Method, Outgoing, Request, Response, Settings, World};
use cr3dentials_sandbox::{ApiKey, Outcome, test_users};
use serde_json::{Map, Value, json};

use super::{CREATE, LIST, PLATFORMS, create_body, meta, session_path, text};

pub(crate) const START: UnixMillis = UnixMillis(1_767_225_600_123);

/// A world, its clock, and the headers of a partner's requests.
pub(crate) struct Provider {
    pub(crate) world: World,
    pub(crate) now: UnixMillis,
    pub(crate) headers: Headers,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    /// Creates a world with changed settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            keys: vec![ApiKey::new("key"), ApiKey::new("other")],
            parent_origins: vec!["https://partner.example.com".to_owned()],
            webhook_header: Some(("X-Partner".to_owned(), "shh".to_owned())),
            ..Settings::default()
        };
        change(&mut settings);
        let headers = Headers {
            api_key: Some("key".to_owned()),
            content_type: Some("application/json".to_owned()),
            host: Some("127.0.0.1:7071".to_owned()),
            ..Headers::default()
        };
        Self { world: World::new(settings, [7; 32]), now: START, headers }
    }

    pub(crate) fn send(&mut self, method: Method, path: &str, headers: Headers, body: Vec<u8>) -> Response {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        self.world.handle(&Request { method, path, query, headers, body: Body::Whole(body) }, self.now)
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        Reply(self.send(Method::Get, &format!("/v1{path}"), self.headers.clone(), Vec::new()))
    }

    pub(crate) fn get_with(&mut self, change: impl FnOnce(&mut Headers)) -> Reply {
        let mut headers = self.headers.clone();
        change(&mut headers);
        Reply(self.send(Method::Get, &format!("/v1{PLATFORMS}"), headers, Vec::new()))
    }

    pub(crate) fn post(&mut self, body: &Value) -> Reply {
        Reply(self.send(Method::Post, &format!("/v1{CREATE}"), self.headers.clone(), body.to_string().into_bytes()))
    }

    pub(crate) fn create(&mut self, more: Value) -> Value {
        self.post(&create_body(&more)).data()
    }

    pub(crate) fn session(&mut self, created: &Value) -> Value {
        self.get(&session_path(created)).data()
    }

    pub(crate) fn status(&mut self, created: &Value) -> String {
        text(&self.session(created), "status").to_owned()
    }

    pub(crate) fn list(&mut self, query: &str) -> Value {
        self.get(&format!("{LIST}{query}")).data()
    }

    pub(crate) fn control(&mut self, path: &str, body: &Value) {
        let headers = self.headers.clone();
        let response = self.send(Method::Post, &format!("/sandbox{path}"), headers, body.to_string().into_bytes());
        assert!(response.status < 300, "{path}: {}", response.status);
    }

    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = self.now + Millis(millis);
    }

    /// Creates a session and forces the terminal status of the test user `name`.
    pub(crate) fn ended(&mut self, name: &str, more: Value) -> Value {
        let created = self.create(more);
        let user = test_users().iter().find(|user| user.name == name).unwrap();
        let status = match user.outcome {
            Outcome::Completed => "COMPLETED",
            Outcome::Partial => "PARTIAL_COMPLETE",
            Outcome::Failed => "ERROR",
            Outcome::Cancelled => "CANCELLED",
            Outcome::Terminated => "TERMINATED",
        };
        self.pass(5000);
        self.control(&format!("/sessions/{}/status", text(&created, "sessionId")), &json!({ "status": status }));
        created
    }

    /// Creates a session in which the test user `name` signs in and completes the verification.
    pub(crate) fn run(&mut self, name: &str) -> Value {
        let created = self.create(json!({}));
        let key = self.key(&created);
        self.pass(10_000);
        self.act(&created, &key, &json!({ "id": 1, "type": "signIn", "username": name, "password": "x" }));
        self.pass(60_000);
        created
    }

    /// Opens the page and returns its key.
    pub(crate) fn key(&mut self, session: &Value) -> String {
        let html = String::from_utf8(self.open(session).body).unwrap();
        meta(&html, "frame-key")
    }

    /// Performs an action on the page.
    pub(crate) fn act(&mut self, session: &Value, key: &str, action: &Value) {
        let reply = self.world.frame_message(text(session, "sessionId"), key, &action.to_string(), self.now).unwrap();
        let reply: Value = serde_json::from_str(&reply).unwrap();
        assert_eq!(reply["status"], 200, "{reply}");
    }

    pub(crate) fn open(&mut self, session: &Value) -> Response {
        let path = text(session, "embedUrl").trim_start_matches("http://127.0.0.1:7071").to_owned();
        self.send(Method::Get, &path, self.headers.clone(), Vec::new())
    }

    pub(crate) fn outbox(&mut self) -> Vec<Outgoing> {
        self.world.advance(self.now);
        self.world.take_outbox()
    }
}

/// Response to a request of the partner.
pub(crate) struct Reply(pub(crate) Response);

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap()
    }

    pub(crate) fn data(&self) -> Value {
        assert!((200..300).contains(&self.0.status), "{}", self.json());
        self.json()["data"].clone()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        &self.0.headers.iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Asserts that this is an error with `status` whose message contains `field`.
    pub(crate) fn refuses(&self, status: u16, field: &str) {
        let body = self.json();
        assert_eq!((self.0.status, &body["statusCode"]), (status, &json!(status)));
        let messages = [body["message"].clone()].into_iter().flat_map(|message| match message {
            Value::Array(list) => list,
            one => vec![one],
        });
        assert!(messages.into_iter().any(|message| message.as_str().unwrap().contains(field)), "{field}: {body}");
    }
}

pub(crate) fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    // The provider does not promise an order.
    names.sort_unstable();
    names
}

pub(crate) fn fields<'a>(value: &'a Value, wanted: &[&str]) -> &'a Map<String, Value> {
    let fields = value.as_object().unwrap();
    for name in wanted {
        assert!(fields.contains_key(*name), "no {name} in {value}");
    }
    fields
}

pub(crate) fn seconds_at(text: &str) -> i64 {
    UnixMillis::parse(text).unwrap().0
}
