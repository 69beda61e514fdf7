//! Sessions: state, lifecycle, embed tokens and the store that holds them.

mod account;
mod end;
mod lifecycle;
mod owner;
mod page_access;
mod store;
mod tokens;

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::SessionStatus;

pub(crate) use account::proof_hash;
pub(crate) use end::{End, EndKind};
pub(crate) use lifecycle::{Pace, Phase};
pub(crate) use owner::Owner;
pub(crate) use store::{Seq, SessionStore};

use lifecycle::Next;
use page_access::PageAccess;

use super::platforms::PlatformEntry;
use super::settings::Settings;
use crate::users::{FrameTrouble, Lack, Outcome, TestUser};

/// A session.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) platform: &'static PlatformEntry,
    pub(crate) created_at: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    pub(crate) webhook: Option<WebhookTarget>,
    pub(crate) external_reference_id: Option<String>,
    /// Test user that the session follows: set at create, by a control route or by signing in.
    user: &'static TestUser,
    pub(crate) page: PageAccess,
    state: State,
}

impl std::fmt::Debug for Session {
    /// Omits keys, tokens, addresses and data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("status", &self.status()).finish_non_exhaustive()
    }
}

/// Webhook target of a session.
#[derive(Clone)]
pub(crate) struct WebhookTarget {
    pub(crate) url: String,
    /// True for the session's own URL, false for the dashboard's.
    pub(crate) own: bool,
}

impl std::fmt::Debug for WebhookTarget {
    /// Omits the URL, whose path is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookTarget").field("own", &self.own).finish_non_exhaustive()
    }
}

/// Result of opening the frame page with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageOpening {
    Opened,
    /// The token is unknown, used or expired.
    Refused,
    /// The token was used up, but this test user's page never loads.
    NeverLoads,
}

/// A session is either live or ended.
enum State {
    Live(Live),
    Ended(End),
}

struct Live {
    phase: Phase,
    since: UnixMillis,
    /// Status forced by a control route: shown instead of the phase's status. The phase does not advance meanwhile.
    held: Option<SessionStatus>,
}

impl Session {
    pub(crate) fn new(
        id: String,
        owner: Owner,
        platform: &'static PlatformEntry,
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
            page: PageAccess::default(),
            state: State::Live(Live { phase: Phase::Created, since: created_at, held: None }),
        }
    }

    /// Returns the status that the API shows.
    pub(crate) fn status(&self) -> SessionStatus {
        match &self.state {
            State::Live(live) => live.held.clone().unwrap_or_else(|| live.phase.status()),
            State::Ended(end) => end.kind.status(),
        }
    }

    /// Returns the phase; `None` once the session has ended.
    pub(crate) fn phase(&self) -> Option<Phase> {
        match &self.state {
            State::Live(live) => Some(live.phase),
            State::Ended(_) => None,
        }
    }

    /// Returns the end; `None` while the session is live.
    pub(crate) fn end(&self) -> Option<&End> {
        match &self.state {
            State::Live(_) => None,
            State::Ended(end) => Some(end),
        }
    }

    /// Returns the test user that the session follows.
    pub(crate) fn user(&self) -> &'static TestUser {
        self.user
    }

    /// Opens the page with `token`, which connects the user if the browser is ready. `key` is the new page's key.
    pub(crate) fn open_page(&mut self, token: &str, key: String, at: UnixMillis) -> PageOpening {
        if !self.page.tokens.redeem(token, at) {
            return PageOpening::Refused;
        }
        if self.user.frame == Some(FrameTrouble::NeverLoads) {
            return PageOpening::NeverLoads;
        }
        self.page.open(key);
        let is_ready = self.phase() == Some(Phase::Ready) && self.status() == SessionStatus::Ready;
        if is_ready && !self.is_stuck_in(Phase::Ready) {
            self.enter(Phase::Connected, at);
        }
        PageOpening::Opened
    }

    /// Signs in as `user`, whom the session follows from now on.
    pub(crate) fn sign_in(&mut self, user: &'static TestUser, at: UnixMillis) {
        self.user = user;
        self.enter(Phase::Checking { passed: 0 }, at);
    }

    /// Returns true if the session's test user stays in `phase` until a control route moves it.
    fn is_stuck_in(&self, phase: Phase) -> bool {
        self.user.stuck_at.as_ref() == Some(&phase.status())
    }

    /// Returns the time of the next automatic transition; `None` once the session has ended.
    pub(crate) fn due(&self, pace: Pace) -> Option<UnixMillis> {
        let State::Live(live) = &self.state else { return None };
        let phase_ends = self.duration(live, pace).map(|length| live.since + length);
        Some(phase_ends.map_or(self.expires_at, |ends| ends.min(self.expires_at)))
    }

    /// Returns the duration of the current phase; `None` if it does not end by itself.
    fn duration(&self, live: &Live, pace: Pace) -> Option<cr3dentials_core::time::Millis> {
        if live.held.is_some() || self.is_stuck_in(live.phase) {
            return None;
        }
        let duration = live.phase.duration(self.page.is_open())?;
        Some(pace.times(self.user.pace).scale(duration))
    }

    /// Performs the transition due at time `at`.
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

    /// Follows `user` from now on. A challenge that this user does not have is skipped.
    pub(crate) fn follow(&mut self, user: &'static TestUser, at: UnixMillis) {
        self.user = user;
        if let Some(Phase::Challenge { challenge, passed, .. }) = self.phase()
            && !user.challenges().any(|other| other == challenge)
        {
            self.enter(Phase::Checking { passed }, at);
        }
    }

    /// Moves a live session to `phase` and clears a forced status.
    pub(crate) fn enter(&mut self, phase: Phase, at: UnixMillis) {
        if let State::Live(live) = &mut self.state {
            *live = Live { phase, since: at, held: None };
        }
    }

    /// Forces `status` on a live session; `None` clears it, and the session resumes in its phase.
    pub(crate) fn hold(&mut self, status: Option<SessionStatus>, at: UnixMillis) {
        if let State::Live(live) = &mut self.state {
            (live.held, live.since) = (status, at);
        }
    }

    /// Ends a live session with a test user's outcome.
    pub(crate) fn finish_as(&mut self, outcome: Outcome, lacks: Option<Lack>, at: UnixMillis, pace: Pace) {
        let kind = EndKind::of(outcome, lacks, self.platform.kind, at);
        self.finish(kind, at, pace);
    }

    /// Ends a live session. Does nothing if it has ended already.
    pub(crate) fn finish(&mut self, kind: EndKind, at: UnixMillis, pace: Pace) {
        if self.end().is_some() {
            return;
        }
        let progress = if matches!(kind, EndKind::Completed { .. }) { 100 } else { self.progress(at, pace) };
        self.state = State::Ended(End { kind, at, progress });
        self.page.tokens.clear();
    }

    /// Returns the progress in percent, interpolated within the phase.
    pub(crate) fn progress(&self, now: UnixMillis, pace: Pace) -> u8 {
        let live = match &self.state {
            State::Live(live) => live,
            State::Ended(end) => return end.progress,
        };
        let (from, to) = live.phase.progress();
        let Some(duration) = self.duration(live, pace) else { return from };
        let elapsed = now.since(live.since).max(0).cast_unsigned().min(duration.0);
        // At most `to - from`, so the cast is lossless.
        from + (u64::from(to - from) * elapsed / duration.0) as u8
    }

    /// Returns the URL that opens the frame page with `token`.
    pub(crate) fn embed_url(&self, token: &str, settings: &Settings) -> String {
        format!("{}/verify/{}?token={token}", settings.frame_origin, self.id)
    }

    /// Returns the URL of the WebSocket that drives the page.
    pub(crate) fn stream_url(&self, settings: &Settings) -> String {
        // http becomes ws, and https becomes wss.
        format!("{}/stream/{}", settings.frame_origin.replacen("http", "ws", 1), self.id)
    }
}
