use serde::{Deserialize, Serialize};

use crate::contract::SessionView;
use crate::time::UnixMillis;
use crate::wire::SessionStatus;

/// The end of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEnd {
    /// The reason.
    #[serde(flatten)]
    pub reason: EndReason,
    /// True if a server reported it. Only an expiry can be unconfirmed; a close needs no server.
    pub confirmed: bool,
}

/// The reason why a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum EndReason {
    /// `COMPLETED`.
    Completed,
    /// `PARTIAL_COMPLETE`.
    Partial,
    /// `ERROR`.
    Failed {
        /// The provider's code, if it sent one. An open set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// `CANCELLED`: the user canceled.
    Cancelled,
    /// `TERMINATED` after `expiresAt`, or no response until well after it.
    Expired,
    /// `TERMINATED` before `expiresAt`.
    Terminated,
    /// Closed by the host page. The session itself may still complete at the provider.
    Closed,
}

impl EndReason {
    /// Returns the reason's name in events.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Terminated => "terminated",
            Self::Closed => "closed",
        }
    }

    /// Returns the reason for which a session with this view has ended, or `None` if it has not.
    pub(in crate::engine) fn of(view: &SessionView, server_now: UnixMillis) -> Option<Self> {
        Some(match view.status {
            SessionStatus::Completed => Self::Completed,
            SessionStatus::PartialComplete => Self::Partial,
            SessionStatus::Error => Self::Failed { code: view.error_code.clone() },
            SessionStatus::Cancelled => Self::Cancelled,
            SessionStatus::Terminated if view.expires_at.is_some_and(|at| server_now >= at) => Self::Expired,
            SessionStatus::Terminated => Self::Terminated,
            _ => return None,
        })
    }
}
