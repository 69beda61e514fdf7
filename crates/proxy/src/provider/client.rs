use std::time::Duration;

use cr3dentials_core::wire::undocumented::{CONTENT_TYPE_ON_GET, CREATE_STATUS_CODE, SESSION_LIST_PATH};
use cr3dentials_core::wire::{API_KEY_HEADER, CreateSession, CreatedSession, LIST_LIMIT_MAX, Platform};
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use super::ProviderError;
use super::bodies::{self, FetchedSession, ListPage, RawFields};
use super::budget::Permit;
use super::response;
use crate::clock;
use crate::config::ConfigError;
use crate::loopback::environment_proxy;
use crate::secret::Secret;

/// Client of the Partner API. Never follows a redirect and never retries.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// Opens a new connection for each create. The provider may close a pooled connection just as it is reused, and
    /// then it is unknown whether the create arrived.
    fresh: reqwest::Client,
    base: Url,
}

/// Endpoint of a request, which determines how its response is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Platforms,
    Create,
    Session,
    List,
}

impl Endpoint {
    /// Returns the maximum size of a response, in bytes. Sessions hold the account's data, which has no documented
    /// limit.
    fn max_body(self) -> usize {
        match self {
            Self::Platforms | Self::Create => 1 << 20,
            Self::Session | Self::List => 32 << 20,
        }
    }

    /// Returns true if the endpoint may have its own rate limit, which does not affect the key's. Undocumented.
    fn may_have_own_limit(self) -> bool {
        matches!(self, Self::Create | Self::List)
    }
}

impl Client {
    /// Creates a client for the provider at `base`.
    ///
    /// # Errors
    /// Returns an error if the key is not a valid header value or TLS cannot be set up.
    pub(crate) fn new(base: &Url, api_key: &Secret) -> Result<Self, ConfigError> {
        let mut key = HeaderValue::from_str(api_key.expose())
            .map_err(|_| ConfigError::new("api_key", "must be visible ASCII without spaces"))?;
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

    /// Fetches the platforms. Skips those that cannot be read.
    pub(crate) async fn platforms(&self, permit: Permit) -> Result<Vec<Platform>, ProviderError> {
        let request = self.get(self.url(&["browser-platforms"]));
        let raw: Vec<Box<RawValue>> = call(permit, request, Endpoint::Platforms).await?;
        Ok(bodies::platforms(&raw))
    }

    /// Creates a session. The request is sent exactly once: see [`ProviderError::outcome_unknown`].
    pub(crate) async fn create(&self, permit: Permit, body: &CreateSession) -> Result<CreatedSession, ProviderError> {
        let request = self.fresh.post(self.url(&["browser-session"])).json(body);
        let raw: RawFields = call(permit, request, Endpoint::Create).await?;
        bodies::created(&raw).map_err(|error| unreadable(CREATE_STATUS_CODE, response::without_values(&error)))
    }

    /// Fetches one session.
    pub(crate) async fn session(&self, permit: Permit, id: &str) -> Result<FetchedSession, ProviderError> {
        let request = self.get(self.url(&["browser-session", id]));
        let raw: RawFields = call(permit, request, Endpoint::Session).await?;
        let fetched =
            FetchedSession::try_from(raw).map_err(|error| unreadable(200, response::without_values(&error)))?;
        if fetched.session.session_id != id {
            return Err(unreadable(200, "the response is for another session".to_owned()));
        }
        Ok(fetched)
    }

    /// Fetches a page of the key's sessions, starting at `offset`.
    pub(crate) async fn sessions(&self, permit: Permit, offset: usize) -> Result<ListPage, ProviderError> {
        // Only the path below /partner is a guess.
        let mut url = self.url(&[SESSION_LIST_PATH.trim_start_matches("/partner/")]);
        url.query_pairs_mut()
            .append_pair("limit", &LIST_LIMIT_MAX.to_string())
            .append_pair("offset", &offset.to_string());
        let raw: RawFields = call(permit, self.get(url), Endpoint::List).await?;
        ListPage::try_from(raw).map_err(|error| unreadable(200, response::without_values(&error)))
    }

    fn get(&self, url: Url) -> RequestBuilder {
        self.http.get(url).header(CONTENT_TYPE, CONTENT_TYPE_ON_GET)
    }

    /// Builds the URL of `path`. Each segment is encoded, so an id cannot lead to another path.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("partner").extend(path);
        }
        url
    }
}

/// Returns the error for a successful response with unexpected data. `status` is the documented one; any 2xx counts.
fn unreadable(status: u16, reason: String) -> ProviderError {
    ProviderError::Unreadable { status, reason }
}

async fn call<T: DeserializeOwned>(
    permit: Permit,
    request: RequestBuilder,
    endpoint: Endpoint,
) -> Result<T, ProviderError> {
    let response = request.send().await.map_err(ProviderError::transport)?;
    let limits = response::limits(response.headers(), clock::wall());
    let rate_limited = response.status().as_u16() == 429;
    let own_limit = endpoint.may_have_own_limit() && limits.remaining.is_some_and(|remaining| remaining > 0);
    permit.settle(limits, rate_limited && !own_limit);
    response::read(response, endpoint.max_body()).await
}
