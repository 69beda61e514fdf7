use super::ask::Asking;
use super::claim::Claim;
use super::effect::Effect;
use super::end::EndReason;
use super::event::{self, Event};
use super::frame::FrameState;
use super::input::{CallId, Failure, FailureKind, Resume, StatusResponse};
use super::secret::{ClientToken, EmbedUrl};
use super::view::{Connection, FrameView, Step, View};
use super::{Engine, State};
use crate::contract::{Created, SessionPlatform, SessionView};
use crate::time::{Millis, UnixMillis};
use crate::wire::SessionStatus;

/// A session under way.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) session_id: String,
    pub(super) platform_id: Option<u64>,
    pub(super) platform: Option<SessionPlatform>,
    pub(super) resumed: bool,
    pub(super) claim: Claim,
    /// Whether any server has spoken of this session yet.
    pub(super) seen: bool,
    pub(super) rev: u64,
    pub(super) status: Option<SessionStatus>,
    pub(super) status_since: Millis,
    /// The progress as the server gave it last.
    raw_progress: u8,
    pub(super) progress: u8,
    pub(super) step: Step,
    pub(super) expires_at: Option<UnixMillis>,
    /// The server's clock minus the device's, in milliseconds.
    clock_offset: i64,
    pub(super) expiry_asked: bool,
    pub(super) expiring_told: bool,
    pub(super) minutes_left: Option<u32>,
    pub(super) changed_at: Millis,
    pub(super) ask: Option<Asking>,
    pub(super) ask_at: Millis,
    pub(super) ask_fresh: bool,
    pub(super) hint_cancels: u32,
    pub(super) server_holds: bool,
    pub(super) failures: u32,
    pub(super) busy: bool,
    pub(super) denials: u32,
    pub(super) denied_since: Millis,
    pub(super) stalled: bool,
    pub(super) frame: FrameState,
}

impl Live {
    fn new(session_id: String, now: Millis) -> Self {
        Self {
            session_id,
            platform_id: None,
            platform: None,
            resumed: false,
            claim: Claim::default(),
            seen: false,
            rev: 0,
            status: None,
            status_since: now,
            raw_progress: 0,
            progress: 0,
            step: Step::default(),
            expires_at: None,
            clock_offset: 0,
            expiry_asked: false,
            expiring_told: false,
            minutes_left: None,
            changed_at: now,
            ask: None,
            ask_at: now,
            ask_fresh: false,
            hint_cancels: 0,
            server_holds: true,
            failures: 0,
            busy: false,
            denials: 0,
            denied_since: now,
            stalled: false,
            frame: FrameState::default(),
        }
    }

    /// Milliseconds until `expiresAt` by the server's clock; negative past it.
    pub(super) fn until_expiry(&self, wall: UnixMillis) -> Option<i64> {
        self.expires_at.map(|at| at.since(self.server_now(wall)))
    }

    fn server_now(&self, wall: UnixMillis) -> UnixMillis {
        UnixMillis(wall.0.saturating_add(self.clock_offset))
    }

    fn correct_clock(&mut self, server_time: Option<UnixMillis>, wall: UnixMillis) {
        if let Some(server_time) = server_time {
            self.clock_offset = server_time.since(wall);
        }
    }

    /// Takes over what the server says, and answers whether anything of it is new.
    fn take(&mut self, view: &SessionView, now: Millis) -> bool {
        let status_moved = self.status.as_ref() != Some(&view.status);
        let changed = status_moved
            || self.raw_progress != view.progress
            || view.expires_at.is_some_and(|at| self.expires_at != Some(at));
        if status_moved {
            self.status = Some(view.status.clone());
            self.status_since = now;
        }
        if changed {
            self.changed_at = now;
        }
        self.rev = view.rev;
        self.raw_progress = view.progress;
        self.progress = self.progress.max(view.progress.min(100));
        self.step = self.step.after(&view.status);
        self.expires_at = view.expires_at.or(self.expires_at);
        self.platform_id = view.platform_id.or(self.platform_id);
        if view.platform.is_some() {
            self.platform.clone_from(&view.platform);
        }
        changed
    }
}

impl Engine {
    /// A session exists: show its frame and watch it.
    pub(super) fn begin_live(&mut self, created: Created) {
        let mut live = Live::new(created.session_id, self.now.mono);
        live.correct_clock(created.server_time, self.now.wall);
        live.expires_at = created.expires_at;
        live.platform_id = created.platform_id.or(self.platform_id);
        self.platform_id = live.platform_id;
        self.out.push(Effect::Save(Resume {
            session_id: live.session_id.clone(),
            client_token: ClientToken(created.client_token),
            platform_id: live.platform_id,
            expires_at: live.expires_at,
        }));
        let (session_id, status, step) = (live.session_id.clone(), created.status.clone(), live.step);
        live.status = Some(created.status);
        self.state = State::Live(Box::new(live));
        self.ask_for_claim(false);
        self.emit(Event::Status(event::Status { session_id, status, step }));
        self.mount(EmbedUrl(created.embed_url));
    }

    /// A session exists since before this page was loaded: ask first, the frame comes when it is known to live.
    pub(super) fn begin_resume(&mut self, resume: Resume) {
        let mut live = Live::new(resume.session_id.clone(), self.now.mono);
        live.expires_at = resume.expires_at;
        live.platform_id = resume.platform_id;
        live.resumed = true;
        live.claim = Claim::Pending;
        live.ask_fresh = true;
        self.platform_id = resume.platform_id;
        self.out.push(Effect::Save(resume));
        self.state = State::Live(Box::new(live));
        self.ask_for_claim(false);
    }

    /// Leaves the session if it is another user's, and returns whether it did.
    ///
    /// It belongs to someone who used this browser before, so nothing is said of it, and the user of now begins anew. A
    /// few times only: a user whose identity changes all the time is told, like anyone who is refused.
    pub(super) fn renews_after(&mut self, failure: &Failure) -> bool {
        if failure.kind != FailureKind::OtherUser || self.renewals >= self.config.renewals {
            return false;
        }
        self.renewals += 1;
        self.cancel_ask();
        self.cancel_embed();
        self.drop_frame();
        self.platform_id = None;
        self.state = State::Idle;
        self.out.extend([Effect::Forget, Effect::Renew]);
        true
    }

    /// What became of a status question. Answers to questions that are no longer open are dropped.
    pub(super) fn answered(&mut self, call: CallId, result: Result<StatusResponse, Failure>) {
        let Some(asking) = self.take_ask(call) else { return };
        match result {
            Ok(answer) => self.heard(&asking, &answer),
            Err(failure) => self.ask_failed(&asking, failure),
        }
    }

    fn heard(&mut self, asking: &Asking, answer: &StatusResponse) {
        let (now, view) = (self.now, &answer.view);
        let Some(live) = self.live() else { return };
        if view.session_id != live.session_id {
            return self.ask_failed(asking, Failure { kind: FailureKind::BadResponse, retry_after: None });
        }
        live.correct_clock(view.server_time, now.wall);
        let (old_status, old_progress) = (live.status.clone(), live.progress);
        let changed = live.take(view, now.mono);
        let first = !std::mem::replace(&mut live.seen, true);
        (live.failures, live.denials, live.busy, live.stalled) = (0, 0, false, false);

        let (session_id, progress, step) = (live.session_id.clone(), live.progress, live.step);
        let reason = EndReason::of(view, live.server_now(now.wall));
        let needs_frame = first && live.resumed && reason.is_none() && !live.frame.is_coming();
        self.platform_id = live.platform_id;
        self.renewals = 0;
        self.schedule_after_answer(asking, answer.long_polled, changed);

        if old_status.as_ref() != Some(&view.status) {
            self.emit(Event::Status(event::Status {
                session_id: session_id.clone(),
                status: view.status.clone(),
                step,
            }));
            if view.status == SessionStatus::AwaitingUser {
                self.emit(Event::Action(event::Action { session_id: session_id.clone() }));
            }
        }
        if progress != old_progress {
            self.emit(Event::Progress(event::Progress { session_id: session_id.clone(), progress }));
        }
        let has_attestation = view.has_attestation;
        match reason {
            Some(EndReason::Completed) => self.emit(Event::Complete(event::Complete { session_id, has_attestation })),
            Some(EndReason::Partial) => self.emit(Event::Partial(event::Partial { session_id, has_attestation })),
            _ => {}
        }
        if let Some(reason) = reason {
            self.end(reason, true);
        } else if needs_frame {
            self.want_frame();
        }
    }

    pub(super) fn live_deadline(&self, live: &Live) -> Option<Millis> {
        if !live.claim.is_ours() {
            return None;
        }
        let later = |at: Millis| Some(at).filter(|at| *at > self.now.mono);
        let slow = self.slow_after(live).and_then(|after| later(live.changed_at + after));
        let timers = [self.ask_deadline(live), self.frame_deadline(live), self.expiry_deadline(live), slow];
        timers.into_iter().flatten().min()
    }

    pub(super) fn draw_live(&self, live: &Live) -> View {
        View {
            session_id: Some(live.session_id.clone()),
            status: live.status.clone(),
            step: live.step,
            progress: live.progress,
            platform: live.platform.clone(),
            elsewhere: live.claim == Claim::Elsewhere,
            connection: self.live_connection(live),
            slow: self.slow_after(live).is_some_and(|after| self.now.mono >= live.changed_at + after),
            stalled: live.stalled,
            frame: live.frame.view(),
            window: live.frame.window.clone(),
            minutes_left: live.minutes_left,
            ..View::default()
        }
    }

    /// One failure is not worth a word; two are.
    fn live_connection(&self, live: &Live) -> Connection {
        match live {
            _ if !self.page.online => Connection::Offline,
            Live { failures: 2.., .. } => Connection::Reconnecting,
            _ => Connection::Fine,
        }
    }

    /// How long the session may stay as it is before that is called slow; `None` while it is the user's turn.
    fn slow_after(&self, live: &Live) -> Option<Millis> {
        match live.status.as_ref()? {
            SessionStatus::Ready | SessionStatus::AwaitingUser => None,
            SessionStatus::Created
            | SessionStatus::Initializing
            | SessionStatus::Connected
            | SessionStatus::LoadingTree => Some(self.config.slow_opening),
            _ if live.frame.view() == FrameView::Unavailable => None,
            _ => Some(self.config.slow_working),
        }
    }
}
