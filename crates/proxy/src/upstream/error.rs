use std::fmt;

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::ErrorBody;

/// Why a call to the provider brought no data. None of its texts holds a URL, a key or a body.
#[derive(Debug)]
pub(crate) enum UpstreamError {
    /// Not sent: the key's budget has no room within the time the caller had.
    OverBudget {
        /// When there may be room.
        retry_after: Millis,
    },
    /// Not sent: our own request could not be built.
    Request(reqwest::Error),
    /// No answer: no connection, a connection that broke, or too late.
    Transport {
        /// Whether the request may have reached the provider.
        maybe_sent: bool,
        /// Without its URL.
        source: reqwest::Error,
    },
    /// A documented error.
    Api {
        /// The HTTP status.
        status: u16,
        /// The details.
        body: ErrorBody,
    },
    /// A success that we cannot read.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: String,
    },
    /// A status without the documented body: a gateway's, a redirect, something between.
    Undocumented {
        /// The HTTP status.
        status: u16,
    },
}

impl UpstreamError {
    pub(super) fn transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            return Self::Request(error);
        }
        Self::Transport { maybe_sent: !error.is_connect(), source: error }
    }

    /// Whether the provider may have done what was asked, although we cannot tell.
    ///
    /// A documented error means that it did not. A broken connection, a gateway's error and an unreadable success do
    /// not tell; so a create that ends like this is never sent again.
    pub(crate) fn outcome_unknown(&self) -> bool {
        match self {
            Self::OverBudget { .. } | Self::Request(_) | Self::Api { .. } => false,
            Self::Transport { maybe_sent, .. } => *maybe_sent,
            Self::Unreadable { .. } => true,
            Self::Undocumented { status } => !(300..500).contains(status),
        }
    }

    /// Whether the same question may well be answered later: no room, no connection, 408, 429 and 5xx.
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

impl fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OverBudget { retry_after } => write!(f, "no room in the request budget for {} ms", retry_after.0),
            Self::Request(_) => f.write_str("the request to the provider could not be built"),
            Self::Transport { maybe_sent: true, .. } => f.write_str("the provider did not answer"),
            Self::Transport { maybe_sent: false, .. } => f.write_str("the provider cannot be reached"),
            Self::Api { status: status @ (401 | 403), .. } => {
                write!(f, "the provider refused the API key with {status}; check api_key (CR3D_API_KEY)")
            }
            Self::Api { status, body } => {
                write!(f, "the provider answered {status}: {}", body.message.chars().take(200).collect::<String>())
            }
            Self::Unreadable { status, reason } => write!(f, "the provider answered {status}, unreadably: {reason}"),
            Self::Undocumented { status } => write!(f, "the provider answered {status} without a documented body"),
        }
    }
}

impl std::error::Error for UpstreamError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Request(source) | Self::Transport { source, .. } => Some(source),
            _ => None,
        }
    }
}
