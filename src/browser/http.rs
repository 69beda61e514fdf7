//! The browser's half of the contract with the proxy.
//!
//! The browser parses the JSON, and [`decode`](super::decode) reads the result.

use cr3dentials_core::contract::{
    CONTRACT_HEADER, CONTRACT_VERSION, Created, FrameUrl, IDEMPOTENCY_HEADER, PlatformView, SessionView, TOKEN_HEADER,
};
use cr3dentials_core::engine::{ClientToken, Failure, FailureKind, Resume};
use cr3dentials_core::time::Millis;
use gloo_net::http::{Method, RequestBuilder, Response};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestCredentials};

use super::decode::{FromJs, field};
use crate::options::{Credentials, Options};

/// The proxy.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    base: String,
    credentials: RequestCredentials,
    headers: Vec<(String, String)>,
}

/// Who asks for which session.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) session_id: String,
    pub(crate) client_token: ClientToken,
}

/// A request that is aborted when this is dropped.
#[derive(Debug)]
#[must_use = "dropping it aborts the request"]
pub(crate) struct Abort(AbortController);

impl Abort {
    /// `None` where the browser cannot abort.
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
            credentials: match options.credentials {
                Credentials::SameOrigin => RequestCredentials::SameOrigin,
                Credentials::Include => RequestCredentials::Include,
                Credentials::Omit => RequestCredentials::Omit,
            },
            headers: options.headers.clone(),
        }
    }

    /// The address of something below the base path, such as an icon.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    pub(crate) async fn platforms(&self, signal: Option<AbortSignal>) -> Result<Vec<PlatformView>, Failure> {
        self.send(Method::GET, "platforms", None, None, None, signal).await
    }

    pub(crate) async fn create(
        &self,
        key: &str,
        platform_id: u64,
        signal: Option<AbortSignal>,
    ) -> Result<Created, Failure> {
        let body = format!("{{\"platformId\":{platform_id}}}");
        let created: Created = self.send(Method::POST, "sessions", None, Some(key), Some(body), signal).await?;
        framable(&created.embed_url)?;
        Ok(created)
    }

    pub(crate) async fn status(
        &self,
        pass: &Pass,
        after: u64,
        wait_secs: u64,
        fresh: bool,
        signal: Option<AbortSignal>,
    ) -> Result<SessionView, Failure> {
        let fresh = if fresh { "&fresh=1" } else { "" };
        let path = format!("sessions/{}?after={after}&wait={wait_secs}{fresh}", pass.path_id());
        self.send(Method::GET, &path, Some(pass), None, None, signal).await
    }

    pub(crate) async fn frame_url(&self, pass: &Pass, signal: Option<AbortSignal>) -> Result<FrameUrl, Failure> {
        let path = format!("sessions/{}/frame", pass.path_id());
        let url: FrameUrl = self.send(Method::POST, &path, Some(pass), None, Some("{}".to_owned()), signal).await?;
        framable(&url.embed_url)?;
        Ok(url)
    }

    /// Tells the proxy that nobody watches any more; nothing depends on its arrival.
    pub(crate) async fn farewell(&self, pass: &Pass) {
        let path = format!("sessions/{}/closed", pass.path_id());
        let _ = self.request(Method::POST, &path, Some(pass), None, Some("{}".to_owned()), None).await;
    }

    async fn send<T: FromJs>(
        &self,
        method: Method,
        path: &str,
        pass: Option<&Pass>,
        key: Option<&str>,
        body: Option<String>,
        signal: Option<AbortSignal>,
    ) -> Result<T, Failure> {
        let response = self.request(method, path, pass, key, body, signal).await?;
        check(&response)?;
        read(response).await
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        pass: Option<&Pass>,
        key: Option<&str>,
        body: Option<String>,
        signal: Option<AbortSignal>,
    ) -> Result<Response, Failure> {
        let mut request = RequestBuilder::new(&self.url(path))
            .method(method)
            .credentials(self.credentials)
            .abort_signal(signal.as_ref())
            .header(CONTRACT_HEADER, &CONTRACT_VERSION.to_string());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(pass) = pass {
            request = request.header(TOKEN_HEADER, &pass.client_token.0);
        }
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_HEADER, key);
        }
        let request = match body {
            Some(body) => request.header("Content-Type", "application/json").body(body),
            None => request.build(),
        };
        let network = |_| failure(FailureKind::Network);
        request.map_err(network)?.send().await.map_err(network)
    }
}

impl From<Resume> for Pass {
    fn from(resume: Resume) -> Self {
        Self { session_id: resume.session_id, client_token: resume.client_token }
    }
}

impl Pass {
    fn path_id(&self) -> String {
        js_sys::encode_uri_component(&self.session_id).into()
    }
}

fn check(response: &Response) -> Result<(), Failure> {
    // Across origins the header may be hidden; then the answer must speak for itself.
    let version = response.headers().get(CONTRACT_HEADER).and_then(|version| version.parse::<u32>().ok());
    if version.is_some_and(|version| version.abs_diff(CONTRACT_VERSION) > 1) {
        return Err(failure(FailureKind::ContractVersion));
    }
    let retry_after = response.headers().get("Retry-After").and_then(|secs| secs.trim().parse().ok());
    let kind = match response.status() {
        200..=299 => return Ok(()),
        401 | 403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        426 => FailureKind::ContractVersion,
        429 => FailureKind::RateLimited,
        400..=499 => FailureKind::Refused,
        _ => FailureKind::Server,
    };
    Err(Failure { kind, retry_after: retry_after.map(Millis::from_secs) })
}

/// The `data` of the envelope. A connection that is cut in the middle of the body counts as no answer.
async fn read<T: FromJs>(response: Response) -> Result<T, Failure> {
    let bad = || failure(FailureKind::BadResponse);
    let body = web_sys::Response::from(response).text().map_err(|_| bad())?;
    let text = JsFuture::from(body).await.map_err(|_| failure(FailureKind::Network))?;
    let body = text.as_string().and_then(|text| js_sys::JSON::parse(&text).ok()).ok_or_else(bad)?;
    field(&body, "data").as_ref().and_then(T::from_js).ok_or_else(bad)
}

/// An embed URL is HTTPS, or HTTP on this very machine; anything else never reaches an iframe.
fn framable(url: &str) -> Result<(), Failure> {
    let url = web_sys::Url::new(url).map_err(|_| failure(FailureKind::BadResponse))?;
    let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&url.hostname().as_str());
    match url.protocol().as_str() {
        "https:" => Ok(()),
        "http:" if loopback => Ok(()),
        _ => Err(failure(FailureKind::BadResponse)),
    }
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, retry_after: None }
}
