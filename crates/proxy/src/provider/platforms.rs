//! Caches of the provider's platforms and their icons.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::Platform;
use reqwest::redirect::Policy;
use url::Url;

use super::{Budget, Client, Priority, ProviderError, USER_PERMIT_TIMEOUT};
use crate::clock;
use crate::config::ConfigError;
use crate::loopback::environment_proxy;

/// Maximum age of the cached list while the provider is reachable.
const LIST_MAX_AGE: Millis = Millis::from_secs(600);
/// Minimum time between a failed fetch of the list and the next fetch.
const RETRY_INTERVAL: Millis = Millis::from_secs(3);

/// Maximum age of a cached icon.
const ICON_MAX_AGE: Millis = Millis::from_secs(24 * 3600);
/// Minimum time between a failed fetch of an icon and its next fetch.
const ICON_RETRY_INTERVAL: Millis = Millis::from_secs(60);
/// Maximum size of an icon, in bytes.
const MAX_ICON_SIZE: usize = 256 * 1024;
/// Maximum number of cached icons.
const MAX_ICONS: usize = 256;
/// Content types of icons that are passed on.
const ICON_TYPES: [&str; 7] =
    ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/x-icon"];

/// Caches of the list of platforms and of their icons.
#[derive(Debug)]
pub(crate) struct Platforms {
    client: Client,
    budget: Budget,
    list: Mutex<Option<(Millis, Arc<Vec<Platform>>)>>,
    /// Locked during a fetch. Holds the time of the last fetch if that failed.
    fetching: tokio::sync::Mutex<Option<Millis>>,
    icons: Mutex<HashMap<String, Arc<IconSlot>>>,
    http: reqwest::Client,
    /// True if icons may be fetched over plain HTTP: only from a plain HTTP provider, which is a sandbox.
    plain_http: bool,
}

/// Locked during a fetch. Holds the time and the result of the last fetch; the result is `None` for a failure.
type IconSlot = tokio::sync::Mutex<Option<(Millis, Option<Icon>)>>;

/// Reason why there is no list of platforms or no icon.
#[derive(Debug)]
pub(crate) enum PlatformsError {
    /// No list is cached, and a fetch has just failed.
    Unavailable,
    /// No list is cached, and the fetch failed.
    Provider(ProviderError),
    /// The platform does not exist or has no icon.
    NotFound,
    /// The icon could not be fetched.
    IconNotFetched,
}

/// An image whose content type is one of [`ICON_TYPES`].
#[derive(Clone, Debug)]
pub(crate) struct Icon {
    pub(crate) content_type: HeaderValue,
    pub(crate) bytes: Bytes,
}

impl Platforms {
    pub(crate) fn new(provider: &Url, client: Client, budget: Budget) -> Result<Self, ConfigError> {
        let http = environment_proxy(reqwest::Client::builder(), provider)
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| ConfigError::new("upstream_url", format!("no HTTP client: {error}")))?;
        Ok(Self {
            client,
            budget,
            list: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
            icons: Mutex::default(),
            http,
            plain_http: provider.scheme() == "http",
        })
    }

    /// Returns all platforms, at most [`LIST_MAX_AGE`] old; older ones if the provider does not respond.
    pub(crate) async fn list(&self) -> Result<Arc<Vec<Platform>>, PlatformsError> {
        if let Some(list) = self.known(LIST_MAX_AGE) {
            return Ok(list);
        }
        let mut failed = self.fetching.lock().await;
        // The previous holder of the lock may have fetched the list, or may have just failed.
        if let Some(list) = self.known(LIST_MAX_AGE) {
            return Ok(list);
        }
        let stale = || self.known(Millis(u64::MAX));
        if failed.is_some_and(|at| clock::mono().since(at) < RETRY_INTERVAL) {
            return stale().ok_or_else(|| PlatformsError::Unavailable);
        }
        let fetch = async {
            let permit = self.budget.permit_within(Priority::Create, USER_PERMIT_TIMEOUT).await?;
            self.client.platforms(permit).await
        };
        match fetch.await {
            Ok(list) => {
                let list = Arc::new(list);
                *self.list.lock().unwrap_or_else(PoisonError::into_inner) = Some((clock::mono(), list.clone()));
                *failed = None;
                Ok(list)
            }
            Err(error) => {
                *failed = Some(clock::mono());
                stale().ok_or_else(|| PlatformsError::Provider(error))
            }
        }
    }

    fn known(&self, max_age: Millis) -> Option<Arc<Vec<Platform>>> {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let young = |at: Millis| clock::mono().since(at) < max_age;
        list.as_ref().filter(|(at, _)| young(*at)).map(|(_, list)| list.clone())
    }

    /// Returns the icon of the platform `id`.
    pub(crate) async fn icon(&self, id: u64) -> Result<Icon, PlatformsError> {
        let platforms = self.list().await?;
        let platform = platforms.iter().find(|platform| platform.id == id).ok_or(PlatformsError::NotFound)?;
        let url = platform.icon.as_deref().ok_or(PlatformsError::NotFound)?;
        let slot = self.slot(url);
        let mut slot = slot.lock().await;
        let now = clock::mono();
        let good_for = |icon: &Option<Icon>| if icon.is_some() { ICON_MAX_AGE } else { ICON_RETRY_INTERVAL };
        let known = slot.as_ref().filter(|(at, icon)| now.since(*at) < good_for(icon));
        let icon = match known {
            Some((_, icon)) => icon.clone(),
            None => {
                let icon = self.fetch_icon(url).await;
                if let Err(reason) = &icon {
                    tracing::warn!(platform = id, reason, "could not fetch a platform icon");
                }
                slot.insert((clock::mono(), icon.ok())).1.clone()
            }
        };
        icon.ok_or(PlatformsError::IconNotFetched)
    }

    fn slot(&self, url: &str) -> Arc<IconSlot> {
        let mut icons = self.icons.lock().unwrap_or_else(PoisonError::into_inner);
        if icons.len() >= MAX_ICONS && !icons.contains_key(url) {
            icons.clear();
        }
        icons.entry(url.to_owned()).or_default().clone()
    }

    async fn fetch_icon(&self, url: &str) -> Result<Icon, &'static str> {
        let url = Url::parse(url).map_err(|_| "not a URL")?;
        if url.scheme() != "https" && !(self.plain_http && url.scheme() == "http") {
            return Err("not https");
        }
        let mut response = self.http.get(url).send().await.map_err(|_| "no response")?;
        if response.status().as_u16() != 200 {
            return Err("the response status is not 200");
        }
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let known = ICON_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(essence));
        let content_type = HeaderValue::from_static(known.ok_or("not an image")?);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| "the connection broke")? {
            if bytes.len() + chunk.len() > MAX_ICON_SIZE {
                return Err("too large");
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Icon { content_type, bytes: bytes.into() })
    }
}
