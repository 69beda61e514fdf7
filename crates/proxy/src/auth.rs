//! Identification of the user behind a browser's request.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use moka::future::Cache;
use reqwest::redirect::Policy;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

use crate::config::{ConfigError, UserAuth};
use crate::error_chain::ErrorChain;
use crate::secret::sha256;

/// Timeout for a look-up: the wait for a free slot plus the response of the partner's endpoint.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(2);

/// Time for which the user of the same credentials is cached.
const USER_CACHE_TIME: Duration = Duration::from_secs(30);

/// Maximum number of cached credentials.
const USER_CACHE_SIZE: u64 = 10_000;

/// Maximum number of concurrent look-ups. Each needs a connection.
const MAX_LOOK_UPS: usize = 64;

/// Maximum length of a user id, in characters.
const MAX_USER_ID: usize = 256;

/// The partner's user id, as the partner's server knows it.
///
/// In library use, a layer in the partner's app adds it to the request as an [`axum::Extension`]. It takes precedence
/// over [`Config::user_auth`](crate::Config::user_auth).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User(pub String);

/// Identifies the user of a request.
#[derive(Debug)]
pub(crate) struct Authenticator {
    mode: UserAuth,
    http: reqwest::Client,
    /// Users returned by the partner's endpoint, by the hash of their credentials. A session is polled far more often
    /// than its user changes.
    cache: Cache<[u8; 32], User>,
    look_ups: Semaphore,
}

impl Authenticator {
    pub(crate) fn new(mode: UserAuth) -> Result<Self, ConfigError> {
        // No proxy and no redirects: only the partner's endpoint may receive the user's credentials.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .map_err(|error| ConfigError::new("forward_auth_url", format!("no HTTP client: {error}")))?;
        let cache = Cache::builder().max_capacity(USER_CACHE_SIZE).time_to_live(USER_CACHE_TIME).build();
        Ok(Self { mode, http, cache, look_ups: Semaphore::new(MAX_LOOK_UPS) })
    }

    /// Returns the user of this request.
    pub(crate) async fn user(&self, request: &Parts) -> Result<User, AuthError> {
        if let Some(user) = request.extensions.get::<User>() {
            return checked(user.0.clone()).ok_or(AuthError::NotSignedIn);
        }
        match &self.mode {
            UserAuth::None => Ok(User("local".to_owned())),
            UserAuth::Layer => Err(AuthError::NotSignedIn),
            UserAuth::Forward { url, header } => {
                // Concurrent requests with the same credentials share one look-up. Errors are not cached.
                let look_up = async {
                    let look_up = self.look_up(url, header, &request.headers);
                    timeout(FORWARD_TIMEOUT, look_up).await.unwrap_or_else(|_| {
                        tracing::warn!("user look-up timed out");
                        Err(AuthError::NoResponse)
                    })
                };
                let user = self.cache.try_get_with(credentials_hash(&request.headers), look_up).await;
                user.map_err(|error| *error)
            }
        }
    }

    async fn look_up(&self, url: &Url, header: &str, headers: &HeaderMap) -> Result<User, AuthError> {
        // Cannot fail: the semaphore is never closed.
        let _slot = self.look_ups.acquire().await;
        let mut request = self.http.get(url.clone());
        for (name, value) in credentials(headers) {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(|error| {
            tracing::warn!(cause = %ErrorChain(&error.without_url()), "forward auth endpoint did not respond");
            AuthError::NoResponse
        })?;
        match response.status().as_u16() {
            200 => {
                let id = response.headers().get(header).and_then(|id| id.to_str().ok()).map(str::to_owned);
                id.and_then(checked).ok_or_else(|| {
                    tracing::warn!(header, "forward auth endpoint returned 200 without a user");
                    AuthError::NotSignedIn
                })
            }
            401 | 403 => Err(AuthError::NotSignedIn),
            status => {
                tracing::warn!(status, "forward auth endpoint returned an unexpected status");
                Err(AuthError::NoResponse)
            }
        }
    }
}

/// Reason why a request has no user.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AuthError {
    /// The partner does not know the user.
    NotSignedIn,
    /// The partner's endpoint failed to respond.
    NoResponse,
}

/// Returns the headers of a request that are forwarded to the partner's endpoint.
fn credentials(headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, &HeaderValue)> {
    [COOKIE, AUTHORIZATION]
        .into_iter()
        .flat_map(|name| headers.get_all(&name).into_iter().map(move |value| (name.clone(), value)))
}

/// Hashes the credentials. Each part is preceded by its length, so that different credentials differ as bytes.
fn credentials_hash(headers: &HeaderMap) -> [u8; 32] {
    let mut bytes = Vec::new();
    for (name, value) in credentials(headers) {
        for part in [name.as_str().as_bytes(), value.as_bytes()] {
            bytes.extend_from_slice(&part.len().to_be_bytes());
            bytes.extend_from_slice(part);
        }
    }
    sha256(&bytes)
}

fn checked(id: String) -> Option<User> {
    let usable = !id.trim().is_empty() && id.chars().count() <= MAX_USER_ID && !id.chars().any(char::is_control);
    usable.then_some(User(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: HeaderName = HeaderName::from_static("x-other");

    #[test]
    fn different_credentials_have_different_hashes() {
        let hash = |pairs: &[(HeaderName, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(name, value);
            }
            credentials_hash(&headers)
        };
        let all = [
            hash(&[]),
            hash(&[(COOKIE, "a")]),
            hash(&[(AUTHORIZATION, "a")]),
            hash(&[(COOKIE, "b")]),
            hash(&[(COOKIE, "ab")]),
            hash(&[(COOKIE, "a"), (COOKIE, "b")]),
            hash(&[(COOKIE, "a"), (AUTHORIZATION, "b")]),
            hash(&[(COOKIE, "b"), (AUTHORIZATION, "a")]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{at}");
        }
        assert_eq!(hash(&[(COOKIE, "a")]), hash(&[(COOKIE, "a"), (OTHER, "b")]), "other headers are ignored");
    }
}
