use std::time::Duration;

use cr3dentials_core::wire::undocumented::{CONTENT_TYPE_ON_GET, SESSION_LIST_PATH};
use cr3dentials_core::wire::{
    API_KEY_HEADER, CreateSession, CreatedSession, LIST_LIMIT_MAX, Platform, Session, SessionStatus,
};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::UpstreamError;
use super::answer;
use super::budget::Permit;
use crate::clock;
use crate::config::ConfigError;
use crate::secret::Secret;

/// Calls the Partner API. Never follows a redirect, never repeats anything by itself.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    /// For creates: a new connection for each. A connection that was kept may be closed by the other side at the moment
    /// it is used again, and then nobody can tell whether the create arrived.
    fresh: reqwest::Client,
    base: Url,
}

/// A session, typed and as it came.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) session: Session,
    pub(crate) raw: Value,
}

/// A page of sessions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Page {
    /// Those items that can be read: it is not documented what an item holds.
    pub(crate) items: Vec<Listed>,
    /// How many items there are, readable or not.
    pub(crate) count: usize,
    /// How many sessions there are in all.
    pub(crate) total: usize,
}

/// What a page says of a session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) session_id: String,
    pub(crate) status: SessionStatus,
    /// 0–100, where the item has it.
    pub(crate) progress: Option<u8>,
}

#[derive(Deserialize)]
struct RawPage {
    sessions: Vec<Value>,
    #[serde(default)]
    total: u64,
}

impl From<RawPage> for Page {
    fn from(raw: RawPage) -> Self {
        let count = raw.sessions.len();
        let items = raw.sessions.into_iter().filter_map(|item| {
            let progress = item.get("progress").is_some_and(|progress| !progress.is_null());
            let session: Session = serde_json::from_value(item).ok()?;
            let progress = progress.then_some(session.progress);
            Some(Listed { session_id: session.session_id, status: session.status, progress })
        });
        Self { items: items.collect(), count, total: usize::try_from(raw.total).unwrap_or(usize::MAX) }
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
            reqwest::Client::builder()
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

    /// All platforms.
    pub(crate) async fn platforms(&self, permit: Permit) -> Result<Vec<Platform>, UpstreamError> {
        self.call(permit, self.url(&["browser-platforms"]), None).await
    }

    /// Makes a session. Sent once, whatever happens: see [`UpstreamError::outcome_unknown`].
    pub(crate) async fn create(&self, permit: Permit, body: &CreateSession) -> Result<CreatedSession, UpstreamError> {
        self.call(permit, self.url(&["browser-session"]), Some(body)).await
    }

    /// One session.
    pub(crate) async fn session(&self, permit: Permit, id: &str) -> Result<Fetched, UpstreamError> {
        let raw: Value = self.call(permit, self.url(&["browser-session", id]), None).await?;
        let unreadable = |reason: String| UpstreamError::Unreadable { status: 200, reason };
        let session: Session =
            serde_json::from_value(raw.clone()).map_err(|error| unreadable(answer::without_values(&error)))?;
        if session.session_id != id {
            return Err(unreadable("another session than the one asked for".to_owned()));
        }
        Ok(Fetched { session, raw })
    }

    /// A page of the key's sessions, from the one at `offset` on.
    pub(crate) async fn sessions(&self, permit: Permit, offset: usize) -> Result<Page, UpstreamError> {
        // The path below /partner is the only part of it that is a guess.
        let mut url = self.url(&[SESSION_LIST_PATH.trim_start_matches("/partner/")]);
        url.query_pairs_mut()
            .append_pair("limit", &LIST_LIMIT_MAX.to_string())
            .append_pair("offset", &offset.to_string());
        let page: RawPage = self.call(permit, url, None).await?;
        Ok(page.into())
    }

    /// Each part is encoded, so no id can lead to another path.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("partner").extend(path);
        }
        url
    }

    async fn call<T: DeserializeOwned>(
        &self,
        permit: Permit,
        url: Url,
        create: Option<&CreateSession>,
    ) -> Result<T, UpstreamError> {
        let documented_limit_only = create.is_none() && url.query().is_none();
        let request = match create {
            Some(body) => self.fresh.post(url).json(body),
            None => self.http.get(url).header(CONTENT_TYPE, CONTENT_TYPE_ON_GET),
        };
        let response = request.send().await.map_err(UpstreamError::transport)?;
        let limits = answer::limits(response.headers(), clock::wall());
        let refused = response.status().as_u16() == 429;
        // Undocumented: create and list may have limits of their own. These stop creates or lists, not the key.
        let own_limit = !documented_limit_only && limits.remaining.is_some_and(|remaining| remaining > 0);
        permit.settle(limits, refused && !own_limit);
        answer::read(response).await
    }
}
