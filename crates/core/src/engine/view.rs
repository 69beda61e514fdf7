use serde::{Deserialize, Serialize};

use super::end::SessionEnd;
use super::input::FailureKind;
use super::secret::EmbedUrl;
use super::{Engine, State};
use crate::contract::SessionPlatform;
use crate::time::Millis;
use crate::wire::SessionStatus;

/// All there is to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// What to show in the large.
    pub stage: Stage,
    /// A UUID, once there is a session.
    pub session_id: Option<String>,
    /// The provider's last status.
    pub status: Option<SessionStatus>,
    /// The furthest step so far.
    pub step: Step,
    /// The greatest progress so far, 0–100.
    pub progress: u8,
    /// The platform, once known.
    pub platform: Option<SessionPlatform>,
    /// Whether another page of this browser shows the session.
    pub elsewhere: bool,
    /// How we stand with the server.
    pub connection: Connection,
    /// Whether it takes longer than usual.
    pub slow: bool,
    /// Whether the server denies all knowledge of the session.
    pub stalled: bool,
    /// What is in the frame's place.
    pub frame: FrameView,
    /// A fresh URL to offer as a link to a new window.
    pub window: Option<EmbedUrl>,
    /// Minutes until the session ends by itself, when they are few.
    pub minutes_left: Option<u32>,
    /// Seconds until the next try, after the server named a time.
    pub retry_secs: Option<u32>,
}

/// What to show in the large.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Nothing was started: the platform picker.
    #[default]
    Idle,
    /// A session is being created.
    Creating,
    /// Creating failed, and the user decides.
    NotStarted(FailureKind),
    /// A session is under way.
    Live,
    /// It ended.
    Ended(SessionEnd),
    /// Nothing, for good.
    Destroyed,
}

/// The four steps that users see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The window opens.
    #[default]
    Connect,
    /// The user signs in.
    SignIn,
    /// Account data is read.
    ReadDetails,
    /// The attestation is made.
    Check,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Connect, Self::SignIn, Self::ReadDetails, Self::Check];

    /// Its name, as events give it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::SignIn => "sign-in",
            Self::ReadDetails => "read-details",
            Self::Check => "check",
        }
    }

    /// The step after `status`, where `self` is the furthest so far. Steps never go back.
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

/// How we stand with the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// It answers.
    #[default]
    Fine,
    /// It does not, and we keep trying.
    Reconnecting,
    /// It has too much to do, and we keep trying.
    Busy,
    /// The device has no network.
    Offline,
}

/// What is in the frame's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameView {
    /// Nothing yet.
    #[default]
    None,
    /// The iframe.
    Shown,
    /// An iframe that our own page's policy refused.
    Blocked,
    /// Nothing: the server has no URL that was not used before.
    Unavailable,
}

impl Engine {
    /// Draws the state.
    pub(super) fn draw(&self) -> View {
        match &self.state {
            State::Idle => View::default(),
            State::Creating(creating) => View {
                stage: Stage::Creating,
                connection: self.create_connection(creating),
                slow: self.create_is_slow(creating),
                retry_secs: creating.retry_at.filter(|_| creating.busy).map(|at| self.seconds_until(at)),
                ..View::default()
            },
            State::NotStarted(_, kind) => View { stage: Stage::NotStarted(*kind), ..View::default() },
            State::Live(live) => View { stage: Stage::Live, ..self.draw_live(live) },
            State::Ended(end, live) => {
                let last = live.as_ref().map(|live| self.draw_live(live)).unwrap_or_default();
                View {
                    stage: Stage::Ended(end.clone()),
                    session_id: last.session_id,
                    status: last.status,
                    step: last.step,
                    progress: last.progress,
                    platform: last.platform,
                    ..View::default()
                }
            }
            State::Destroyed => View { stage: Stage::Destroyed, ..View::default() },
        }
    }

    fn seconds_until(&self, at: Millis) -> u32 {
        u32::try_from(at.since(self.now.mono).0.div_ceil(1000)).unwrap_or(u32::MAX)
    }
}
