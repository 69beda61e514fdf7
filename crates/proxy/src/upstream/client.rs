use std::time::Duration;

use cr3dentials_core::wire::undocumented::CONTENT_TYPE_ON_GET;
use cr3dentials_core::wire::{API_KEY_HEADER, CreateSession, CreatedSession, Platform, Session};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
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
    base: Url,
}

/// A session, typed and as it came.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) session: Session,
    pub(crate) raw: Value,
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
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .user_agent(concat!("cr3dentials-proxy/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ConfigError::new("upstream_url", format!("no HTTP client: {error}")))?;
        Ok(Self { http, base: base.clone() })
    }

    /// All platforms.
    pub(crate) async fn platforms(&self, permit: Permit) -> Result<Vec<Platform>, UpstreamError> {
        self.call(permit, &["browser-platforms"], None).await
    }

    /// Makes a session. Sent once, whatever happens: see [`UpstreamError::outcome_unknown`].
    pub(crate) async fn create(&self, permit: Permit, body: &CreateSession) -> Result<CreatedSession, UpstreamError> {
        self.call(permit, &["browser-session"], Some(body)).await
    }

    /// One session.
    pub(crate) async fn session(&self, permit: Permit, id: &str) -> Result<Fetched, UpstreamError> {
        let raw: Value = self.call(permit, &["browser-session", id], None).await?;
        let unreadable = |reason: String| UpstreamError::Unreadable { status: 200, reason };
        let session: Session =
            serde_json::from_value(raw.clone()).map_err(|error| unreadable(answer::without_values(&error)))?;
        if session.session_id != id {
            return Err(unreadable("another session than the one asked for".to_owned()));
        }
        Ok(Fetched { session, raw })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        permit: Permit,
        path: &[&str],
        create: Option<&CreateSession>,
    ) -> Result<T, UpstreamError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // Each part is encoded, so no id can lead to another path.
            segments.pop_if_empty().push("partner").extend(path);
        }
        let request = match create {
            Some(body) => self.http.post(url).json(body),
            None => self.http.get(url).header(CONTENT_TYPE, CONTENT_TYPE_ON_GET),
        };
        let response = request.send().await.map_err(UpstreamError::transport)?;
        let limits = answer::limits(response.headers(), clock::wall());
        let refused = response.status().as_u16() == 429;
        // Undocumented: create may have a limit of its own. It stops creates, not the key.
        let own_limit = create.is_some() && limits.remaining.is_some_and(|remaining| remaining > 0);
        permit.settle(limits, refused && !own_limit);
        answer::read(response).await
    }
}
