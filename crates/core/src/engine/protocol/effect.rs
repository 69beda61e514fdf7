use serde::{Deserialize, Serialize};

use super::{CallId, EmbedUrl, Event, FrameId, Resume};

/// An action for the driver to perform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Create a session; report the result as [`Input::Created`](super::Input::Created).
    #[serde(rename_all = "camelCase")]
    Create {
        /// Identifies the call in its result.
        call: CallId,
        /// Idempotency key, which makes repeating the request safe.
        key: String,
        /// Platform whose account is verified.
        platform_id: u64,
    },
    /// Request the session's status; report the result as [`Input::Status`](super::Input::Status).
    #[serde(rename_all = "camelCase")]
    PollStatus {
        /// Identifies the call in its result.
        call: CallId,
        /// Last known revision; the server may wait until it has a newer one.
        after: u64,
        /// Maximum wait of the long poll, in seconds. The driver may request less and then reports that.
        wait_secs: u64,
        /// True if the proxy should refresh the status from the provider first.
        fresh: bool,
    },
    /// Request a fresh embed URL; report the result as [`Input::Embed`](super::Input::Embed).
    FetchEmbedUrl {
        /// Identifies the call in its result.
        call: CallId,
    },
    /// Abort a call. Its result is ignored if it still arrives.
    Cancel(CallId),
    /// Notify the proxy that this page no longer watches the session. No result is expected.
    NotifyClosed,
    /// Show the iframe with this URL.
    Mount(FrameId, EmbedUrl),
    /// Remove the iframe.
    Drop(FrameId),
    /// Use this session in later requests, and store what a reloaded page needs to resume it.
    Save(Resume),
    /// Delete the stored session and release its ownership.
    Forget,
    /// Start like a page without a stored session: create one, or let the user pick a platform. Reported as
    /// [`Input::Start`](super::Input::Start), if at all.
    Renew,
    /// Make this tab the only one that shows the session. Report [`Input::Ownership`](super::Input::Ownership) with the
    /// outcome, and again whenever it changes. A driver that cannot find out reports ownership.
    #[serde(rename_all = "camelCase")]
    AcquireOwnership {
        /// A UUID.
        session_id: String,
        /// True if the user asked to take it from the tab that has it.
        steal: bool,
    },
    /// Release ownership while the page is frozen: a page that holds a lock cannot enter the back-forward cache.
    ReleaseOwnership,
    /// Emit the event to the host page.
    Emit(Event),
}

impl Effect {
    /// Returns a short name for logs, without any of the effect's data.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::PollStatus { fresh: true, .. } => "poll fresh status",
            Self::PollStatus { .. } => "poll status",
            Self::FetchEmbedUrl { .. } => "fetch embed URL",
            Self::Cancel(_) => "cancel",
            Self::NotifyClosed => "notify closed",
            Self::Mount(..) => "mount",
            Self::Drop(_) => "drop",
            Self::Save(_) => "save",
            Self::Forget => "forget",
            Self::Renew => "renew",
            Self::AcquireOwnership { steal: true, .. } => "steal ownership",
            Self::AcquireOwnership { .. } => "acquire ownership",
            Self::ReleaseOwnership => "release ownership",
            Self::Emit(event) => event.name(),
        }
    }
}
