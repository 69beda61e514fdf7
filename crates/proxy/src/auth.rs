//! Who the user of a browser's request is.

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use reqwest::redirect::Policy;
use url::Url;

use crate::config::{ConfigError, UserAuth};
use crate::error::ApiError;

/// The partner's endpoint has so long to answer.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest user id, in characters.
const MAX_ID: usize = 256;

/// The partner's user, as the partner's server knows them.
///
/// In library use, a layer of the partner's own puts it into the request as an [`axum::Extension`]; it comes before
/// anything that is configured.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User(pub String);

/// Finds out who the user is.
#[derive(Debug)]
pub(crate) struct Authenticator {
    mode: UserAuth,
    http: reqwest::Client,
}

impl Authenticator {
    pub(crate) fn new(mode: UserAuth) -> Result<Self, ConfigError> {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(FORWARD_TIMEOUT)
            .build()
            .map_err(|error| ConfigError::new("forward_auth_url", format!("no HTTP client: {error}")))?;
        Ok(Self { mode, http })
    }

    /// The user of this request.
    pub(crate) async fn user(&self, request: &Parts) -> Result<User, ApiError> {
        if let Some(user) = request.extensions.get::<User>() {
            return checked(user.0.clone()).ok_or_else(refused);
        }
        match &self.mode {
            UserAuth::None => Ok(User("local".to_owned())),
            UserAuth::Layer => Err(refused()),
            UserAuth::Forward { url, header } => self.forward(url, header, request).await,
        }
    }

    async fn forward(&self, url: &Url, header: &str, request: &Parts) -> Result<User, ApiError> {
        let mut question = self.http.get(url.clone());
        for name in [COOKIE, AUTHORIZATION] {
            for value in request.headers.get_all(&name) {
                question = question.header(&name, value);
            }
        }
        let unreachable = || ApiError::unavailable("the partner's server does not say who the user is; try again");
        let answer = question.send().await.map_err(|error| unreachable().because(error.without_url()))?;
        match answer.status().as_u16() {
            200 => {
                let id = answer.headers().get(header).and_then(|id| id.to_str().ok()).map(str::to_owned);
                id.and_then(checked).ok_or_else(|| {
                    tracing::warn!(header, "the partner's endpoint answered 200 without a user");
                    refused()
                })
            }
            401 | 403 => Err(refused()),
            status => {
                tracing::warn!(status, "the partner's endpoint answered with an unexpected status");
                Err(unreachable())
            }
        }
    }
}

fn checked(id: String) -> Option<User> {
    let usable = !id.trim().is_empty() && id.chars().count() <= MAX_ID && !id.chars().any(char::is_control);
    usable.then_some(User(id))
}

fn refused() -> ApiError {
    ApiError::forbidden("the user is not signed in with the partner")
}
