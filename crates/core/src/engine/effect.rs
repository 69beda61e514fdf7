use serde::{Deserialize, Serialize};

use super::end::EndReason;
use super::input::{CallId, FrameId, Resume};
use super::secret::EmbedUrl;
use super::view::Step;
use crate::wire::SessionStatus;

/// What the driver is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Create a session; answer with `Input::Created`.
    #[serde(rename_all = "camelCase")]
    Create {
        /// To answer with.
        call: CallId,
        /// Makes repeating it safe.
        key: String,
        /// The platform to verify an account of.
        platform_id: u64,
    },
    /// Ask for the session's status; answer with `Input::Status`.
    #[serde(rename_all = "camelCase")]
    Ask {
        /// To answer with.
        call: CallId,
        /// The revision we have.
        after: u64,
        /// How long the server may hold the question, in seconds. The driver may ask for less, and then says so.
        wait_secs: u64,
        /// Whether the server should look at the provider first.
        fresh: bool,
    },
    /// Ask for a fresh embed URL; answer with `Input::Embed`.
    GetEmbed {
        /// To answer with.
        call: CallId,
    },
    /// Abort a call. Its answer, should it still come, is dropped.
    Cancel(CallId),
    /// Tell the proxy that nobody watches any more. Nothing is answered.
    Farewell,
    /// Show the iframe with this URL.
    Mount(FrameId, EmbedUrl),
    /// Remove the iframe.
    Drop(FrameId),
    /// Keep what a reloaded page needs.
    Save(Resume),
    /// Forget it.
    Forget,
    /// Tell the host page.
    Emit(Event),
}

/// What the host page is told. For display: what matters is granted on the partner's server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The session's frame is shown.
    Ready {
        /// A UUID.
        session_id: String,
        /// Whether the session was under way before this page was loaded.
        resumed: bool,
    },
    /// The lifecycle moved.
    Status {
        /// A UUID.
        session_id: String,
        /// The provider's status.
        status: SessionStatus,
        /// The step shown for it.
        step: Step,
    },
    /// The bar moved; it never goes back.
    Progress {
        /// A UUID.
        session_id: String,
        /// 0–100.
        progress: u8,
    },
    /// The user must act.
    Action {
        /// A UUID.
        session_id: String,
    },
    /// The session ends soon.
    Expiring {
        /// A UUID.
        session_id: String,
        /// Whole minutes, rounded up.
        minutes: u32,
    },
    /// `COMPLETED`, and only that.
    Complete {
        /// A UUID.
        session_id: String,
        /// Whether there is an attestation.
        has_attestation: bool,
    },
    /// `PARTIAL_COMPLETE`.
    Partial {
        /// A UUID.
        session_id: String,
        /// Whether there is an attestation.
        has_attestation: bool,
    },
    /// Something went wrong; the session goes on unless an end says otherwise.
    Error {
        /// A UUID, where there is a session.
        session_id: Option<String>,
        /// For programs.
        code: String,
        /// For developers.
        message: String,
        /// Whether we try again by ourselves.
        retrying: bool,
    },
    /// The last one of a session.
    End {
        /// A UUID; absent when it was closed before there was a session.
        session_id: Option<String>,
        /// Why.
        #[serde(flatten)]
        reason: EndReason,
        /// Whether a server said so.
        confirmed: bool,
    },
}

impl Event {
    /// Its name, without the prefix `cr3d-`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ready { .. } => "ready",
            Self::Status { .. } => "status",
            Self::Progress { .. } => "progress",
            Self::Action { .. } => "action",
            Self::Expiring { .. } => "expiring",
            Self::Complete { .. } => "complete",
            Self::Partial { .. } => "partial",
            Self::Error { .. } => "error",
            Self::End { .. } => "end",
        }
    }

    /// The session it is about.
    pub fn session_id(&self) -> Option<&str> {
        match self {
            Self::Ready { session_id, .. }
            | Self::Status { session_id, .. }
            | Self::Progress { session_id, .. }
            | Self::Action { session_id }
            | Self::Expiring { session_id, .. }
            | Self::Complete { session_id, .. }
            | Self::Partial { session_id, .. } => Some(session_id),
            Self::Error { session_id, .. } | Self::End { session_id, .. } => session_id.as_deref(),
        }
    }
}
