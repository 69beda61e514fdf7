//! What the host page is told. For display: what matters is granted on the partner's server.

use serde::{Deserialize, Serialize};

use super::end::EndReason;
use super::view::Step;
use crate::wire::SessionStatus;

/// One fact for the host page. On the element it is a `CustomEvent` named `cr3d-` and [`Event::name`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The session's frame is shown.
    Ready(Ready),
    /// The lifecycle moved.
    Status(Status),
    /// The bar moved; it never goes back.
    Progress(Progress),
    /// The user must act.
    Action(Action),
    /// The session ends soon.
    Expiring(Expiring),
    /// `COMPLETED`, and only that.
    Complete(Complete),
    /// `PARTIAL_COMPLETE`.
    Partial(Partial),
    /// Something went wrong; the session goes on unless an end says otherwise.
    Error(Error),
    /// The last one of a session.
    End(End),
}

impl Event {
    /// Its name, without the prefix `cr3d-`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ready",
            Self::Status(_) => "status",
            Self::Progress(_) => "progress",
            Self::Action(_) => "action",
            Self::Expiring(_) => "expiring",
            Self::Complete(_) => "complete",
            Self::Partial(_) => "partial",
            Self::Error(_) => "error",
            Self::End(_) => "end",
        }
    }

    /// The session it is about; `None` when there was none yet.
    pub fn session_id(&self) -> Option<&str> {
        match self {
            Self::Ready(event) => Some(&event.session_id),
            Self::Status(event) => Some(&event.session_id),
            Self::Progress(event) => Some(&event.session_id),
            Self::Action(event) => Some(&event.session_id),
            Self::Expiring(event) => Some(&event.session_id),
            Self::Complete(event) => Some(&event.session_id),
            Self::Partial(event) => Some(&event.session_id),
            Self::Error(event) => event.session_id.as_deref(),
            Self::End(event) => event.session_id.as_deref(),
        }
    }
}

/// The session's frame is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// A UUID.
    pub session_id: String,
    /// Whether the session was under way before this page was loaded.
    pub resumed: bool,
}

/// The lifecycle moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// A UUID.
    pub session_id: String,
    /// The provider's status.
    pub status: SessionStatus,
    /// The step shown for it.
    pub step: Step,
}

/// The bar moved; it never goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// A UUID.
    pub session_id: String,
    /// 0–100.
    pub progress: u8,
}

/// The user must act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// A UUID.
    pub session_id: String,
}

/// The session ends soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expiring {
    /// A UUID.
    pub session_id: String,
    /// Whole minutes, rounded up.
    pub minutes: u32,
}

/// `COMPLETED`, and only that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Complete {
    /// A UUID.
    pub session_id: String,
    /// Whether there is an attestation.
    pub has_attestation: bool,
}

/// `PARTIAL_COMPLETE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partial {
    /// A UUID.
    pub session_id: String,
    /// Whether there is an attestation.
    pub has_attestation: bool,
}

/// Something went wrong; the session goes on unless an end says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// A UUID, where there is a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// For programs.
    pub code: String,
    /// For developers.
    pub message: String,
    /// Whether we try again by ourselves.
    pub retrying: bool,
}

impl Error {
    /// The page's options cannot be used, so nothing has begun. `message` tells its developers which.
    pub fn bad_options(message: &str) -> Self {
        Self { session_id: None, code: "bad-options".to_owned(), message: message.to_owned(), retrying: false }
    }
}

/// The last one of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// A UUID; absent when it was closed before there was a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Why.
    #[serde(flatten)]
    pub reason: EndReason,
    /// Whether a server said so.
    pub confirmed: bool,
}
