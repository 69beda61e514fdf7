//! A verification as a pure state machine: inputs go in, effects come out.
//!
//! The engine has no clock, no network and no randomness, so the browser, the property tests and the recorded
//! traces run the same rules. The driver performs the [`Effect`]s, reports their results as [`Input`]s, and
//! sends [`Input::Tick`] at [`Engine::deadline`]. Call ids make late and reordered responses harmless: the result of a
//! call that is no longer in flight is ignored.
//!
//! ```
//! use cr3dentials_core::engine::{Config, Effect, Engine, Input, Now, Start};
//!
//! let mut engine = Engine::new(Config::default(), 7);
//! let effects = engine.handle(Now::default(), Input::Start(Start::New { platform_id: 1, key: None, failure: None }));
//! assert!(matches!(effects[..], [Effect::Create { platform_id: 1, .. }]));
//! ```
//!
//! # Invariants
//!
//! Tested against random schedules:
//! - a message from the iframe can cause an earlier poll, and nothing else;
//! - no embed URL is mounted twice, and there is never more than one iframe;
//! - a session ends at most once, and nothing is emitted for it afterwards;
//! - neither a failed request nor a jump of the device's clock removes the iframe or ends the session.
//!
//! # Structure
//!
//! `protocol` has the vocabulary. [`Engine`] routes each input to the session creation (`creation`) or to the session
//! (`session`), whose sub-machines own private state: `poller` with its `long_polls`, `health`, `progress`, `expiry`,
//! `frame`, `ownership`. They do not know each other; what concerns several of them is decided in `session`. Each method
//! gets a `Context`: the time, the configuration, the page's state, and the list of effects to append to.

mod config;
mod context;
mod creation;
mod expiry;
mod frame;
mod health;
mod long_polls;
mod ownership;
mod poller;
mod progress;
mod protocol;
mod session;

pub use config::Config;
pub use protocol::{
    CallId, ClientToken, Connection, Effect, EmbedUrl, EndReason, Event, Failure, FailureKind, FrameId, FrameSignal,
    FrameView, HostAction, Input, Now, PageSignal, Problem, Resume, SessionEnd, Stage, Start, StatusResponse, Step,
    View, event,
};

use crate::contract::Created;
use crate::time::Millis;
use context::Context;
use creation::{Creation, CreationOutcome};
use session::{Session, SessionOutcome};

/// Runs one verification after another. See the [module](self).
#[derive(Debug)]
pub struct Engine {
    ctx: Context,
    /// Platform that a restart verifies.
    platform_id: Option<u64>,
    state: State,
    view: View,
}

#[derive(Debug)]
enum State {
    Idle,
    Creating(Creation),
    /// The create failed, and the user decides.
    NotStarted(Creation, FailureKind),
    Live(Box<Session>),
    Ended(SessionEnd, Option<Box<Session>>),
    Destroyed,
}

impl Engine {
    /// Creates an idle engine. `seed` determines jitter and idempotency keys; it must differ from page to page.
    pub fn new(config: Config, seed: u64) -> Self {
        Self { ctx: Context::new(config, seed), platform_id: None, state: State::Idle, view: View::default() }
    }

    /// Processes one input and returns the effects to perform, in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        if matches!(self.state, State::Destroyed) {
            return Vec::new();
        }
        self.ctx.advance(now);
        match input {
            Input::Start(start) => self.start(start),
            Input::Created(call, result) => self.on_created(call, result),
            Input::Status(call, response) => {
                let step = self.session().map(|(session, ctx)| session.on_status(ctx, call, response));
                self.follow(step);
            }
            Input::Embed(call, result) => {
                let step = self.session().map(|(session, ctx)| session.on_embed_url(ctx, call, result));
                self.follow(step);
            }
            Input::Ownership(session_id, is_ours) => {
                if let Some((session, ctx)) = self.session() {
                    session.on_ownership(ctx, &session_id, is_ours);
                }
            }
            Input::Frame(frame, signal) => {
                if let Some((session, ctx)) = self.session() {
                    session.on_frame_signal(ctx, frame, signal);
                }
            }
            Input::Page(signal) => self.on_page_signal(signal),
            Input::Host(action) => self.on_host_action(action),
            Input::Tick => {}
        }
        self.run_timers();
        self.view = self.current_view();
        self.ctx.take_effects()
    }

    /// Returns the time at which to send [`Input::Tick`]. `None` if only an input from outside can matter.
    pub fn deadline(&self) -> Option<Millis> {
        match &self.state {
            State::Creating(creation) => creation.deadline(&self.ctx),
            State::Live(session) => session.deadline(&self.ctx),
            _ => None,
        }
    }

    /// Returns the state to show.
    pub fn view(&self) -> &View {
        &self.view
    }

    fn start(&mut self, start: Start) {
        // A second start comes from a host that mounts twice, and changes nothing.
        if !matches!(self.state, State::Idle) {
            return;
        }
        match start {
            Start::New { platform_id, key, failure } => {
                self.begin_creation(platform_id, key);
                if let (Some(failure), State::Creating(creation)) = (failure, &mut self.state) {
                    let step = creation.already_failed(&mut self.ctx, failure);
                    self.follow_creation(step);
                }
            }
            Start::Given(created) => self.begin_session(created),
            Start::Resume(resume) => self.resume_session(resume),
        }
    }

    fn begin_creation(&mut self, platform_id: u64, key: Option<String>) {
        self.platform_id = Some(platform_id);
        self.state = State::Creating(Creation::new(&mut self.ctx, platform_id, key));
    }

    fn begin_session(&mut self, created: Created) {
        let session = Session::created(&mut self.ctx, created, self.platform_id);
        self.platform_id = session.platform_id();
        self.state = State::Live(Box::new(session));
    }

    fn resume_session(&mut self, resume: Resume) {
        self.platform_id = resume.platform_id;
        self.state = State::Live(Box::new(Session::resumed(&mut self.ctx, resume)));
    }

    fn on_created(&mut self, call: CallId, result: Result<Created, Failure>) {
        if let State::Creating(creation) = &mut self.state {
            let step = creation.on_response(&mut self.ctx, call, result);
            self.follow_creation(step);
        }
    }

    fn follow_creation(&mut self, step: CreationOutcome) {
        match step {
            CreationOutcome::Pending => {}
            CreationOutcome::Created(created) => self.begin_session(created),
            CreationOutcome::Failed(kind) => {
                if let State::Creating(creation) = std::mem::replace(&mut self.state, State::Idle) {
                    self.state = State::NotStarted(creation, kind);
                }
            }
        }
    }

    fn follow(&mut self, step: Option<SessionOutcome>) {
        if let State::Live(session) = &self.state {
            self.platform_id = session.platform_id();
        }
        match step {
            Some(SessionOutcome::Renew) => self.renew(),
            Some(SessionOutcome::End(end)) => self.end(end),
            Some(SessionOutcome::Continue) | None => {}
        }
    }

    /// Leaves a session of another user, who used this browser before. Nothing is emitted for it; the current user
    /// starts anew.
    fn renew(&mut self) {
        self.stop_session();
        self.platform_id = None;
        self.state = State::Idle;
        self.ctx.push(Effect::Forget);
        self.ctx.push(Effect::Renew);
    }

    /// Ends the session: removes the iframe and the stored session, and emits the end last.
    fn end(&mut self, end: SessionEnd) {
        self.stop_session();
        self.ctx.push(Effect::Forget);
        let State::Live(session) = std::mem::replace(&mut self.state, State::Idle) else { return };
        if let EndReason::Failed { code: Some(code) } = &end.reason {
            self.ctx.report(Some(session.id()), &Problem::Provider(code.clone()), false);
        }
        self.emit_end(Some(session.id().to_owned()), &end);
        self.state = State::Ended(end, Some(session));
    }

    /// Ends the verification because the host page closed it. This ends only our view: the provider has no cancel.
    fn close(&mut self) {
        let end = SessionEnd { reason: EndReason::Closed, confirmed: true };
        match &mut self.state {
            State::Live(_) => {
                self.ctx.push(Effect::NotifyClosed);
                return self.end(end);
            }
            State::Creating(creation) => creation.cancel(&mut self.ctx),
            State::NotStarted(..) => {}
            State::Idle | State::Ended(..) | State::Destroyed => return,
        }
        self.emit_end(None, &end);
        self.state = State::Ended(end, None);
    }

    fn emit_end(&mut self, session_id: Option<String>, end: &SessionEnd) {
        let SessionEnd { reason, confirmed } = end.clone();
        self.ctx.emit(Event::End(event::End { session_id, reason, confirmed }));
    }

    fn stop_session(&mut self) {
        if let Some((session, ctx)) = self.session() {
            session.stop(ctx);
        }
    }

    fn on_page_signal(&mut self, signal: PageSignal) {
        match signal {
            PageSignal::Visible | PageSignal::Restored => {
                let page = &mut self.ctx.page;
                let was_frozen = std::mem::take(&mut page.frozen);
                let was_away = !std::mem::replace(&mut page.visible, true) || was_frozen;
                if let Some((session, ctx)) = self.session() {
                    if was_frozen {
                        session.page_thawed(ctx);
                    }
                    if was_away {
                        session.poll_now(ctx);
                    }
                }
            }
            PageSignal::Hidden => {
                self.ctx.page.visible = false;
                if let Some((session, _)) = self.session() {
                    session.page_hidden();
                }
            }
            PageSignal::Frozen => {
                self.ctx.page.frozen = true;
                if let Some((session, ctx)) = self.session() {
                    session.page_frozen(ctx);
                }
            }
            PageSignal::Online => {
                if !std::mem::replace(&mut self.ctx.page.online, true) {
                    match &mut self.state {
                        State::Live(session) => session.network_changed(&mut self.ctx),
                        State::Creating(creation) => creation.retry_now(&self.ctx),
                        _ => {}
                    }
                }
            }
            PageSignal::Offline => {
                let was_online = std::mem::replace(&mut self.ctx.page.online, false);
                if let Some((session, ctx)) = self.session().filter(|_| was_online) {
                    session.network_doubted(ctx);
                }
            }
        }
    }

    fn on_host_action(&mut self, action: HostAction) {
        match action {
            HostAction::Refresh => match &mut self.state {
                State::NotStarted(creation, kind) => {
                    self.state = State::Creating(creation.try_again(&mut self.ctx, *kind));
                }
                State::Creating(creation) => creation.retry_now(&self.ctx),
                State::Live(session) => session.refresh(&mut self.ctx),
                _ => {}
            },
            HostAction::Remount => {
                if let Some((session, _)) = self.session() {
                    session.request_frame();
                }
            }
            HostAction::StartAgain => {
                self.close();
                match self.platform_id {
                    Some(platform_id) if !self.ctx.config.user_picks => self.begin_creation(platform_id, None),
                    _ => self.state = State::Idle,
                }
            }
            HostAction::UseHere => {
                if let Some((session, ctx)) = self.session() {
                    session.use_here(ctx);
                }
            }
            HostAction::Close => self.close(),
            HostAction::Destroy => self.destroy(),
        }
    }

    fn destroy(&mut self) {
        if let State::Creating(creation) = &mut self.state {
            creation.cancel(&mut self.ctx);
        }
        self.stop_session();
        self.state = State::Destroyed;
    }

    fn run_timers(&mut self) {
        if let State::Creating(creation) = &mut self.state {
            let step = creation.run_timers(&mut self.ctx);
            self.follow_creation(step);
        }
        let step = self.session().map(|(session, ctx)| session.run_timers(ctx));
        self.follow(step);
    }

    /// Returns the session in progress, with the context for its methods.
    fn session(&mut self) -> Option<(&mut Session, &mut Context)> {
        match &mut self.state {
            State::Live(session) => Some((session, &mut self.ctx)),
            _ => None,
        }
    }

    fn current_view(&self) -> View {
        match &self.state {
            State::Idle => View::default(),
            State::Creating(creation) => creation.view(&self.ctx),
            State::NotStarted(_, kind) => View { stage: Stage::NotStarted(*kind), ..View::default() },
            State::Live(session) => session.view(&self.ctx),
            State::Ended(end, Some(session)) => session.ended_view(end.clone()),
            State::Ended(end, None) => View { stage: Stage::Ended(end.clone()), ..View::default() },
            State::Destroyed => View { stage: Stage::Destroyed, ..View::default() },
        }
    }
}
