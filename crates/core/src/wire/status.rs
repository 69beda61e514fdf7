use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Lifecycle status of a session.
///
/// The order is not guaranteed: `RUNNING` and `AWAITING_USER` may alternate. Expiry has no separate status: it appears
/// as `TERMINATED` after `expiresAt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum SessionStatus {
    /// No remote browser is assigned yet.
    #[default]
    Created,
    /// The remote browser is starting.
    Initializing,
    /// Waiting for the user.
    Ready,
    /// The user is connected through the iframe.
    Connected,
    /// Loading the verification workflow.
    LoadingTree,
    /// Executing the workflow's steps.
    Running,
    /// The user must act: sign in, enter a code, or answer a security question.
    AwaitingUser,
    /// Extracting account data.
    CollectingData,
    /// Creating the attestation.
    Verifying,
    /// Terminal: attestation and data are available.
    Completed,
    /// Terminal: some data is available, but the workflow did not finish.
    PartialComplete,
    /// Terminal: failed; see `errorCode` and `errorMessage`.
    Error,
    /// Terminal: canceled by the user.
    Cancelled,
    /// Terminal: ended manually or by expiry.
    Terminated,
    /// A status unknown to this version. Kept as text; never terminal.
    Unknown(String),
}

impl SessionStatus {
    /// Every documented status, in the order of the guide.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::Initializing,
        Self::Ready,
        Self::Connected,
        Self::LoadingTree,
        Self::Running,
        Self::AwaitingUser,
        Self::CollectingData,
        Self::Verifying,
        Self::Completed,
        Self::PartialComplete,
        Self::Error,
        Self::Cancelled,
        Self::Terminated,
    ];

    /// The status as it appears in JSON.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Created => "CREATED",
            Self::Initializing => "INITIALIZING",
            Self::Ready => "READY",
            Self::Connected => "CONNECTED",
            Self::LoadingTree => "LOADING_TREE",
            Self::Running => "RUNNING",
            Self::AwaitingUser => "AWAITING_USER",
            Self::CollectingData => "COLLECTING_DATA",
            Self::Verifying => "VERIFYING",
            Self::Completed => "COMPLETED",
            Self::PartialComplete => "PARTIAL_COMPLETE",
            Self::Error => "ERROR",
            Self::Cancelled => "CANCELLED",
            Self::Terminated => "TERMINATED",
            Self::Unknown(name) => name,
        }
    }

    /// Returns the status with this name, or [`SessionStatus::Unknown`] for a name that is not documented.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.as_str() == name).unwrap_or_else(|| Self::Unknown(name.to_owned()))
    }

    /// Returns true if the session can no longer change.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed | Self::PartialComplete | Self::Error | Self::Cancelled | Self::Terminated)
    }

    /// Returns true if the session waits for the user to act.
    pub fn awaits_user(&self) -> bool {
        matches!(self, Self::Ready | Self::AwaitingUser)
    }
}

impl fmt::Display for SessionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SessionStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SessionStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::from_name(&name))
    }
}
