use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a session is in its lifecycle.
///
/// The order is not promised: `RUNNING` and `AWAITING_USER` may alternate. Expiry has no status of its own: it shows
/// as `TERMINATED` with the clock past `expiresAt`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum SessionStatus {
    /// Not yet assigned a browser.
    #[default]
    Created,
    /// The browser is starting.
    Initializing,
    /// Waiting for the user.
    Ready,
    /// The user is connected through the iframe.
    Connected,
    /// Loading the verification workflow.
    LoadingTree,
    /// Executing steps.
    Running,
    /// The user must act: sign in, a code, a security question.
    AwaitingUser,
    /// Extracting account data.
    CollectingData,
    /// Making the attestation.
    Verifying,
    /// Terminal: attestation and data are available.
    Completed,
    /// Terminal: some data, the workflow did not finish.
    PartialComplete,
    /// Terminal: see `errorCode` and `errorMessage`.
    Error,
    /// Terminal: by the user.
    Cancelled,
    /// Terminal: by hand or by expiry.
    Terminated,
    /// A status this version does not know. Kept as text; never terminal.
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

    /// Its name on the wire.
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

    /// The status with this name; a name nobody documented is kept.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.as_str() == name).unwrap_or_else(|| Self::Unknown(name.to_owned()))
    }

    /// Whether the session can never change again.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed | Self::PartialComplete | Self::Error | Self::Cancelled | Self::Terminated)
    }

    /// Whether the next move is the user's.
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
