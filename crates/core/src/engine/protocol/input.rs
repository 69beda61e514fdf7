use std::fmt;

use serde::{Deserialize, Serialize};

use super::ClientToken;
use crate::contract::{Created, FrameUrl, SessionView};
use crate::time::{Millis, UnixMillis};

/// The current time, as the driver reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Monotonic clock. Used for every timer.
    pub mono: Millis,
    /// The device's clock, which users can set. Used only to notice that it or the device's sleep made the server's time
    /// unknown, and until the server has reported its time.
    pub wall: UnixMillis,
}

/// Identifies a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub u32);

/// Identifies an iframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub u32);

/// An event from outside that the engine processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// Start a verification. Ignored unless the engine is idle.
    Start(Start),
    /// Result of [`Effect::Create`](super::Effect::Create).
    Created(CallId, Result<Created, Failure>),
    /// Result of [`Effect::PollStatus`](super::Effect::PollStatus).
    Status(CallId, StatusResponse),
    /// Result of [`Effect::FetchEmbedUrl`](super::Effect::FetchEmbedUrl).
    Embed(CallId, Result<FrameUrl, Failure>),
    /// True if this tab owns the session with this id, false if another tab does. May change at any time.
    Ownership(String, bool),
    /// An observation about an iframe.
    Frame(FrameId, FrameSignal),
    /// A change of the page's state.
    Page(PageSignal),
    /// A request from the host page or the user.
    Host(HostAction),
    /// The deadline has passed.
    Tick,
}

impl Input {
    /// Returns a short name and a detail for logs. The only data in it is the kind of a failure.
    pub fn name(&self) -> (&'static str, &'static str) {
        fn outcome<T>(result: &Result<T, Failure>) -> &'static str {
            result.as_ref().map_or_else(|failure| failure.kind.code(), |_| "ok")
        }
        match self {
            Self::Start(Start::New { .. }) => ("start", "new"),
            Self::Start(Start::Given(_)) => ("start", "given"),
            Self::Start(Start::Resume(_)) => ("start", "resume"),
            Self::Created(_, result) => ("created", outcome(result)),
            Self::Status(_, response) => ("status", outcome(&response.result)),
            Self::Embed(_, result) => ("embed URL", outcome(result)),
            Self::Ownership(_, true) => ("ownership", "this tab"),
            Self::Ownership(_, false) => ("ownership", "another tab"),
            Self::Frame(_, signal) => ("frame", signal.name()),
            Self::Page(signal) => ("page", signal.name()),
            Self::Host(action) => ("host", action.name()),
            Self::Tick => ("tick", ""),
        }
    }
}

/// The way a verification starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Start {
    /// Create a session.
    #[serde(rename_all = "camelCase")]
    New {
        /// Platform whose account is verified.
        platform_id: u64,
        /// Idempotency key of a create that may already have reached the server.
        key: Option<String>,
        /// Failure of a create that was just sent with this key. It counts as the outcome of the first attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
    /// Use a session that was created already.
    Given(Created),
    /// Resume a session that started before this page was loaded.
    Resume(Resume),
}

/// The stored data with which a reloaded page resumes a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// A UUID.
    pub session_id: String,
    /// Authorizes requests for this session.
    pub client_token: ClientToken,
    /// Platform that a restart verifies.
    #[serde(default)]
    pub platform_id: Option<u64>,
    /// Time at which the provider ends the session.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
}

/// The result of a status poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusResponse {
    /// The session, or the failure.
    pub result: Result<SessionView, Failure>,
    /// True if the request was a long poll. It is not when the driver asked for no wait, although the engine allowed one.
    pub long_polled: bool,
}

/// A failed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// The server's `Retry-After`, as a duration.
    pub retry_after: Option<Millis>,
}

/// The kind of a request's failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// No response: no network, no server, or a timeout.
    Network,
    /// 401 or 403, or a redirect to a sign-in page.
    Forbidden,
    /// 403 with the code `other-user`: the session belongs to a previous user of this browser.
    OtherUser,
    /// 404.
    NotFound,
    /// 409 with the code `key-spent`: it is unknown whether a session was created for this idempotency key, and the
    /// proxy does not try again.
    KeySpent,
    /// 429.
    RateLimited,
    /// Any other 4xx: repeating the request cannot succeed.
    Refused,
    /// 5xx.
    Server,
    /// A response of the proxy that cannot be parsed.
    BadResponse,
    /// A response that is not the proxy's: of a gateway, a firewall or a sign-in page between the page and the proxy.
    Intermediary,
    /// The contract versions of component and proxy are too far apart.
    ContractVersion,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Network,
        Self::Forbidden,
        Self::OtherUser,
        Self::NotFound,
        Self::KeySpent,
        Self::RateLimited,
        Self::Refused,
        Self::Server,
        Self::BadResponse,
        Self::Intermediary,
        Self::ContractVersion,
    ];

    /// Returns the kind with this [code](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Returns the code that developers see.
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
            Self::Intermediary => "intermediary",
            Self::ContractVersion => "contract-version",
        }
    }

    /// Returns true if repeating the request may succeed.
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Network
            | Self::KeySpent
            | Self::RateLimited
            | Self::Server
            | Self::BadResponse
            | Self::Intermediary => true,
            Self::Forbidden | Self::OtherUser | Self::NotFound | Self::Refused | Self::ContractVersion => false,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An observation about an iframe, made from outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FrameSignal {
    /// It fired `load`. This proves nothing: a refused page fires it too.
    Loaded,
    /// It sent a message from the expected origin. The content of the message is ignored.
    Hint,
    /// The `frame-src` policy of our own page refused it.
    CspBlocked,
    /// It was moved in the DOM, which reloaded it, or removed.
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

/// A change of the page's visibility, lifecycle or network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PageSignal {
    /// The page became visible.
    Visible,
    /// The page became hidden.
    Hidden,
    /// The browser may freeze the page or move it to the back-forward cache at any moment, with its requests.
    Frozen,
    /// The page returned from the back-forward cache or a freeze.
    Restored,
    /// The browser reports that the device has a network again.
    Online,
    /// The browser reports that the device has no network. It may be wrong.
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

/// A request from the host page or the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HostAction {
    /// Poll now; after a failed create, try again.
    Refresh,
    /// Show the same session in a new iframe.
    Remount,
    /// Close this session and start another.
    StartAgain,
    /// Continue in this tab a session that another tab shows.
    UseHere,
    /// Close this session.
    Close,
    /// Stop without emitting anything.
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
