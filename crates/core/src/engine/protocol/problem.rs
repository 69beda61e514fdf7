use std::borrow::Cow;

use super::FailureKind;

/// Everything that the component reports as an error, for the host page's developers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A request to the proxy failed.
    Request(FailureKind),
    /// The page's options cannot be used, so nothing was started. Holds the reason.
    BadOptions(&'static str),
    /// Another tab of this browser shows the session.
    OtherTab,
    /// The page's `frame-src` policy refused the iframe.
    FrameBlocked,
    /// The proxy returned an embed URL that had been used before.
    UsedEmbedUrl,
    /// The provider ended the session with this error code, one of an open set.
    Provider(String),
}

impl Problem {
    /// Returns the code for programs: a value of the event's field `code`, listed in `docs/errors.md`.
    pub fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Request(kind) => kind.code(),
            Self::BadOptions(_) => "bad-options",
            Self::OtherTab => "other-tab",
            Self::FrameBlocked => "frame-blocked",
            Self::UsedEmbedUrl => FailureKind::BadResponse.code(),
            Self::Provider(code) => return Cow::Owned(["provider:", code].concat()),
        })
    }

    /// Returns what happened and what to do about it.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Request(kind) => match kind {
                FailureKind::Network => "The proxy cannot be reached. Check proxy-url, CORS and the network.",
                FailureKind::Forbidden => {
                    "The proxy refused the request. Check the user's sign-in and the proxy's allowed origins."
                }
                FailureKind::OtherUser => {
                    "The session belongs to another user of this browser. Check that your server identifies the user in the same \
                     way for every request."
                }
                FailureKind::KeySpent => {
                    "It is unknown whether the last request created a session. The next attempt uses a new key."
                }
                FailureKind::NotFound => {
                    "The proxy does not know this session or path. Check proxy-url, the session id and the client token."
                }
                FailureKind::RateLimited => "Too many requests at the moment.",
                FailureKind::Refused => "The proxy refused the request. Check platform-id and the options.",
                FailureKind::Server => "The proxy or the provider had an error. See the proxy's log.",
                FailureKind::BadResponse => {
                    "The proxy's response cannot be parsed. Check that proxy-url leads to the proxy."
                }
                FailureKind::Intermediary => {
                    "Something between the page and the proxy responded instead of it, such as a gateway, a firewall or a sign-in \
                     page. Check that proxy-url leads to the proxy."
                }
                FailureKind::ContractVersion => {
                    "The versions of component and proxy are too far apart. Update the older one."
                }
            },
            Self::BadOptions(reason) => reason,
            Self::OtherTab => {
                "Another tab, or another element of this page, shows this verification. The user can continue it here."
            }
            Self::FrameBlocked => "This page's Content-Security-Policy refuses the frame. Add its origin to frame-src.",
            Self::UsedEmbedUrl => "The proxy returned an embed URL that was used before. Start again.",
            Self::Provider(_) => "The provider ended the verification with this code. The user can try again.",
        }
    }
}
