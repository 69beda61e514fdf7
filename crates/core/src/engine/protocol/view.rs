use serde::{Deserialize, Serialize};

use super::{EmbedUrl, FailureKind, SessionEnd};
use crate::contract::SessionPlatform;
use crate::wire::SessionStatus;

/// Everything that the component shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// The main state.
    pub stage: Stage,
    /// A UUID; `None` before a session exists.
    pub session_id: Option<String>,
    /// The last status reported by the provider.
    pub status: Option<SessionStatus>,
    /// The furthest step reached.
    pub step: Step,
    /// The highest progress reported, 0–100.
    pub progress: u8,
    /// The platform; `None` until it is known.
    pub platform: Option<SessionPlatform>,
    /// True if another tab of this browser shows the session.
    pub elsewhere: bool,
    /// State of the connection to the proxy.
    pub connection: Connection,
    /// True if the current step takes longer than usual.
    pub slow: bool,
    /// True if the proxy keeps refusing requests for the session.
    pub stalled: bool,
    /// Content of the frame's place.
    pub frame: FrameView,
    /// A fresh URL for the link that opens a new window.
    pub window: Option<EmbedUrl>,
    /// Minutes until the session expires, rounded up; `None` until it expires soon.
    pub minutes_left: Option<u32>,
    /// Seconds until the next attempt, when the server rate-limited a create.
    pub retry_secs: Option<u32>,
}

/// The main state of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Nothing was started: the platform picker is shown.
    #[default]
    Idle,
    /// A session is being created.
    Creating,
    /// The create failed; the user decides whether to try again.
    NotStarted(FailureKind),
    /// A session is in progress.
    Live,
    /// The session ended.
    Ended(SessionEnd),
    /// Nothing is shown, permanently.
    Destroyed,
}

/// The four steps shown to users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The remote browser opens.
    #[default]
    Connect,
    /// The user signs in.
    SignIn,
    /// The account's data is read.
    ReadDetails,
    /// The attestation is created.
    Check,
}

impl Step {
    /// All steps, in order.
    pub const ALL: [Self; 4] = [Self::Connect, Self::SignIn, Self::ReadDetails, Self::Check];

    /// Returns the step's name in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::SignIn => "sign-in",
            Self::ReadDetails => "read-details",
            Self::Check => "check",
        }
    }

    /// Returns the furthest step after `status`, given that `self` was reached before. Steps never go back.
    pub fn after(self, status: &SessionStatus) -> Self {
        let step = match status {
            SessionStatus::Running | SessionStatus::AwaitingUser => Self::SignIn,
            SessionStatus::CollectingData => Self::ReadDetails,
            SessionStatus::Verifying | SessionStatus::Completed => Self::Check,
            _ => Self::Connect,
        };
        self.max(step)
    }
}

/// State of the connection to the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// The proxy responds.
    #[default]
    Fine,
    /// Requests fail and are retried.
    Reconnecting,
    /// Requests are refused, or something else responds in the proxy's place. They are retried.
    Slow,
    /// The proxy is rate-limiting; requests are retried.
    Busy,
    /// The device has no network: the browser reports it, and requests fail.
    Offline,
}

impl Connection {
    /// Returns the state after a failure of this kind: only failures of the network or the proxy are a matter of
    /// reconnecting.
    pub(in crate::engine) fn after(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Network
            | FailureKind::Server
            | FailureKind::BadResponse
            | FailureKind::KeySpent
            | FailureKind::RateLimited => Self::Reconnecting,
            FailureKind::Intermediary
            | FailureKind::Forbidden
            | FailureKind::OtherUser
            | FailureKind::NotFound
            | FailureKind::Refused
            | FailureKind::ContractVersion => Self::Slow,
        }
    }
}

/// Content of the frame's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameView {
    /// Nothing yet.
    #[default]
    None,
    /// The iframe.
    Shown,
    /// An iframe that the page's own policy refused.
    Blocked,
    /// Nothing: the proxy has no unused embed URL.
    Unavailable,
}
