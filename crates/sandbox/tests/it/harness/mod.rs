//! Harness of these tests: a partner's clients, over sockets and without, and a receiver of webhooks.

pub(crate) mod partner;
pub(crate) mod provider;
pub(crate) mod receiver;

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub(crate) use partner::Partner;

/// Paths of the Partner API.
pub(crate) const PLATFORMS: &str = "/partner/browser-platforms";
pub(crate) const CREATE: &str = "/partner/browser-session";
pub(crate) const LIST: &str = "/partner/browser-sessions";

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

/// Returns the path of a session in the Partner API.
pub(crate) fn session_path(created: &Value) -> String {
    format!("{CREATE}/{}", text(created, "sessionId"))
}

/// Returns a create request for platform 1 with the fields of `more`.
pub(crate) fn create_body(more: &Value) -> Value {
    let mut body = json!({ "platformId": 1 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Returns the content of a meta element of the frame page.
pub(crate) fn meta(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("<meta name=\"{name}\" content=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}
