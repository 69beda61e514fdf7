//! Events for the host page. They are for display only: grant access on the partner's server.

use serde::{Deserialize, Serialize, Serializer};

use super::{EndReason, Problem, Step};
use crate::wire::SessionStatus;

/// An event for the host page. The element dispatches it as a `CustomEvent` named `cr3d-` plus [`Event::name`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// The session's iframe is shown.
    Ready(Ready),
    /// The status changed.
    Status(Status),
    /// The progress increased. It never decreases.
    Progress(Progress),
    /// The user must act.
    Action(Action),
    /// The session ends soon.
    Expiring(Expiring),
    /// The session ended as `COMPLETED`.
    Complete(Complete),
    /// The session ended as `PARTIAL_COMPLETE`.
    Partial(Partial),
    /// An error occurred. The session continues unless an `End` event follows.
    Error(Error),
    /// The session ended. No further event is emitted for it.
    End(End),
}

impl Event {
    /// Returns the event's name, without the prefix `cr3d-`.
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

    /// Returns the id of the event's session, or `None` if there was none yet.
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

    /// Returns the event's data, to be serialized without the event's name around it.
    pub fn detail(&self) -> Detail<'_> {
        Detail(self)
    }
}

/// The data of an [`Event`]: serializes like the struct inside the event's variant.
#[derive(Clone, Copy, Debug)]
pub struct Detail<'a>(&'a Event);

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Event::Ready(event) => event.serialize(serializer),
            Event::Status(event) => event.serialize(serializer),
            Event::Progress(event) => event.serialize(serializer),
            Event::Action(event) => event.serialize(serializer),
            Event::Expiring(event) => event.serialize(serializer),
            Event::Complete(event) => event.serialize(serializer),
            Event::Partial(event) => event.serialize(serializer),
            Event::Error(event) => event.serialize(serializer),
            Event::End(event) => event.serialize(serializer),
        }
    }
}

/// The session's iframe is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// A UUID.
    pub session_id: String,
    /// True if the session started before this page was loaded.
    pub resumed: bool,
}

/// The status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// A UUID.
    pub session_id: String,
    /// The provider's status.
    pub status: SessionStatus,
    /// The step shown for the status.
    pub step: Step,
}

/// The progress increased. It never decreases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// A UUID.
    pub session_id: String,
    /// Percentage, 0–100.
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
    /// Whole minutes left, rounded up.
    pub minutes: u32,
}

/// The session ended as `COMPLETED`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Complete {
    /// A UUID.
    pub session_id: String,
    /// True if an attestation exists.
    pub has_attestation: bool,
}

/// The session ended as `PARTIAL_COMPLETE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partial {
    /// A UUID.
    pub session_id: String,
    /// True if an attestation exists.
    pub has_attestation: bool,
}

/// An error occurred. The session continues unless an `End` event follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// A UUID; absent when there is no session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Code for programs; see [`Problem::code`].
    pub code: String,
    /// Message for developers. Never shown to users.
    pub message: String,
    /// True if the component retries on its own.
    pub retrying: bool,
}

impl Error {
    /// Reports `problem`.
    pub fn new(session_id: Option<String>, problem: &Problem, retrying: bool) -> Self {
        Self { session_id, code: problem.code().into_owned(), message: problem.message().to_owned(), retrying }
    }
}

/// The session ended. No further event is emitted for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct End {
    /// A UUID; absent when the verification was closed before a session existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The reason.
    #[serde(flatten)]
    pub reason: EndReason,
    /// True if a server reported the end.
    pub confirmed: bool,
}
