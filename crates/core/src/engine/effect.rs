use serde::{Deserialize, Serialize};

use super::event::Event;
use super::input::{CallId, FrameId, Resume};
use super::secret::EmbedUrl;

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
    PollStatus {
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
    FetchEmbedUrl {
        /// To answer with.
        call: CallId,
    },
    /// Abort a call. Its answer, should it still come, is dropped.
    Cancel(CallId),
    /// Tell the proxy that nobody watches any more. Nothing is answered.
    NotifyClosed,
    /// Show the iframe with this URL.
    Mount(FrameId, EmbedUrl),
    /// Remove the iframe.
    Drop(FrameId),
    /// Ask for this session from now on, and keep what a reloaded page needs to go on with it.
    Save(Resume),
    /// Forget it, and let go of its claim.
    Forget,
    /// Begin as a page does that has no session saved: with a new session, or by letting the user choose. Answer with
    /// [`Input::Start`](super::Input::Start), or not at all.
    Renew,
    /// Make this page the only one that shows the session; answer with `Input::Ownership`, now and whenever that changes.
    /// A driver that cannot know answers yes.
    #[serde(rename_all = "camelCase")]
    AcquireOwnership {
        /// A UUID.
        session_id: String,
        /// Whether to take it from the page that has it: the user asked for that.
        steal: bool,
    },
    /// Let go of the claim while the page is put away: one that holds a lock cannot be put away and brought back.
    ReleaseOwnership,
    /// Tell the host page.
    Emit(Event),
}

impl Effect {
    /// What it is, in a word, for a log: nothing of what is in it.
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
