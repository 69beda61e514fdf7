//! HTTP client of the proxy: the browser's side of the contract.
//!
//! The browser parses the JSON, and [`decode`](super::decode) reads the result. Requests use the page's own `fetch`,
//! which may be a wrapper that adds a header or a trace: it is called with a string and a plain object, as wrappers
//! expect, and whatever it throws or returns is handled. `npm/src/client.ts` sends the same requests.

use std::cell::Cell;

use cr3dentials_core::contract::{
    CONTRACT_HEADER, CONTRACT_VERSION, Created, FrameUrl, IDEMPOTENCY_HEADER, PlatformView, SessionView, TOKEN_HEADER,
};
use cr3dentials_core::engine::{ClientToken, Failure, FailureKind, Resume};
use gloo_net::http::Method;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use super::decode::FromJs;
use super::partner_client::{self, PartnerClient};
use super::{foreign, log, response, url, window};
use crate::headers::{self, HeaderList, Headers};
use crate::options::{Credentials, Options};

thread_local! {
    /// Number of status polls that this page has sent.
    static POLL_COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Client of one proxy.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// URL of the proxy; absent if the partner's own client sends the requests.
    base: Option<String>,
    credentials: Credentials,
    headers: Headers,
    partner: PartnerClient,
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
pub(crate) struct Abort(JsValue);

/// An `AbortSignal`.
pub(crate) type Signal = JsValue;

impl Abort {
    /// Returns `None` where the browser cannot abort requests.
    pub(crate) fn new() -> Option<Self> {
        foreign::construct("AbortController", &[]).map(Self)
    }

    pub(crate) fn signal(&self) -> Option<Signal> {
        foreign::get(&self.0, "signal")
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        let _ = foreign::call(&self.0, "abort", &[]);
    }
}

impl Client {
    pub(crate) fn new(options: &Options, partner: PartnerClient) -> Self {
        Self {
            base: Some(options.proxy_url.trim_end_matches('/').to_owned()).filter(|_| !options.proxy_url.is_empty()),
            credentials: options.credentials,
            headers: options.headers.clone(),
            partner,
        }
    }

    /// Returns the URL of a path below the base URL, such as an icon; `None` without a proxy.
    pub(crate) fn url(&self, path: &str) -> Option<String> {
        self.base.as_ref().map(|base| [base, "/", path].concat())
    }

    pub(crate) async fn fetch_platforms(&self, signal: Option<Signal>) -> Result<Vec<PlatformView>, Failure> {
        decode(&self.send(Call { signal, ..Call::get("platforms") }).await?)
    }

    pub(crate) async fn create_session(
        &self,
        key: &str,
        platform_id: u64,
        signal: Option<Signal>,
    ) -> Result<Created, Failure> {
        let data = if let Some(create) = &self.partner.create_session {
            let request = Object::new();
            // IDs are small integers, which a double represents exactly.
            set(&request, "platformId", &(platform_id as f64).into());
            set(&request, "idempotencyKey", &key.into());
            set(&request, "signal", &signal.into());
            partner_client::call(create, &request).await?
        } else {
            let body = format!("{{\"platformId\":{platform_id}}}");
            self.send(Call { key: Some(key), signal, ..Call::post("sessions", body) }).await?
        };
        let created: Created = decode(&data)?;
        check_embed_url(&created.embed_url)?;
        Ok(created)
    }

    pub(crate) async fn poll_status(
        &self,
        access: &SessionAccess,
        after: u64,
        wait_secs: u64,
        fresh: bool,
        signal: Option<Signal>,
    ) -> Result<SessionView, Failure> {
        let data = if let Some(get) = &self.partner.get_session {
            let request = access.to_js(signal);
            set(&request, "after", &(after as f64).into());
            set(&request, "wait", &(wait_secs as f64).into());
            set(&request, "fresh", &fresh.into());
            partner_client::call(get, &request).await?
        } else {
            let (fresh, unique) = (if fresh { "&fresh=1" } else { "" }, unique());
            let path = format!("sessions/{}?after={after}&wait={wait_secs}{fresh}&n={unique}", access.path_id());
            self.send(Call { access: Some(access), signal, ..Call::get(&path) }).await?
        };
        decode(&data)
    }

    pub(crate) async fn fetch_embed_url(
        &self,
        access: &SessionAccess,
        signal: Option<Signal>,
    ) -> Result<FrameUrl, Failure> {
        let data = if let Some(get) = &self.partner.get_frame {
            partner_client::call(get, &access.to_js(signal)).await?
        } else {
            let path = format!("sessions/{}/frame", access.path_id());
            self.send(Call { access: Some(access), signal, ..Call::post(&path, "{}".to_owned()) }).await?
        };
        let url: FrameUrl = decode(&data)?;
        check_embed_url(&url.embed_url)?;
        Ok(url)
    }

    /// Notifies the proxy that this page no longer watches the session. Nothing depends on its arrival.
    pub(crate) async fn notify_closed(&self, access: &SessionAccess) {
        let path = format!("sessions/{}/closed", access.path_id());
        let call = Call { access: Some(access), keepalive: true, ..Call::post(&path, "{}".to_owned()) };
        let _ = self.fetch(&call).await;
    }

    /// Sends a request, and returns the `data` of the response.
    async fn send(&self, call: Call<'_>) -> Result<JsValue, Failure> {
        let mut response = self.fetch(&call).await?;
        // A token may have expired since the partner's function returned it.
        if response::status(&response) == Some(401) && self.headers.fixed().is_none() {
            response = self.fetch(&call).await?;
        }
        response::read_data(&response).await
    }

    /// Calls the page's `fetch`, and returns what it resolves to.
    async fn fetch(&self, call: &Call<'_>) -> Result<JsValue, Failure> {
        let url = self.url(call.path).ok_or(failure(FailureKind::Refused))?;
        let headers = self.headers.read().await.ok_or(failure(FailureKind::Network))?;
        if !headers::can_be_sent(&headers) {
            log::error(headers::UNSENDABLE, &JsValue::UNDEFINED);
            return Err(failure(FailureKind::Network));
        }
        let init = self.init(call, headers);
        let pending = foreign::call(&window(), "fetch", &[&url.into(), &init]);
        let response = foreign::settled(&pending.ok_or(failure(FailureKind::Network))?).await;
        response.map_err(|_| failure(FailureKind::Network))
    }

    /// Returns the second argument of `fetch`.
    fn init(&self, call: &Call<'_>, headers: HeaderList) -> Object {
        let version = CONTRACT_VERSION.to_string();
        let own_headers = [
            (CONTRACT_HEADER, Some(version.as_str())),
            (TOKEN_HEADER, call.access.map(|access| access.client_token.0.as_str())),
            (IDEMPOTENCY_HEADER, call.key),
            ("Content-Type", call.body.as_ref().map(|_| "application/json")),
        ];
        let is_own =
            |name: &str| own_headers.iter().any(|(own, value)| value.is_some() && own.eq_ignore_ascii_case(name));
        let all_headers = Object::new();
        for (name, value) in headers.iter().filter(|(name, _)| !is_own(name)) {
            set(&all_headers, name, &value.into());
        }
        for (name, value) in own_headers {
            value.into_iter().for_each(|value| set(&all_headers, name, &value.into()));
        }
        let init = Object::new();
        set(&init, "method", &call.method.as_ref().into());
        set(&init, "headers", &all_headers);
        set(&init, "credentials", &self.credentials.as_str().into());
        set(&init, "cache", &"no-store".into());
        if let Some(body) = &call.body {
            set(&init, "body", &body.into());
        }
        if let Some(signal) = &call.signal {
            set(&init, "signal", signal);
        }
        if call.keepalive {
            set(&init, "keepalive", &JsValue::TRUE);
        }
        init
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
    signal: Option<Signal>,
    /// True if the request may outlive the page.
    keepalive: bool,
}

impl<'a> Call<'a> {
    fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, access: None, key: None, body: None, signal: None, keepalive: false }
    }

    fn post(path: &'a str, body: String) -> Self {
        Self { method: Method::POST, body: Some(body), ..Self::get(path) }
    }
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // A plain object of our own accepts every property.
    let _ = Reflect::set(object, &name.into(), value);
}

/// Returns text that no other poll has in its URL, so that no cache and no service worker responds to it.
fn unique() -> String {
    let count = POLL_COUNT.get();
    POLL_COUNT.set(count.wrapping_add(1));
    // The cast saturates; fractions do not matter.
    format!("{}-{count}", js_sys::Date::now() as u64)
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

    /// Returns a request about the session for the partner's own client.
    fn to_js(&self, signal: Option<Signal>) -> Object {
        let request = Object::new();
        set(&request, "sessionId", &self.session_id.as_str().into());
        set(&request, "clientToken", &self.client_token.0.as_str().into());
        set(&request, "signal", &signal.into());
        request
    }
}

fn decode<T: FromJs>(data: &JsValue) -> Result<T, Failure> {
    T::from_js(data).ok_or(failure(FailureKind::BadResponse))
}

fn check_embed_url(url: &str) -> Result<(), Failure> {
    if url::is_embeddable(url) { Ok(()) } else { Err(failure(FailureKind::BadResponse)) }
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, retry_after: None }
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests;
