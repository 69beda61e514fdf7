//! A verification as a pure state machine: inputs go in, effects come out.
//!
//! It has no clock, no network and no randomness of its own, so the browser, the property tests and the recorded
//! traces drive the very same rules. The driver performs the [`Effect`]s, reports what became of them as [`Input`]s,
//! and calls with [`Input::Tick`] when [`Engine::deadline`] has come. Call ids make late and reordered answers
//! harmless: an answer to a call that is no longer open is dropped.
//!
//! ```
//! use cr3dentials_core::engine::{Config, Effect, Engine, Input, Now, Start};
//!
//! let mut engine = Engine::new(Config::default(), 7);
//! let effects = engine.handle(Now::default(), Input::Start(Start::New { platform_id: 1, key: None }));
//! assert!(matches!(effects[..], [Effect::Create { platform_id: 1, .. }]));
//! ```
//!
//! What always holds, and is tested against random schedules:
//! a message from the iframe can make it ask sooner and nothing else; no embed URL is mounted twice and there are
//! never two frames; a session ends at most once and nothing is emitted for it afterwards; a failed request neither
//! drops the frame nor ends the session.

mod ask;
mod claim;
mod config;
mod create;
mod effect;
mod end;
pub mod event;
mod frame;
mod input;
mod live;
mod secret;
mod view;

pub use config::Config;
pub use effect::Effect;
pub use end::{EndReason, SessionEnd};
pub use event::Event;
pub use input::{
    CallId, Failure, FailureKind, FrameId, FrameSignal, HostAction, Input, Now, PageSignal, Resume, Start,
    StatusResponse,
};
pub use secret::{ClientToken, EmbedUrl};
pub use view::{Connection, FrameView, Stage, Step, View};

use crate::retry::Jitter;
use crate::time::Millis;
use create::Creating;
use live::Live;

/// One verification after another: see the [module](self).
#[derive(Debug)]
pub struct Engine {
    config: Config,
    jitter: Jitter,
    now: Now,
    calls: u32,
    frames: u32,
    /// When the last status question was sent, whatever the session.
    asked_at: Option<Millis>,
    /// Every embed URL that was mounted or shown as a link: none is used again.
    used: Vec<EmbedUrl>,
    /// Sessions in a row that were another user's.
    renewals: u32,
    /// What Start again starts.
    platform_id: Option<u64>,
    page: Page,
    state: State,
    view: View,
    out: Vec<Effect>,
}

/// What is known of the page around us.
#[derive(Clone, Copy, Debug)]
struct Page {
    visible: bool,
    frozen: bool,
    online: bool,
}

#[derive(Debug)]
enum State {
    Idle,
    Creating(Creating),
    /// Create was refused, or failed too often to go on without the user.
    NotStarted(Creating, FailureKind),
    Live(Box<Live>),
    Ended(SessionEnd, Option<Box<Live>>),
    Destroyed,
}

impl Engine {
    /// An idle engine. `seed` makes jitter and idempotency keys; it must differ from page to page.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            jitter: Jitter::new(seed),
            now: Now::default(),
            calls: 0,
            frames: 0,
            asked_at: None,
            used: Vec::new(),
            renewals: 0,
            platform_id: None,
            page: Page { visible: true, frozen: false, online: true },
            state: State::Idle,
            view: View::default(),
            out: Vec::new(),
        }
    }

    /// Takes one input and answers what to do, in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Effect> {
        if matches!(self.state, State::Destroyed) {
            return Vec::new();
        }
        // A monotonic clock that went back is the driver's mistake; time stands still rather than run backwards.
        self.now = Now { mono: now.mono.max(self.now.mono), wall: now.wall };
        match input {
            Input::Start(start) => self.start(start),
            Input::Created(call, result) => self.created(call, result),
            Input::Status(call, result) => self.answered(call, result),
            Input::Embed(call, result) => self.embed_answered(call, result),
            Input::Ownership(session_id, is_ours) => self.claimed(&session_id, is_ours),
            Input::Frame(frame, news) => self.frame_news(frame, news),
            Input::Page(news) => self.page_news(news),
            Input::Host(action) => self.host_action(action),
            Input::Tick => {}
        }
        self.run_timers();
        self.view = self.draw();
        std::mem::take(&mut self.out)
    }

    /// When to call with [`Input::Tick`]: the one timer. `None` when only something from outside can matter.
    pub fn deadline(&self) -> Option<Millis> {
        match &self.state {
            State::Creating(creating) => self.create_deadline(creating),
            State::Live(live) => self.live_deadline(live),
            _ => None,
        }
    }

    /// What there is to show.
    pub fn view(&self) -> &View {
        &self.view
    }

    fn start(&mut self, start: Start) {
        // A second start while one is under way is the host's double mount: it changes nothing.
        if !matches!(self.state, State::Idle) {
            return;
        }
        match start {
            Start::New { platform_id, key } => self.begin_create(platform_id, key),
            Start::Given(created) => self.begin_live(created),
            Start::Resume(resume) => self.begin_resume(resume),
        }
    }

    fn page_news(&mut self, news: PageSignal) {
        match news {
            PageSignal::Visible | PageSignal::Restored => {
                let was_away = !self.page.visible || self.page.frozen;
                self.page.visible = true;
                if std::mem::take(&mut self.page.frozen) {
                    self.claim_again();
                }
                if was_away {
                    self.ask_anew();
                }
            }
            PageSignal::Hidden => {
                self.page.visible = false;
                self.mark_ask_spanned();
            }
            PageSignal::Frozen => {
                self.page.frozen = true;
                self.cancel_ask();
                self.release();
            }
            PageSignal::Online => {
                if !self.page.online {
                    self.page.online = true;
                    self.ask_anew();
                    self.create_at_once();
                }
            }
            PageSignal::Offline => {
                self.page.online = false;
                self.cancel_ask();
            }
        }
    }

    fn host_action(&mut self, action: HostAction) {
        match action {
            HostAction::Refresh => {
                self.retry_create();
                self.hinted();
            }
            HostAction::Remount => self.want_frame(),
            HostAction::StartAgain => {
                self.close();
                match self.platform_id {
                    Some(platform_id) if !self.config.user_picks => self.begin_create(platform_id, None),
                    _ => self.state = State::Idle,
                }
            }
            HostAction::UseHere => self.use_here(),
            HostAction::Close => self.close(),
            HostAction::Destroy => self.destroy(),
        }
    }

    fn destroy(&mut self) {
        self.cancel_create();
        self.cancel_ask();
        self.cancel_embed();
        self.drop_frame();
        self.state = State::Destroyed;
    }

    fn run_timers(&mut self) {
        self.run_create_timers();
        self.run_expiry();
        self.run_ask_timers();
        self.run_frame_timers();
    }

    fn next_call(&mut self) -> CallId {
        self.calls = self.calls.wrapping_add(1);
        CallId(self.calls)
    }

    fn emit(&mut self, event: Event) {
        self.out.push(Effect::Emit(event));
    }

    /// The session that is under way.
    fn live(&mut self) -> Option<&mut Live> {
        match &mut self.state {
            State::Live(live) => Some(live),
            _ => None,
        }
    }

    fn may_ask(&self) -> bool {
        self.page.online && !self.page.frozen
    }

    /// Whether it is for this page to ask about the session.
    fn may_ask_about(&self, live: &Live) -> bool {
        self.may_ask() && live.claim.is_ours()
    }
}
