//! Terminal statuses of a session, with their data.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::SessionStatus;
use serde_json::Value;

use super::account;
use crate::users::{Lack, Outcome};
use crate::world::platforms::AccountKind;

/// Result of an ended session. It never changes again.
pub(crate) struct End {
    pub(crate) kind: EndKind,
    pub(crate) at: UnixMillis,
    pub(super) progress: u8,
}

/// Kind of end: one for each terminal status.
pub(crate) enum EndKind {
    Completed { data: Value, proven: bool },
    Partial { data: Option<Value> },
    Failed { code: Option<&'static str>, message: &'static str },
    Cancelled,
    Terminated,
}

impl EndKind {
    /// Returns the end with a test user's outcome, on a platform of this kind.
    pub(super) fn of(outcome: Outcome, lacks: Option<Lack>, kind: AccountKind, at: UnixMillis) -> Self {
        match outcome {
            Outcome::Completed => {
                Self::Completed { data: account::complete(kind, at), proven: lacks != Some(Lack::Attestation) }
            }
            Outcome::Partial => Self::Partial { data: (lacks != Some(Lack::Data)).then(|| account::partial(kind, at)) },
            Outcome::Failed if lacks == Some(Lack::Code) => {
                Self::Failed { code: None, message: "The workflow stopped for an unknown reason (simulated)" }
            }
            Outcome::Failed => Self::Failed {
                code: Some("ACCOUNT_LOCKED"),
                message: "The platform reported that the account is locked (simulated)",
            },
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Terminated => Self::Terminated,
        }
    }

    pub(crate) fn status(&self) -> SessionStatus {
        match self {
            Self::Completed { .. } => SessionStatus::Completed,
            Self::Partial { .. } => SessionStatus::PartialComplete,
            Self::Failed { .. } => SessionStatus::Error,
            Self::Cancelled => SessionStatus::Cancelled,
            Self::Terminated => SessionStatus::Terminated,
        }
    }

    pub(crate) fn data(&self) -> Option<&Value> {
        match self {
            Self::Completed { data, .. } => Some(data),
            Self::Partial { data } => data.as_ref(),
            Self::Failed { .. } | Self::Cancelled | Self::Terminated => None,
        }
    }

    /// Returns true if there is an attestation. Undocumented for `PARTIAL_COMPLETE`, so `partial` decides.
    pub(crate) fn is_proven(&self, partial: bool) -> bool {
        match self {
            Self::Completed { proven, .. } => *proven,
            Self::Partial { data } => partial && data.is_some(),
            Self::Failed { .. } | Self::Cancelled | Self::Terminated => false,
        }
    }
}
