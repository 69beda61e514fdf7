//! One session and its state. What the partner sees of it is in `show`.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::SessionStatus;
use serde_json::Value;

use super::account;
use super::keys::Owner;
use super::lifecycle::{Next, Pace, Phase};
use super::platforms::Entry;
use super::tokens::Tokens;
use crate::users::{Lack, Outcome, TestUser};

/// A session.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) platform: &'static Entry,
    pub(crate) created_at: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    pub(crate) webhook: Option<Webhook>,
    pub(crate) external_reference_id: Option<String>,
    /// Whose road the session takes: chosen beforehand, or by signing in.
    pub(crate) user: &'static TestUser,
    /// Good for the page that was opened last, and for no other.
    pub(crate) frame_key: Option<String>,
    /// How often the page's stream was opened, and how often it was to be cut.
    pub(crate) streams: u32,
    pub(crate) cuts: u32,
    /// What opens the page.
    pub(crate) tokens: Tokens,
    state: State,
}

impl std::fmt::Debug for Session {
    /// Without keys, tokens, addresses and data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Where the end is announced.
#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    /// Whether the URL is the session's own, not the dashboard's.
    pub(crate) own: bool,
}

impl std::fmt::Debug for Webhook {
    /// Without the URL, whose path is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("own", &self.own).finish_non_exhaustive()
    }
}

/// An ended session has an end and a live one has none.
enum State {
    Live(Live),
    Ended(End),
}

struct Live {
    phase: Phase,
    since: UnixMillis,
    /// A status forced by the control route: shown instead of the phase's own, which does not move meanwhile.
    held: Option<SessionStatus>,
}

/// How a session ended. It never changes again.
pub(crate) struct End {
    pub(crate) kind: EndKind,
    pub(crate) at: UnixMillis,
    progress: u8,
}

/// The five ends.
pub(crate) enum EndKind {
    Completed { data: Value, proven: bool },
    Partial { data: Option<Value> },
    Failed { code: Option<&'static str>, message: &'static str },
    Cancelled,
    Terminated,
}

impl EndKind {
    pub(crate) fn status(&self) -> SessionStatus {
        match self {
            Self::Completed { .. } => SessionStatus::Completed,
            Self::Partial { .. } => SessionStatus::PartialComplete,
            Self::Failed { .. } => SessionStatus::Error,
            Self::Cancelled => SessionStatus::Cancelled,
            Self::Terminated => SessionStatus::Terminated,
        }
    }

    pub(crate) fn data(&self) -> Option<&Value> {
        match self {
            Self::Completed { data, .. } => Some(data),
            Self::Partial { data } => data.as_ref(),
            Self::Failed { .. } | Self::Cancelled | Self::Terminated => None,
        }
    }

    /// Whether there is an attestation. Undocumented for a partial end: `partial` says.
    pub(crate) fn is_proven(&self, partial: bool) -> bool {
        match self {
            Self::Completed { proven, .. } => *proven,
            Self::Partial { data } => partial && data.is_some(),
            Self::Failed { .. } | Self::Cancelled | Self::Terminated => false,
        }
    }
}

impl Session {
    pub(crate) fn new(
        id: String,
        owner: Owner,
        platform: &'static Entry,
        user: &'static TestUser,
        [created_at, expires_at]: [UnixMillis; 2],
    ) -> Self {
        Self {
            id,
            owner,
            platform,
            created_at,
            expires_at,
            webhook: None,
            external_reference_id: None,
            user,
            frame_key: None,
            streams: 0,
            cuts: 0,
            tokens: Tokens::default(),
            state: State::Live(Live { phase: Phase::Created, since: created_at, held: None }),
        }
    }

    /// The status, as the partner sees it.
    pub(crate) fn status(&self) -> SessionStatus {
        match &self.state {
            State::Live(live) => live.held.clone().unwrap_or_else(|| live.phase.status()),
            State::Ended(end) => end.kind.status(),
        }
    }

    /// The phase, while the session is live.
    pub(crate) fn phase(&self) -> Option<Phase> {
        match &self.state {
            State::Live(live) => Some(live.phase),
            State::Ended(_) => None,
        }
    }

    /// How it ended, once it has.
    pub(crate) fn end(&self) -> Option<&End> {
        match &self.state {
            State::Live(_) => None,
            State::Ended(end) => Some(end),
        }
    }

    /// Whether the session stays in `phase` until somebody else moves it.
    pub(crate) fn is_stuck_in(&self, phase: Phase) -> bool {
        self.user.stuck_at.as_ref() == Some(&phase.status())
    }

    /// When something happens to it by itself; `None` once it has ended.
    pub(crate) fn due(&self, pace: Pace) -> Option<UnixMillis> {
        let State::Live(live) = &self.state else { return None };
        let phase_ends = self.lasts(live, pace).map(|length| live.since + length);
        Some(phase_ends.map_or(self.expires_at, |ends| ends.min(self.expires_at)))
    }

    /// How long the phase lasts; `None` when it does not end by itself.
    fn lasts(&self, live: &Live, pace: Pace) -> Option<cr3dentials_core::time::Millis> {
        if live.held.is_some() || self.is_stuck_in(live.phase) {
            return None;
        }
        let length = live.phase.lasts(self.frame_key.is_some())?;
        Some(pace.times(self.user.pace).scale(length))
    }

    /// Plays what is due `at` that time.
    pub(crate) fn step(&mut self, at: UnixMillis, pace: Pace) {
        if at >= self.expires_at {
            return self.finish(EndKind::Terminated, at, pace);
        }
        match self.phase().map(|phase| phase.next(self.user)) {
            Some(Next::Phase(phase)) => self.enter(phase, at),
            Some(Next::End(outcome)) => self.finish_as(outcome, self.user.lacks, at, pace),
            None => {}
        }
    }

    /// Takes the road of `user` from here on. What that one is never asked for is not waited for any more.
    pub(crate) fn play_as(&mut self, user: &'static TestUser, at: UnixMillis) {
        self.user = user;
        if let Some(Phase::Asking { ask, answered, .. }) = self.phase()
            && !user.asks().any(|other| other == ask)
        {
            self.enter(Phase::Checking { answered }, at);
        }
    }

    /// Moves a live session to `phase`, which ends a hold.
    pub(crate) fn enter(&mut self, phase: Phase, at: UnixMillis) {
        if let State::Live(live) = &mut self.state {
            *live = Live { phase, since: at, held: None };
        }
    }

    /// Shows `status` from now on, or with `None` goes on where the session was.
    pub(crate) fn hold(&mut self, status: Option<SessionStatus>, at: UnixMillis) {
        if let State::Live(live) = &mut self.state {
            (live.held, live.since) = (status, at);
        }
    }

    /// Ends a live session the way a test user's does.
    pub(crate) fn finish_as(&mut self, outcome: Outcome, lacks: Option<Lack>, at: UnixMillis, pace: Pace) {
        let kind = self.platform.kind;
        let kind = match outcome {
            Outcome::Completed => {
                EndKind::Completed { data: account::complete(kind, at), proven: lacks != Some(Lack::Attestation) }
            }
            Outcome::Partial => {
                EndKind::Partial { data: (lacks != Some(Lack::Data)).then(|| account::partial(kind, at)) }
            }
            Outcome::Failed if lacks == Some(Lack::Code) => {
                EndKind::Failed { code: None, message: "The workflow stopped for a reason nobody noted (simulated)" }
            }
            Outcome::Failed => EndKind::Failed {
                code: Some("ACCOUNT_LOCKED"),
                message: "The platform reported that the account is locked (simulated)",
            },
            Outcome::Cancelled => EndKind::Cancelled,
            Outcome::Terminated => EndKind::Terminated,
        };
        self.finish(kind, at, pace);
    }

    /// Ends a live session. One that has ended stays as it is.
    pub(crate) fn finish(&mut self, kind: EndKind, at: UnixMillis, pace: Pace) {
        if self.end().is_some() {
            return;
        }
        let progress = if matches!(kind, EndKind::Completed { .. }) { 100 } else { self.progress(at, pace) };
        self.state = State::Ended(End { kind, at, progress });
        self.tokens.clear();
    }

    /// Progress in per cent; it rises a little within a phase too.
    pub(crate) fn progress(&self, now: UnixMillis, pace: Pace) -> u8 {
        let live = match &self.state {
            State::Live(live) => live,
            State::Ended(end) => return end.progress,
        };
        let (from, to) = live.phase.progress();
        let Some(length) = self.lasts(live, pace) else { return from };
        let passed = now.since(live.since).max(0).cast_unsigned().min(length.0);
        // At most the distance between two percentages, so it fits.
        from + (u64::from(to - from) * passed / length.0) as u8
    }
}
