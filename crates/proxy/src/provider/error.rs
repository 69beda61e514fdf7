use std::fmt;

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::ErrorBody;

/// Error of a call to the provider. Its messages never contain a URL or a key, and of a response body only the
/// documented message for developers, shortened.
#[derive(Debug)]
pub(crate) enum ProviderError {
    /// Not sent: the request budget had no permit before the caller's timeout.
    OverBudget {
        /// Time until a permit may be available.
        retry_after: Millis,
    },
    /// Not sent: the request could not be built.
    Request(reqwest::Error),
    /// No response: no connection, a broken connection, or a timeout.
    Transport {
        /// True if the request may have reached the provider.
        maybe_sent: bool,
        /// The cause, without its URL.
        source: reqwest::Error,
    },
    /// An error response with the documented body.
    Api {
        /// HTTP status of the response.
        status: u16,
        /// The documented error body.
        body: ErrorBody,
    },
    /// A successful response that cannot be read.
    Unreadable {
        /// HTTP status of the response.
        status: u16,
        /// Reason why it cannot be read.
        reason: String,
    },
    /// An error status without the documented body, such as a gateway's page or a redirect.
    Undocumented {
        /// HTTP status of the response.
        status: u16,
    },
}

impl ProviderError {
    pub(super) fn transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            return Self::Request(error);
        }
        Self::Transport { maybe_sent: !error.is_connect(), source: error }
    }

    /// Returns true if it is unknown whether the provider processed the request.
    ///
    /// A documented error means that it did not. A broken connection, a gateway's error and an unreadable success leave
    /// it open, so a create that fails like this is never sent again.
    pub(crate) fn outcome_unknown(&self) -> bool {
        match self {
            Self::OverBudget { .. } | Self::Request(_) | Self::Api { .. } => false,
            Self::Transport { maybe_sent, .. } => *maybe_sent,
            Self::Unreadable { .. } => true,
            Self::Undocumented { status } => !(300..500).contains(status),
        }
    }

    /// Returns true if a later retry may succeed: no permit, no connection, 408, 429 or 5xx.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::OverBudget { .. } | Self::Transport { .. } => true,
            Self::Request(_) | Self::Unreadable { .. } => false,
            Self::Api { status, .. } | Self::Undocumented { status } => {
                matches!(status, 408 | 429) || (500..600).contains(status)
            }
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OverBudget { retry_after } => {
                write!(f, "no request permit available for the next {} ms", retry_after.0)
            }
            Self::Request(_) => f.write_str("the request to the provider could not be built"),
            Self::Transport { maybe_sent: true, .. } => f.write_str("the provider did not respond"),
            Self::Transport { maybe_sent: false, .. } => f.write_str("the provider is unreachable"),
            Self::Api { status: status @ (401 | 403), .. } => {
                write!(f, "the provider refused the API key with {status}; check api_key (CR3D_API_KEY)")
            }
            Self::Api { status, body } => {
                write!(f, "the provider returned {status}: {}", body.message.chars().take(200).collect::<String>())
            }
            Self::Unreadable { status, reason } => {
                write!(f, "the provider returned {status} with an unreadable body: {reason}")
            }
            Self::Undocumented { status } => write!(f, "the provider returned {status} without the documented body"),
        }
    }
}

impl std::error::Error for ProviderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(source) | Self::Transport { source, .. } => Some(source),
            _ => None,
        }
    }
}
