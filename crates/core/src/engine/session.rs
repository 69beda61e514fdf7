//! A session in progress: routes inputs to the sub-machines, each of which owns its own state.

use super::Context;
use super::expiry::{Expiry, ExpiryAction};
use super::frame::{Frame, FrameOwner};
use super::health::Health;
use super::ownership::Ownership;
use super::poller::{Poll, PollResult, Poller};
use super::progress::Progress;
use super::protocol::event;
use super::protocol::{
    CallId, ClientToken, Effect, EmbedUrl, EndReason, Event, Failure, FailureKind, FrameId, FrameSignal, Problem,
    Resume, SessionEnd, Stage, StatusResponse, View,
};
use crate::contract::{Created, FrameUrl, SessionView};
use crate::time::Millis;

/// A session that exists and has not ended.
#[derive(Debug)]
pub(super) struct Session {
    id: String,
    /// The session started before this page was loaded, or returned from another tab.
    resumed: bool,
    /// The proxy has responded for this session.
    confirmed: bool,
    poller: Poller,
    health: Health,
    progress: Progress,
    expiry: Expiry,
    frame: Frame,
    ownership: Ownership,
}

/// The consequence of an input for the session as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum SessionOutcome {
    /// The session continues.
    Continue,
    /// The session belongs to another user: leave it without emitting anything, and start anew.
    Renew,
    /// The session ended.
    End(SessionEnd),
}

impl Session {
    /// Starts watching a session that was just created, and shows its iframe. `platform_id` is the requested platform.
    pub(super) fn created(ctx: &mut Context, created: Created, platform_id: Option<u64>) -> Self {
        let platform_id = created.platform_id.or(platform_id);
        let mut session = Self {
            id: created.session_id,
            resumed: false,
            confirmed: false,
            poller: Poller::new(ctx),
            health: Health::default(),
            progress: Progress::new(ctx.now.mono, platform_id, Some(created.status)),
            expiry: Expiry::new(ctx, created.expires_at),
            frame: Frame::default(),
            // A session that was just created cannot be open in another tab.
            ownership: Ownership::ThisTab,
        };
        session.expiry.sync_clock(ctx, created.server_time);
        ctx.push(Effect::Save(Resume {
            session_id: session.id.clone(),
            client_token: ClientToken(created.client_token),
            platform_id,
            expires_at: created.expires_at,
        }));
        Ownership::acquire(ctx, &session.id, false);
        session.progress.emit_status(ctx, &session.id);
        session.frame.mount(ctx, FrameOwner { session_id: &session.id, resumed: false }, EmbedUrl(created.embed_url));
        session
    }

    /// Starts watching a session that existed before this page was loaded. Its iframe is shown once the first response
    /// says that the session has not ended.
    pub(super) fn resumed(ctx: &mut Context, resume: Resume) -> Self {
        let session = Self {
            id: resume.session_id.clone(),
            resumed: true,
            confirmed: false,
            poller: Poller::fresh(ctx),
            health: Health::default(),
            progress: Progress::new(ctx.now.mono, resume.platform_id, None),
            expiry: Expiry::new(ctx, resume.expires_at),
            frame: Frame::default(),
            // The tab may be a copy of one that shows the session.
            ownership: Ownership::Pending,
        };
        ctx.push(Effect::Save(resume));
        Ownership::acquire(ctx, &session.id, false);
        session
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn platform_id(&self) -> Option<u64> {
        self.progress.platform_id()
    }

    /// Processes the result of a status poll. Results of polls that are no longer in flight are ignored.
    pub(super) fn on_status(&mut self, ctx: &mut Context, call: CallId, response: StatusResponse) -> SessionOutcome {
        let Some(poll) = self.poller.take_finished(call) else { return SessionOutcome::Continue };
        match response.result {
            Ok(view) if view.session_id != self.id => {
                let failure = Failure { kind: FailureKind::BadResponse, retry_after: None };
                self.on_poll_failure(ctx, &poll, failure, response.long_polled)
            }
            Ok(view) => self.apply_status(ctx, &poll, &view, response.long_polled),
            Err(failure) => self.on_poll_failure(ctx, &poll, failure, response.long_polled),
        }
    }

    fn apply_status(
        &mut self,
        ctx: &mut Context,
        poll: &Poll,
        view: &SessionView,
        long_polled: bool,
    ) -> SessionOutcome {
        self.health.reset();
        self.poller.responded(view.rev);
        ctx.session_confirmed();
        self.expiry.sync_clock(ctx, view.server_time);
        let expiry_changed = self.expiry.merge(view.expires_at);
        let changes = self.progress.merge(ctx, view, expiry_changed);
        let is_first = !std::mem::replace(&mut self.confirmed, true);
        let awaits_user = self.progress.awaits_user();
        let result = PollResult { long_polled, changed: changes.any, awaits_user };
        self.poller.schedule_next(ctx, poll, &result);

        self.progress.emit(ctx, &self.id, changes);
        let Some(reason) = EndReason::of(view, self.expiry.server_now(ctx)) else {
            if is_first && self.resumed && !self.frame.is_coming() {
                self.frame.request();
            }
            return SessionOutcome::Continue;
        };
        let (session_id, has_attestation) = (self.id.clone(), view.has_attestation);
        match reason {
            EndReason::Completed => ctx.emit(Event::Complete(event::Complete { session_id, has_attestation })),
            EndReason::Partial => ctx.emit(Event::Partial(event::Partial { session_id, has_attestation })),
            _ => {}
        }
        SessionOutcome::End(SessionEnd { reason, confirmed: true })
    }

    fn on_poll_failure(
        &mut self,
        ctx: &mut Context,
        poll: &Poll,
        failure: Failure,
        long_polled: bool,
    ) -> SessionOutcome {
        if ctx.should_renew(&failure) {
            return SessionOutcome::Renew;
        }
        self.record_poll_failure(ctx, poll, failure, long_polled);
        SessionOutcome::Continue
    }

    fn record_poll_failure(&mut self, ctx: &mut Context, poll: &Poll, failure: Failure, long_polled: bool) {
        if poll.was_hidden() && failure.kind == FailureKind::Network {
            return self.poller.retry_soon(ctx);
        }
        if self.poller.was_cut(ctx, poll, failure, long_polled) {
            return;
        }
        let failed = self.health.poll_failed(ctx, failure, self.resumed && !self.confirmed);
        self.poller.retry_after(ctx, failed.delay, failure.kind == FailureKind::RateLimited);
        if failed.is_reported {
            ctx.report(Some(&self.id), &Problem::Request(failure.kind), true);
        }
    }

    /// Processes the result of a request for an embed URL. Results of requests no longer in flight are ignored.
    pub(super) fn on_embed_url(
        &mut self,
        ctx: &mut Context,
        call: CallId,
        result: Result<FrameUrl, Failure>,
    ) -> SessionOutcome {
        if !self.frame.finish_fetch(call) {
            return SessionOutcome::Continue;
        }
        match result {
            Ok(url) => {
                let owner = FrameOwner { session_id: &self.id, resumed: self.resumed };
                self.frame.on_url(ctx, owner, EmbedUrl(url.embed_url));
            }
            Err(failure) if ctx.should_renew(&failure) => return SessionOutcome::Renew,
            Err(failure) => self.frame.on_failure(ctx, &self.id, failure),
        }
        SessionOutcome::Continue
    }

    pub(super) fn on_frame_signal(&mut self, ctx: &mut Context, frame: FrameId, signal: FrameSignal) {
        if self.frame.on_signal(ctx, &self.id, frame, signal) {
            self.poller.hint(ctx);
        }
    }

    /// Records who owns the session. When another tab has taken over, this one stops until the user continues here. It
    /// then starts like a reloaded page: with a poll, and a new iframe if the session is still in progress.
    pub(super) fn on_ownership(&mut self, ctx: &mut Context, session_id: &str, is_ours: bool) {
        if session_id != self.id || !self.ownership.decided(is_ours) {
            return;
        }
        (self.resumed, self.confirmed) = (true, false);
        self.health.reset();
        self.expiry.clear_minutes();
        self.frame.yield_to_other_tab();
        self.stop(ctx);
        ctx.report(Some(&self.id), &Problem::OtherTab, false);
    }

    /// Polls soon because the user asked for it.
    pub(super) fn refresh(&mut self, ctx: &mut Context) {
        self.poller.hint(ctx);
    }

    pub(super) fn poll_now(&mut self, ctx: &mut Context) {
        self.poller.poll_now(ctx);
    }

    pub(super) fn network_changed(&mut self, ctx: &mut Context) {
        self.poller.network_changed(ctx);
        self.poller.poll_now(ctx);
    }

    pub(super) fn network_doubted(&mut self, ctx: &mut Context) {
        self.poller.network_doubted(ctx);
    }

    pub(super) fn page_hidden(&mut self) {
        self.poller.page_hidden();
    }

    pub(super) fn page_frozen(&mut self, ctx: &mut Context) {
        self.poller.cancel(ctx);
        self.ownership.release(ctx);
    }

    pub(super) fn page_thawed(&mut self, ctx: &mut Context) {
        self.ownership.reacquire(ctx, &self.id);
    }

    pub(super) fn request_frame(&mut self) {
        self.frame.request();
    }

    /// Continues in this tab a session that another tab owns.
    pub(super) fn use_here(&mut self, ctx: &mut Context) {
        if self.ownership.steal(ctx, &self.id) {
            self.poller.refresh_next();
        }
    }

    /// Cancels the requests and removes the iframe.
    pub(super) fn stop(&mut self, ctx: &mut Context) {
        self.poller.cancel(ctx);
        self.frame.cancel_fetch(ctx);
        self.frame.remove(ctx);
    }

    pub(super) fn run_timers(&mut self, ctx: &mut Context) -> SessionOutcome {
        if self.ownership.is_ours() {
            match self.expiry.run(ctx, &self.id, self.health.is_failing()) {
                ExpiryAction::None => {}
                ExpiryAction::Poll => self.poller.poll_now(ctx),
                ExpiryAction::GiveUp => {
                    return SessionOutcome::End(SessionEnd { reason: EndReason::Expired, confirmed: false });
                }
            }
        }
        let timeout = Failure { kind: FailureKind::Network, retry_after: None };
        if let Some(poll) = self.poller.take_timed_out(ctx) {
            self.record_poll_failure(ctx, &poll, timeout, true);
        }
        if self.ownership.is_ours() {
            self.poller.send_if_due(ctx);
        }
        if self.frame.time_out_fetch(ctx) {
            self.frame.on_failure(ctx, &self.id, timeout);
        }
        self.frame.update_window(ctx, self.unseen_since());
        if self.ownership.is_ours() {
            self.frame.fetch_if_due(ctx);
        }
        SessionOutcome::Continue
    }

    /// Returns the next time at which a timer is due; `None` while another tab owns the session.
    pub(super) fn deadline(&self, ctx: &Context) -> Option<Millis> {
        if !self.ownership.is_ours() {
            return None;
        }
        let slow = self.progress.slow_at(ctx, self.frame.view()).filter(|at| *at > ctx.now.mono);
        let frame = self.frame.deadline(ctx, self.unseen_since());
        [self.poller.deadline(ctx), frame, self.expiry.deadline(ctx), slow].into_iter().flatten().min()
    }

    /// Returns the time since which the user must act and nothing is known of them. `READY` itself says that they have
    /// not connected, whatever the frame sends. Later only a silent frame is a sign that they see nothing.
    fn unseen_since(&self) -> Option<Millis> {
        let since = self.progress.users_turn_since()?;
        if self.progress.is_ready() { Some(since) } else { Some(self.frame.silent_since()?.max(since)) }
    }

    pub(super) fn view(&self, ctx: &Context) -> View {
        View {
            elsewhere: self.ownership.is_elsewhere(),
            connection: self.health.connection(ctx),
            slow: self.progress.is_slow(ctx, self.frame.view()),
            stalled: self.health.is_stalled(),
            frame: self.frame.view(),
            window: self.frame.window().cloned(),
            minutes_left: self.expiry.minutes_left(),
            ..self.summary(Stage::Live)
        }
    }

    /// Returns the view of the session once it has ended.
    pub(super) fn ended_view(&self, end: SessionEnd) -> View {
        self.summary(Stage::Ended(end))
    }

    fn summary(&self, stage: Stage) -> View {
        View {
            stage,
            session_id: Some(self.id.clone()),
            status: self.progress.status().cloned(),
            step: self.progress.step(),
            progress: self.progress.percent(),
            platform: self.progress.platform().cloned(),
            ..View::default()
        }
    }
}
