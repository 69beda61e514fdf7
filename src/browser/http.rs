//! HTTP client of the proxy: the browser's side of the contract.
//!
//! The browser parses the JSON, and [`decode`](super::decode) reads the result. Requests use the page's own `fetch`,
//! which may be a wrapper that adds a header or a trace: it is called with a string and a plain object, as wrappers
//! expect, and whatever it throws or returns is handled.

use cr3dentials_core::contract::{
    CONTRACT_HEADER, CONTRACT_VERSION, Created, ErrorCode, FrameUrl, IDEMPOTENCY_HEADER, PlatformView, SessionView,
    TOKEN_HEADER,
};
use cr3dentials_core::engine::{ClientToken, Failure, FailureKind, Resume};
use cr3dentials_core::time::Millis;
use gloo_net::http::Method;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, AbortSignal};

use super::decode::{FromJs, field, text};
use super::{foreign, url, window};
use crate::options::{Credentials, Options};

// Constants, so that the module contains these two names and not the whole table.
const OTHER_USER: &str = ErrorCode::OtherUser.as_str();
const KEY_SPENT: &str = ErrorCode::KeySpent.as_str();

/// Client of one proxy.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    base: String,
    credentials: Credentials,
    headers: Vec<(String, String)>,
}

/// ID of a session, and the token that gives access to it.
#[derive(Clone, Debug)]
pub(crate) struct SessionAccess {
    pub(crate) session_id: String,
    pub(crate) client_token: ClientToken,
}

/// Aborts its request when dropped.
#[derive(Debug)]
#[must_use = "dropping it aborts the request"]
pub(crate) struct Abort(AbortController);

impl Abort {
    /// Returns `None` where the browser cannot abort requests.
    pub(crate) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    pub(crate) fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        // Without a reason: gloo-net panics on one that is not an Error.
        self.0.abort();
    }
}

impl Client {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            base: options.proxy_url.trim_end_matches('/').to_owned(),
            credentials: options.credentials,
            headers: options.headers.clone(),
        }
    }

    /// Returns the URL of a path below the base URL, such as an icon.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    pub(crate) async fn fetch_platforms(&self, signal: Option<AbortSignal>) -> Result<Vec<PlatformView>, Failure> {
        self.send(Call { signal, ..Call::get("platforms") }).await
    }

    pub(crate) async fn create_session(
        &self,
        key: &str,
        platform_id: u64,
        signal: Option<AbortSignal>,
    ) -> Result<Created, Failure> {
        let body = format!("{{\"platformId\":{platform_id}}}");
        let created: Created = self.send(Call { key: Some(key), signal, ..Call::post("sessions", body) }).await?;
        check_embed_url(&created.embed_url)?;
        Ok(created)
    }

    pub(crate) async fn poll_status(
        &self,
        access: &SessionAccess,
        after: u64,
        wait_secs: u64,
        fresh: bool,
        signal: Option<AbortSignal>,
    ) -> Result<SessionView, Failure> {
        let fresh = if fresh { "&fresh=1" } else { "" };
        let path = format!("sessions/{}?after={after}&wait={wait_secs}{fresh}", access.path_id());
        self.send(Call { access: Some(access), signal, ..Call::get(&path) }).await
    }

    pub(crate) async fn fetch_embed_url(
        &self,
        access: &SessionAccess,
        signal: Option<AbortSignal>,
    ) -> Result<FrameUrl, Failure> {
        let path = format!("sessions/{}/frame", access.path_id());
        let call = Call { access: Some(access), signal, ..Call::post(&path, "{}".to_owned()) };
        let url: FrameUrl = self.send(call).await?;
        check_embed_url(&url.embed_url)?;
        Ok(url)
    }

    /// Notifies the proxy that this page no longer watches the session. Nothing depends on its arrival.
    pub(crate) async fn notify_closed(&self, access: &SessionAccess) {
        let path = format!("sessions/{}/closed", access.path_id());
        let _ = self.fetch(Call { access: Some(access), ..Call::post(&path, "{}".to_owned()) }).await;
    }

    async fn send<T: FromJs>(&self, call: Call<'_>) -> Result<T, Failure> {
        let response = self.fetch(call).await?;
        check_status(&response).await?;
        decode_data(&response).await
    }

    async fn fetch(&self, call: Call<'_>) -> Result<JsValue, Failure> {
        let Call { method, path, access, key, body, signal } = call;
        let version = CONTRACT_VERSION.to_string();
        let own_headers = [
            (CONTRACT_HEADER, Some(version.as_str())),
            (TOKEN_HEADER, access.map(|access| access.client_token.0.as_str())),
            (IDEMPOTENCY_HEADER, key),
            ("Content-Type", body.as_ref().map(|_| "application/json")),
        ];
        let is_own =
            |name: &str| own_headers.iter().any(|(own, value)| value.is_some() && own.eq_ignore_ascii_case(name));
        let headers = Object::new();
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_own(name)) {
            set(&headers, name, &value.into());
        }
        for (name, value) in own_headers {
            value.into_iter().for_each(|value| set(&headers, name, &value.into()));
        }
        let init = Object::new();
        set(&init, "method", &method.as_ref().into());
        set(&init, "headers", &headers);
        set(&init, "credentials", &self.credentials.as_str().into());
        if let Some(body) = body {
            set(&init, "body", &body.into());
        }
        if let Some(signal) = signal {
            set(&init, "signal", &signal);
        }
        let network = || failure(FailureKind::Network);
        let pending = foreign::call(&window(), "fetch", &[&self.url(path).into(), &init]).ok_or_else(network)?;
        foreign::settled(&pending).await.ok_or_else(network)
    }
}

/// One call of the proxy's API.
struct Call<'a> {
    method: Method,
    /// Path and query below the base URL.
    path: &'a str,
    access: Option<&'a SessionAccess>,
    /// Idempotency key.
    key: Option<&'a str>,
    /// JSON body.
    body: Option<String>,
    signal: Option<AbortSignal>,
}

impl<'a> Call<'a> {
    fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, access: None, key: None, body: None, signal: None }
    }

    fn post(path: &'a str, body: String) -> Self {
        Self { method: Method::POST, body: Some(body), ..Self::get(path) }
    }
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // A plain object of our own accepts every property.
    let _ = Reflect::set(object, &name.into(), value);
}

impl From<Resume> for SessionAccess {
    fn from(resume: Resume) -> Self {
        Self { session_id: resume.session_id, client_token: resume.client_token }
    }
}

impl SessionAccess {
    fn path_id(&self) -> String {
        js_sys::encode_uri_component(&self.session_id).into()
    }
}

async fn check_status(response: &JsValue) -> Result<(), Failure> {
    let header = |name: &str| {
        foreign::call(&foreign::get(response, "headers")?, "get", &[&name.into()]).and_then(|value| value.as_string())
    };
    // Across origins the header may be hidden; the response is then judged without it.
    let version = header(CONTRACT_HEADER).and_then(|version| version.parse::<u32>().ok());
    if version.is_some_and(|version| version.abs_diff(CONTRACT_VERSION) > 1) {
        return Err(failure(FailureKind::ContractVersion));
    }
    let retry_after = header("Retry-After").and_then(|secs| secs.trim().parse().ok());
    let kind = match http_status(response) {
        200..=299 => return Ok(()),
        401 => FailureKind::Forbidden,
        403 if error_code(response).await.as_deref() == Some(OTHER_USER) => FailureKind::OtherUser,
        403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        409 if error_code(response).await.as_deref() == Some(KEY_SPENT) => FailureKind::KeySpent,
        426 => FailureKind::ContractVersion,
        429 => FailureKind::RateLimited,
        400..=499 => FailureKind::Refused,
        _ => FailureKind::Server,
    };
    Err(Failure { kind, retry_after: retry_after.map(Millis::from_secs) })
}

/// Returns the HTTP status; 0 where the response of the page's `fetch` has none.
fn http_status(response: &JsValue) -> u16 {
    // The cast saturates.
    foreign::get(response, "status").and_then(|status| status.as_f64()).map_or(0, |status| status as u16)
}

/// Returns the `code` of an error envelope.
async fn error_code(response: &JsValue) -> Option<String> {
    text(&field(&parse_body(response).await.ok()?, "error")?, "code")
}

/// Decodes the `data` of a success envelope.
async fn decode_data<T: FromJs>(response: &JsValue) -> Result<T, Failure> {
    let bad = || failure(FailureKind::BadResponse);
    field(&parse_body(response).await?, "data").as_ref().and_then(T::from_js).ok_or_else(bad)
}

/// Returns the parsed body. A connection that breaks in the middle of it counts as no response.
async fn parse_body(response: &JsValue) -> Result<JsValue, Failure> {
    let bad = || failure(FailureKind::BadResponse);
    let pending = foreign::call(response, "text", &[]).ok_or_else(bad)?;
    let text = foreign::settled(&pending).await.ok_or_else(|| failure(FailureKind::Network))?;
    text.as_string().and_then(|text| js_sys::JSON::parse(&text).ok()).ok_or_else(bad)
}

fn check_embed_url(url: &str) -> Result<(), Failure> {
    if url::is_embeddable(url) { Ok(()) } else { Err(failure(FailureKind::BadResponse)) }
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, retry_after: None }
}
