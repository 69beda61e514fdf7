use std::time::Duration;

use cr3dentials_core::wire::undocumented::{CONTENT_TYPE_ON_GET, SESSION_LIST_PATH};
use cr3dentials_core::wire::{API_KEY_HEADER, CreateSession, CreatedSession, LIST_LIMIT_MAX, Platform};
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use super::UpstreamError;
use super::answer;
use super::bodies::{self, Fetched, Page, RawFields};
use super::budget::Permit;
use crate::clock;
use crate::config::ConfigError;
use crate::loopback::environment_proxy;
use crate::secret::Secret;

/// Calls the Partner API. Never follows a redirect, never repeats anything by itself.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// For creates: a new connection for each. A connection that was kept may be closed by the other side at the moment
    /// it is used again, and then it is not known whether the create arrived.
    fresh: reqwest::Client,
    base: Url,
}

/// The purpose of a request, as far as its response is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Platforms,
    Create,
    Session,
    List,
}

impl Endpoint {
    /// The largest response that is read, in bytes. Sessions carry the account's data, which has no documented bound.
    fn max_body(self) -> usize {
        match self {
            Self::Platforms | Self::Create => 1 << 20,
            Self::Session | Self::List => 32 << 20,
        }
    }

    /// Undocumented: create and list may have limits of their own. These stop creates or lists, not the key.
    fn may_have_own_limit(self) -> bool {
        matches!(self, Self::Create | Self::List)
    }
}

impl Client {
    /// # Errors
    /// A key that cannot be a header; a system without what TLS needs.
    pub(crate) fn new(base: &Url, api_key: &Secret) -> Result<Self, ConfigError> {
        let mut key = HeaderValue::from_str(api_key.expose())
            .map_err(|_| ConfigError::new("api_key", "a key is visible ASCII without spaces"))?;
        key.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(API_KEY_HEADER, key);
        let builder = || {
            environment_proxy(reqwest::Client::builder(), base)
                .default_headers(headers.clone())
                .redirect(Policy::none())
                .connect_timeout(Duration::from_secs(5))
                .timeout(Duration::from_secs(15))
                .user_agent(concat!("cr3dentials-proxy/", env!("CARGO_PKG_VERSION")))
        };
        let no_client = |error| ConfigError::new("upstream_url", format!("no HTTP client: {error}"));
        let http = builder().build().map_err(no_client)?;
        let fresh = builder().pool_max_idle_per_host(0).build().map_err(no_client)?;
        Ok(Self { http, fresh, base: base.clone() })
    }

    /// All platforms that can be read.
    pub(crate) async fn platforms(&self, permit: Permit) -> Result<Vec<Platform>, UpstreamError> {
        let request = self.get(self.url(&["browser-platforms"]));
        let raw: Vec<Box<RawValue>> = call(permit, request, Endpoint::Platforms).await?;
        Ok(bodies::platforms(&raw))
    }

    /// Makes a session. Sent once, whatever happens: see [`UpstreamError::outcome_unknown`].
    pub(crate) async fn create(&self, permit: Permit, body: &CreateSession) -> Result<CreatedSession, UpstreamError> {
        let request = self.fresh.post(self.url(&["browser-session"])).json(body);
        let raw: RawFields = call(permit, request, Endpoint::Create).await?;
        bodies::created(&raw).map_err(|error| unreadable(answer::without_values(&error)))
    }

    /// One session.
    pub(crate) async fn session(&self, permit: Permit, id: &str) -> Result<Fetched, UpstreamError> {
        let request = self.get(self.url(&["browser-session", id]));
        let raw: RawFields = call(permit, request, Endpoint::Session).await?;
        let fetched = Fetched::try_from(raw).map_err(|error| unreadable(answer::without_values(&error)))?;
        if fetched.session.session_id != id {
            return Err(unreadable("another session than the one asked for".to_owned()));
        }
        Ok(fetched)
    }

    /// A page of the key's sessions, from the one at `offset` on.
    pub(crate) async fn sessions(&self, permit: Permit, offset: usize) -> Result<Page, UpstreamError> {
        // The path below /partner is the only part of it that is a guess.
        let mut url = self.url(&[SESSION_LIST_PATH.trim_start_matches("/partner/")]);
        url.query_pairs_mut()
            .append_pair("limit", &LIST_LIMIT_MAX.to_string())
            .append_pair("offset", &offset.to_string());
        let raw: RawFields = call(permit, self.get(url), Endpoint::List).await?;
        Page::try_from(raw).map_err(|error| unreadable(answer::without_values(&error)))
    }

    fn get(&self, url: Url) -> RequestBuilder {
        self.http.get(url).header(CONTENT_TYPE, CONTENT_TYPE_ON_GET)
    }

    /// Each part is encoded, so no id can lead to another path.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("partner").extend(path);
        }
        url
    }
}

/// A success whose data is not what it should be.
fn unreadable(reason: String) -> UpstreamError {
    UpstreamError::Unreadable { status: 200, reason }
}

async fn call<T: DeserializeOwned>(
    permit: Permit,
    request: RequestBuilder,
    endpoint: Endpoint,
) -> Result<T, UpstreamError> {
    let response = request.send().await.map_err(UpstreamError::transport)?;
    let limits = answer::limits(response.headers(), clock::wall());
    let refused = response.status().as_u16() == 429;
    let own_limit = endpoint.may_have_own_limit() && limits.remaining.is_some_and(|remaining| remaining > 0);
    permit.settle(limits, refused && !own_limit);
    answer::read(response, endpoint.max_body()).await
}
