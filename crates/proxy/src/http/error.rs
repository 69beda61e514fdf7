//! API errors: a safe message for the client, the cause for the log.

use std::borrow::Cow;
use std::error::Error as StdError;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cr3dentials_core::contract::{ErrorCode, ErrorResponse};
use cr3dentials_core::time::Millis;

use crate::auth::AuthError;
use crate::error_chain::ErrorChain;
use crate::provider::{PlatformsError, ProviderError};
use crate::sessions::{CreateError, EmbedUrlError};
use crate::store::StoreError;

/// An error response. Its `message` is for the client's developers and reveals nothing of the cause.
pub(super) struct ApiError {
    code: ErrorCode,
    status: Option<StatusCode>,
    message: Cow<'static, str>,
    retry_after: Option<Millis>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl ApiError {
    pub(super) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: None, message: message.into(), retry_after: None, cause: None }
    }

    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    pub(super) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// Creates the response for an unknown session and for an invalid token, which are indistinguishable.
    pub(super) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "not found")
    }

    /// Creates the response for a valid token that is sent by another user than the one who started its session.
    pub(super) fn other_user() -> Self {
        Self::new(ErrorCode::OtherUser, "another user started this session; start a new one")
    }

    pub(super) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    pub(super) fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorCode::Internal, "internal error; see the proxy's log").because(cause)
    }

    pub(super) fn rate_limited(message: impl Into<Cow<'static, str>>, retry_after: Millis) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// Responds with `status` instead of the error code's usual status.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Adds the cause, which is only logged.
    pub(super) fn because(self, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self { cause: Some(Box::new(cause)), ..self }
    }

    pub(super) fn code(&self) -> ErrorCode {
        self.code
    }

    /// Returns the message for the client, which is safe to log.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    fn http_status(&self) -> StatusCode {
        let status = || StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.status.unwrap_or_else(status)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::OverBudget { retry_after } => {
                Self::rate_limited("the request budget of the provider's API key is used up", retry_after)
            }
            ProviderError::Transport { .. } => {
                Self::unavailable("the provider is unreachable; try again").because(error)
            }
            ProviderError::Api { status: 429, .. } => {
                Self::rate_limited("the request budget of the provider's API key is used up", Millis::from_secs(5))
                    .because(error)
            }
            _ => Self::new(ErrorCode::ProviderError, "the provider returned an error").because(error),
        }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::NotSignedIn => Self::forbidden("the user is not signed in with the partner"),
            AuthError::NoResponse => Self::unavailable("the partner's server did not identify the user; try again"),
        }
    }
}

impl From<PlatformsError> for ApiError {
    fn from(error: PlatformsError) -> Self {
        match error {
            PlatformsError::Unavailable => Self::unavailable("the list of platforms is not available; try again"),
            PlatformsError::Provider(error) => error.into(),
            PlatformsError::NotFound => Self::not_found(),
            PlatformsError::IconNotFetched => Self::new(ErrorCode::ProviderError, "the icon could not be fetched"),
        }
    }
}

impl From<EmbedUrlError> for ApiError {
    fn from(error: EmbedUrlError) -> Self {
        match error {
            EmbedUrlError::Ended => Self::new(ErrorCode::Conflict, "the session has ended; start a new one"),
            EmbedUrlError::TooSoon { retry_after } => {
                Self::rate_limited("a fresh embed URL can be requested once in 10 s", retry_after)
            }
            EmbedUrlError::Missing => Self::new(ErrorCode::ProviderError, "the provider returned no embed URL"),
            EmbedUrlError::Provider(error) => error.into(),
            EmbedUrlError::Store(error) => error.into(),
        }
    }
}

impl From<CreateError> for ApiError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::CountryNotAllowed => {
                Self::bad_request("country: this proxy does not allow browsers to choose it")
            }
            CreateError::UnknownCountry => Self::bad_request("country: not supported by the provider"),
            CreateError::UnknownPlatform => {
                Self::new(ErrorCode::UnknownPlatform, "the platform is unknown or inactive")
            }
            CreateError::KeyReused => {
                Self::new(ErrorCode::Conflict, "this idempotency key was used with a different body")
            }
            CreateError::KeySpent(cause) => {
                let message = "it is unknown whether the provider created a session for this key; use a new key";
                let error = Self::new(ErrorCode::KeySpent, message);
                match cause {
                    Some(cause) => error.because(cause),
                    None => error,
                }
            }
            CreateError::SessionNotFound => Self::not_found(),
            CreateError::Platforms(error) => error.into(),
            CreateError::Provider(error) => error.into(),
            CreateError::EmbedUrl(error) => error.into(),
            CreateError::Store(error) => error.into(),
            CreateError::Json(error) => Self::internal(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.http_status();
        if let Some(cause) = &self.cause {
            let (code, cause) = (self.code.as_str(), ErrorChain(&**cause));
            if status == StatusCode::INTERNAL_SERVER_ERROR {
                tracing::error!(code, %cause, "request failed");
            } else if status.is_server_error() {
                tracing::warn!(code, %cause, "request failed");
            } else {
                tracing::warn!(code, %cause, "request refused");
            }
        }
        let mut response = (status, Json(ErrorResponse::new(self.code, self.message))).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.0.div_ceil(1000).max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
