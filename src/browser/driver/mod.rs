//! Runs the engine in the browser: performs its effects, reports their results and keeps its timer.
//!
//! Inputs are queued, so that a host that calls us inside one of our events, or an effect that completes at once, never
//! reaches the engine in the middle of another input.

mod frame_slot;
mod leaving;
mod requests;
mod showing;
mod tab_lock;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{
    CallId, Config, Effect, EmbedUrl, Engine, Event, Failure, FrameId, FrameSignal, HostAction, Input, PageSignal,
    Start, View,
};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;

use self::frame_slot::FrameSlot;
use self::requests::Requests;
use self::tab_lock::TabLock;
use super::page_title::PageTitle;
use super::partner_client::PartnerClient;
use super::shell::{Shell, ShellCallbacks};
use super::step_timer::StepTimer;
use super::task::{self, Task};
use super::{clock, log, page_lifecycle, panic_flag, storage};
use crate::i18n::texts::{CLOSE, DONE, FRAME_TITLE};
use crate::i18n::{Localizer, Strings};
use crate::options::{Options, Theme};
use crate::telemetry::StepTime;

/// Notification for the host of the component.
#[derive(Clone, Debug)]
pub(crate) enum ComponentEvent {
    Event(Event),
    Step(StepTime),
}

/// State that the card draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ViewState {
    pub(crate) view: View,
    /// True while the user is asked whether to stop.
    pub(crate) confirming_leave: bool,
}

/// One verification in this page. Clones share it.
#[derive(Clone)]
pub(crate) struct Driver(Rc<Inner>);

struct Inner {
    engine: RefCell<Engine>,
    queue: RefCell<VecDeque<Input>>,
    running: Cell<bool>,
    destroyed: Cell<bool>,
    options: Options,
    shell: Shell,
    tab_lock: Rc<TabLock>,
    requests: Rc<Requests>,
    frame: FrameSlot,
    timer: RefCell<Option<Timeout>>,
    page_listeners: RefCell<Vec<EventListener>>,
    shell_callbacks: RefCell<Option<ShellCallbacks>>,
    confirming_leave: Cell<bool>,
    /// True if the dialog was hidden because the verification was closed.
    hidden_on_close: Cell<bool>,
    leave_confirmation_shown: Cell<bool>,
    unload_listener: RefCell<Option<EventListener>>,
    unload_prompted: Cell<bool>,
    page_title: PageTitle,
    strings: RefCell<Strings>,
    step_timer: StepTimer,
    on_view_state: Box<dyn Fn(&ViewState)>,
    on_event: Box<dyn Fn(ComponentEvent)>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl Driver {
    /// Creates an idle driver. `on_view_state` is called whenever the view state may have changed, `on_event` with each
    /// notification for the host.
    pub(crate) fn new(
        shell: Shell,
        options: Options,
        partner: PartnerClient,
        on_view_state: impl Fn(&ViewState) + 'static,
        on_event: impl Fn(ComponentEvent) + 'static,
    ) -> Self {
        let strings = options.strings.clone();
        let config = Config { user_picks: options.platform_id.is_none(), ..Config::default() };
        let driver = Self(Rc::new(Inner {
            engine: RefCell::new(Engine::new(config, clock::seed())),
            queue: RefCell::default(),
            running: Cell::new(false),
            destroyed: Cell::new(false),
            tab_lock: Rc::default(),
            requests: Requests::new(&options, partner),
            frame: FrameSlot::new(shell.clone(), options.auto_resize),
            options,
            shell,
            timer: RefCell::default(),
            page_listeners: RefCell::default(),
            shell_callbacks: RefCell::default(),
            confirming_leave: Cell::new(false),
            hidden_on_close: Cell::new(false),
            leave_confirmation_shown: Cell::new(false),
            unload_listener: RefCell::default(),
            unload_prompted: Cell::new(false),
            page_title: PageTitle::default(),
            strings: RefCell::new(strings),
            step_timer: StepTimer::default(),
            on_view_state: Box::new(on_view_state),
            on_event: Box::new(on_event),
        }));
        driver.0.shell.start_in(driver.0.options.mode);
        driver.0.shell.set_back_button(!driver.0.options.back_leaves_page);
        let (closed, hiding) = (Rc::downgrade(&driver.0), Rc::downgrade(&driver.0));
        let on_close = move || {
            if let Some(driver) = Self::upgrade(&closed) {
                driver.leave();
            }
        };
        let may_hide = move || Self::upgrade(&hiding).is_none_or(|driver| driver.may_hide());
        driver.0.shell_callbacks.replace(Some(driver.0.shell.attach(on_close, may_hide)));
        let weak = Rc::downgrade(&driver.0);
        let watch = page_lifecycle::watch(move |signal: PageSignal| {
            if let Some(driver) = Self::upgrade(&weak) {
                if signal == PageSignal::Frozen {
                    driver.0.report_left_step();
                }
                driver.send(Input::Page(signal));
            }
        });
        driver.0.page_listeners.replace(watch.unwrap_or_default());
        driver
    }

    /// Starts as `start` describes; without it the user picks a platform first.
    pub(crate) fn start(&self, start: Option<Start>) {
        self.open_initially();
        if let Some(start) = start {
            self.send(Input::Start(start));
        }
    }

    /// Passes an input to the engine. Safe at any time, also inside an event.
    pub(crate) fn send(&self, mut input: Input) {
        // After a panic the state may be inconsistent: the frame stays, and nothing else happens.
        if panic_flag::has_panicked() {
            return;
        }
        if let Input::Start(Start::New { platform_id, key: key @ None, .. }) = &mut input {
            *key = self.0.requests.interrupted_key(*platform_id);
        }
        self.0.queue.borrow_mut().push_back(input);
        if self.0.running.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.0.queue.borrow_mut().pop_front() else { break };
            let name = input.name();
            let is_tick = matches!(input, Input::Tick);
            let effects = self.0.engine.borrow_mut().handle(clock::now(), input);
            if self.0.options.debug && !(is_tick && effects.is_empty()) {
                log::write(&self.0.engine.borrow(), name, &effects);
            }
            for effect in effects {
                self.perform(effect);
            }
        }
        self.0.running.set(false);
        self.0.render();
        self.update_unload_listener();
        self.set_timer();
    }

    /// Performs an action of the user or of the host page.
    pub(crate) fn act(&self, action: HostAction) {
        if action == HostAction::Destroy {
            self.0.report_left_step();
            // At once, even in the middle of an event: nothing more is emitted or shown.
            self.0.destroyed.set(true);
            self.0.tab_lock.close();
        }
        self.send(Input::Host(action));
    }

    /// Reports that the current frame was moved in the DOM, which reloaded it.
    pub(crate) fn frame_lost(&self) {
        if let Some(id) = self.0.frame.mounted() {
            self.send(Input::Frame(id, FrameSignal::Lost));
        }
    }

    /// Returns the URL of a path below the base URL of the proxy, if there is one.
    pub(crate) fn url(&self, path: &str) -> Option<String> {
        self.0.requests.url(path)
    }

    /// Fetches the platforms that can be chosen. Dropping the driver aborts the request.
    pub(crate) fn platforms(&self, on_response: Box<dyn FnOnce(Result<Vec<PlatformView>, Failure>)>) {
        let (request, weak) = (self.0.requests.fetch_platforms(), Rc::downgrade(&self.0));
        task::run(Box::pin(async move {
            let platforms = request.await;
            if weak.upgrade().is_some_and(|inner| !inner.destroyed.get()) {
                on_response(platforms);
            }
        }));
    }

    /// Returns the options that the partner set.
    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Changes the color theme.
    pub(crate) fn set_theme(&self, theme: Theme) {
        self.0.shell.set_theme(theme.as_str(), None);
    }

    /// Sets the language and the text direction of the card, and the name of the dialog in that language.
    pub(crate) fn set_language(&self, strings: &Strings) {
        let localizer = Localizer { strings: strings.clone(), ..Localizer::default() };
        self.0.strings.replace(strings.clone());
        let fill = |text| localizer.fill(text);
        self.0.shell.set_language(strings.lang(), &fill(FRAME_TITLE), &fill(CLOSE), &fill(DONE));
    }

    /// Returns the engine's current view.
    pub(crate) fn view(&self) -> View {
        self.0.engine.borrow().view().clone()
    }

    fn perform(&self, effect: Effect) {
        let inner = &self.0;
        if inner.destroyed.get() && !matches!(effect, Effect::Cancel(_) | Effect::Drop(_)) {
            return;
        }
        match effect {
            Effect::Create { call, key, platform_id } => {
                self.run(call, Some(inner.requests.create_session(call, key, platform_id)));
            }
            Effect::PollStatus { call, after, wait_secs, fresh } => {
                self.run(call, inner.requests.poll_status(call, after, wait_secs, fresh));
            }
            Effect::FetchEmbedUrl { call } => self.run(call, inner.requests.fetch_embed_url(call)),
            Effect::Cancel(call) => inner.requests.close(call),
            Effect::NotifyClosed => inner.requests.notify_closed(),
            Effect::Mount(id, url) => self.mount(id, &url),
            Effect::Drop(_) => inner.frame.remove(),
            Effect::Save(resume) => {
                storage::save(&inner.options.resume_name(), &resume);
                inner.requests.set_session(resume);
            }
            Effect::Forget => {
                storage::forget(&inner.options.resume_name());
                inner.tab_lock.release();
            }
            Effect::Renew => {
                // A hidden dialog starts when it is opened.
                if !inner.shell.is_hidden_dialog()
                    && let Some(start) = inner.options.new_session()
                {
                    self.send(Input::Start(start));
                }
            }
            Effect::AcquireOwnership { session_id, steal } => {
                inner.tab_lock.acquire(session_id, steal, self.reporter())
            }
            Effect::ReleaseOwnership => inner.tab_lock.release(),
            Effect::Emit(event) => {
                // Drawn first, so that the host page finds what the event reports.
                inner.render();
                (inner.on_event)(ComponentEvent::Event(event));
            }
        }
    }

    /// Runs a request, if there is one, and passes its result to the engine.
    fn run(&self, call: CallId, request: Option<Task<Input>>) {
        let Some(request) = request else { return };
        let weak = Rc::downgrade(&self.0);
        task::run(Box::pin(async move {
            let input = request.await;
            if let Some(driver) = Self::upgrade(&weak) {
                driver.0.requests.close(call);
                driver.send(input);
            }
        }));
    }

    fn mount(&self, id: FrameId, url: &EmbedUrl) {
        let reporter = self.reporter();
        let localizer = Localizer { strings: self.0.strings.borrow().clone(), ..Localizer::default() };
        let title = self.0.options.frame_title.clone().unwrap_or_else(|| localizer.fill(FRAME_TITLE));
        let on_signal = move |signal| reporter(Input::Frame(id, signal));
        self.0.frame.mount(id, &url.0, &title, on_signal);
    }

    fn set_timer(&self) {
        let deadline = self.0.engine.borrow().deadline();
        let reporter = self.reporter();
        let timer = deadline.map(|deadline| {
            let wait = deadline.since(clock::now().mono).0;
            // Rounded up: a timer that fires early would find nothing due.
            Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX).saturating_add(1), move || reporter(Input::Tick))
        });
        self.0.timer.replace(timer);
    }

    /// Returns a function that passes inputs without keeping the driver alive.
    fn reporter(&self) -> impl Fn(Input) + Clone + 'static {
        let weak = Rc::downgrade(&self.0);
        move |input| {
            if let Some(driver) = Self::upgrade(&weak) {
                driver.send(input);
            }
        }
    }

    fn upgrade(weak: &Weak<Inner>) -> Option<Self> {
        weak.upgrade().map(Self)
    }
}
