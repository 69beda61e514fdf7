use std::fmt;

use serde::{Deserialize, Serialize};

use super::secret::ClientToken;
use crate::contract::{Created, FrameUrl, SessionView};
use crate::time::{Millis, UnixMillis};

/// The time, as the driver reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// A clock that never goes back: for everything that is waited for.
    pub mono: Millis,
    /// The device's clock: only for `expiresAt`, and corrected by the server's own.
    pub wall: UnixMillis,
}

/// A request under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

/// An iframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub u32);

/// Everything that can happen to a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// Begin. Only the first one counts, until [`HostAction::StartAgain`].
    Start(Start),
    /// What became of a create.
    Created(CallId, Result<Created, Failure>),
    /// What became of a status question.
    Status(CallId, Result<StatusResponse, Failure>),
    /// What became of the question for an embed URL.
    Embed(CallId, Result<FrameUrl, Failure>),
    /// Whether this page is the one that shows the session with this id. Another page may take it away later.
    Ownership(String, bool),
    /// Something about an iframe.
    Frame(FrameId, FrameSignal),
    /// Something about the page.
    Page(PageSignal),
    /// Something that the host page or the user wants.
    Host(HostAction),
    /// The deadline has come.
    Tick,
}

impl Input {
    /// What it is, in a word or two, for a log: nothing of what is in it but the kind of a failure.
    pub fn name(&self) -> (&'static str, &'static str) {
        fn outcome<T>(result: &Result<T, Failure>) -> &'static str {
            result.as_ref().map_or_else(|failure| failure.kind.code(), |_| "ok")
        }
        match self {
            Self::Start(Start::New { .. }) => ("start", "new"),
            Self::Start(Start::Given(_)) => ("start", "given"),
            Self::Start(Start::Resume(_)) => ("start", "resume"),
            Self::Created(_, result) => ("created", outcome(result)),
            Self::Status(_, result) => ("status", outcome(result)),
            Self::Embed(_, result) => ("embed URL", outcome(result)),
            Self::Ownership(_, true) => ("ownership", "this tab"),
            Self::Ownership(_, false) => ("ownership", "another tab"),
            Self::Frame(_, news) => ("frame", news.name()),
            Self::Page(news) => ("page", news.name()),
            Self::Host(action) => ("host", action.name()),
            Self::Tick => ("tick", ""),
        }
    }
}

/// How a verification begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Start {
    /// Create a session.
    #[serde(rename_all = "camelCase")]
    New {
        /// The platform to verify an account of.
        platform_id: u64,
        /// The idempotency key of a create that may already have reached the server.
        key: Option<String>,
    },
    /// Somebody created the session already.
    Given(Created),
    /// The session was under way before this page was loaded.
    Resume(Resume),
}

/// What a reloaded page needs to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// A UUID.
    pub session_id: String,
    /// Good for this session's status.
    pub client_token: ClientToken,
    /// What Start again starts.
    #[serde(default)]
    pub platform_id: Option<u64>,
    /// When the session ends by itself.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
}

/// A server's word on the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusResponse {
    /// The session.
    pub view: SessionView,
    /// Whether the server was asked to hold the question.
    pub long_polled: bool,
}

/// Why a request brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What kind of thing went wrong.
    pub kind: FailureKind,
    /// When the server wants to be asked again.
    pub retry_after: Option<Millis>,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// No answer: no network, no server, or too slow.
    Network,
    /// 401 or 403.
    Forbidden,
    /// 403 with the code `other-user`: the session belongs to someone who used this browser before.
    OtherUser,
    /// 404.
    NotFound,
    /// 409 with the code `key-spent`: no one knows whether a session was created for this idempotency key, and the
    /// proxy will not try it again.
    KeySpent,
    /// 429.
    RateLimited,
    /// Any other 4xx: asking the same again is of no use.
    Refused,
    /// 5xx.
    Server,
    /// An answer that makes no sense.
    BadResponse,
    /// The two sides' versions are too far apart.
    ContractVersion,
}

impl FailureKind {
    /// The code that developers see.
    pub fn code(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Forbidden => "forbidden",
            Self::OtherUser => "other-user",
            Self::KeySpent => "key-spent",
            Self::NotFound => "not-found",
            Self::RateLimited => "rate-limited",
            Self::Refused => "refused",
            Self::Server => "server",
            Self::BadResponse => "bad-response",
            Self::ContractVersion => "contract-version",
        }
    }

    /// What it means and what to do, for developers.
    pub fn message(self) -> &'static str {
        match self {
            Self::Network => "The proxy cannot be reached. Check proxy-url, CORS and the network.",
            Self::Forbidden => {
                "The proxy refused the request. Check the user's sign-in and the proxy's allowed origins."
            }
            Self::OtherUser => "The session belongs to another user of this browser. A new session is started.",
            Self::KeySpent => {
                "It is unknown whether the last request created a session. It is repeated with a new key."
            }
            Self::NotFound => {
                "The proxy does not know this session or path. Check proxy-url, the session id and the client token."
            }
            Self::RateLimited => "Too many requests at the moment.",
            Self::Refused => "The proxy refused the request. Check platform-id and the options.",
            Self::Server => "The proxy or the provider had an error. See the proxy's log.",
            Self::BadResponse => "The proxy's response cannot be parsed. Check that proxy-url leads to the proxy.",
            Self::ContractVersion => "The versions of component and proxy are too far apart. Update the older one.",
        }
    }

    /// Whether asking the same once more can help.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Network | Self::KeySpent | Self::RateLimited | Self::Server | Self::BadResponse)
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What can be told of an iframe from outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameSignal {
    /// It fired `load`. That proves nothing: a refused page fires it too.
    Loaded,
    /// It sent a message from the right origin. What the message says is of no account.
    Hint,
    /// Our own page's `frame-src` refused it.
    CspBlocked,
    /// It was moved in the DOM, which loaded it again, or removed.
    Lost,
}

impl FrameSignal {
    fn name(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Hint => "hint",
            Self::CspBlocked => "blocked",
            Self::Lost => "lost",
        }
    }
}

/// What can be told of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PageSignal {
    /// The user looks at it.
    Visible,
    /// The user looks elsewhere.
    Hidden,
    /// It may be put away at any moment, its requests with it.
    Frozen,
    /// It came back from the back-forward cache or a freeze.
    Restored,
    /// There is a network again.
    Online,
    /// There is none.
    Offline,
}

impl PageSignal {
    fn name(self) -> &'static str {
        match self {
            Self::Visible => "visible",
            Self::Hidden => "hidden",
            Self::Frozen => "frozen",
            Self::Restored => "restored",
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }
}

/// What the host page or the user can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HostAction {
    /// Ask now; after a create that failed, try again.
    Refresh,
    /// The same session in a new iframe.
    Remount,
    /// End this session as closed and begin another.
    StartAgain,
    /// Go on here with a session that another page shows.
    UseHere,
    /// End this session as closed.
    Close,
    /// Stop, silently.
    Destroy,
}

impl HostAction {
    fn name(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Remount => "remount",
            Self::StartAgain => "start again",
            Self::UseHere => "use here",
            Self::Close => "close",
            Self::Destroy => "destroy",
        }
    }
}
