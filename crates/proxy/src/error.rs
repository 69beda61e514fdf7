//! What goes wrong, told twice: a safe answer to the client, the cause to the log.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cr3dentials_core::contract::{ErrorCode, ErrorResponse};
use cr3dentials_core::time::Millis;

use crate::store::StoreError;
use crate::upstream::UpstreamError;

/// An answer that is an error. Its `message` is for the client's developers and holds nothing of the cause.
pub(crate) struct ApiError {
    code: ErrorCode,
    status: Option<StatusCode>,
    message: Cow<'static, str>,
    retry_after: Option<Millis>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl ApiError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: None, message: message.into(), retry_after: None, cause: None }
    }

    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    pub(crate) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// One answer for a thing that is not there and for one that is somebody else's.
    pub(crate) fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "there is no such thing here")
    }

    /// For a token that is good, shown by another user than the one who started its session.
    pub(crate) fn other_user() -> Self {
        Self::new(ErrorCode::OtherUser, "another user started this session; start a new one")
    }

    pub(crate) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    pub(crate) fn internal(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::new(ErrorCode::Internal, "a fault of the proxy's own; its log says more").because(cause)
    }

    pub(crate) fn rate_limited(message: impl Into<Cow<'static, str>>, retry_after: Millis) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// Answers with `status` where the code's own one does not fit.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status: Some(status), ..self }
    }

    /// Adds what the log is to say.
    pub(crate) fn because(self, cause: impl StdError + Send + Sync + 'static) -> Self {
        Self { cause: Some(Box::new(cause)), ..self }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// The text for the client, which is safe to log.
    pub(crate) fn message(&self) -> &str {
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

impl From<UpstreamError> for ApiError {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::OverBudget { retry_after } => {
                Self::rate_limited("the provider's request budget is spent", retry_after)
            }
            UpstreamError::Transport { .. } => {
                Self::unavailable("the provider cannot be reached; try again").because(error)
            }
            UpstreamError::Api { status: 429, .. } => {
                Self::rate_limited("the provider's request budget is spent", Millis::from_secs(5)).because(error)
            }
            _ => Self::new(ErrorCode::ProviderError, "the provider answered with an error").because(error),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.http_status();
        if let Some(cause) = &self.cause {
            if status == StatusCode::INTERNAL_SERVER_ERROR {
                tracing::error!(code = self.code.as_str(), cause = %Chain(&**cause), "failed");
            } else {
                tracing::warn!(code = self.code.as_str(), cause = %Chain(&**cause), "refused");
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

/// An error with its causes, on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn StdError + 'a));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}
