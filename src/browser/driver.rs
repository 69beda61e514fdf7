//! Runs the engine in the browser: performs its effects, reports what came of them, keeps its one timer.
//!
//! Inputs are queued. A host that calls us inside one of our events, or an effect that answers at once, finds the
//! engine between two inputs and never in the middle of one.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{
    Answer, CallId, Config, Effect, EmbedUrl, Engine, Event, Failure, FrameId, FrameNews, HostAction, Input, PageNews,
    Stage, Start, View,
};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortSignal;

use super::clock;
use super::frame::Frame;
use super::http::{Abort, Client, Pass};
use super::page;
use super::shell::Shell;
use super::slots::Slot;
use super::storage;
use crate::options::{Options, Theme};
use crate::strings::Strings;
use crate::view::{FRAME_TITLE, Words};

/// One verification in this page. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Driver(Rc<Inner>);

struct Inner {
    engine: RefCell<Engine>,
    queue: RefCell<VecDeque<Input>>,
    running: Cell<bool>,
    destroyed: Cell<bool>,
    client: Client,
    options: Options,
    shell: Shell,
    pass: RefCell<Option<Pass>>,
    calls: RefCell<Vec<(CallId, Option<Abort>)>>,
    frame: RefCell<Option<(FrameId, Frame)>>,
    frame_had_focus: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
    page: RefCell<Vec<EventListener>>,
    on_view: Box<dyn Fn(&View)>,
    on_event: Box<dyn Fn(Event)>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl Driver {
    /// An idle driver. `on_view` is told whenever there is something else to show, `on_event` each event.
    pub(crate) fn new(
        shell: Shell,
        options: Options,
        on_view: impl Fn(&View) + 'static,
        on_event: impl Fn(Event) + 'static,
    ) -> Self {
        let driver = Self(Rc::new(Inner {
            engine: RefCell::new(Engine::new(Config::default(), clock::seed())),
            queue: RefCell::default(),
            running: Cell::new(false),
            destroyed: Cell::new(false),
            client: Client::new(&options),
            options,
            shell,
            pass: RefCell::default(),
            calls: RefCell::default(),
            frame: RefCell::default(),
            frame_had_focus: Cell::new(false),
            timer: RefCell::default(),
            page: RefCell::default(),
            on_view: Box::new(on_view),
            on_event: Box::new(on_event),
        }));
        let reporter = driver.reporter();
        let listeners = page::watch(move |news: PageNews| reporter(Input::Page(news))).unwrap_or_default();
        driver.0.page.replace(listeners);
        driver
    }

    /// Begins as `start` says; without one the user picks a platform first.
    pub(crate) fn start(&self, start: Option<Start>) {
        if let Some(start) = start {
            self.send(Input::Start(start));
        }
    }

    /// Gives an input. Safe at any time, also from inside an event.
    pub(crate) fn send(&self, input: Input) {
        self.0.queue.borrow_mut().push_back(input);
        if self.0.running.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.0.queue.borrow_mut().pop_front() else { break };
            let effects = self.0.engine.borrow_mut().handle(clock::now(), input);
            for effect in effects {
                self.perform(effect);
            }
        }
        self.0.running.set(false);
        self.0.show();
        self.set_timer();
    }

    /// What the user or the host page wants.
    pub(crate) fn act(&self, action: HostAction) {
        if action == HostAction::Destroy {
            // At once, even in the middle of an event: what was still to be told or shown no longer is.
            self.0.destroyed.set(true);
        }
        self.send(Input::Host(action));
    }

    /// The current frame was moved in the DOM, which loaded it again.
    pub(crate) fn frame_lost(&self) {
        let shown = self.0.frame.borrow().as_ref().map(|(id, _)| *id);
        if let Some(id) = shown {
            self.send(Input::Frame(id, FrameNews::Lost));
        }
    }

    /// The platforms that can be chosen. Dropping the future aborts the request.
    pub(crate) async fn platforms(&self) -> Result<Vec<PlatformView>, Failure> {
        let client = self.0.client.clone();
        let abort = Abort::new();
        client.platforms(abort.as_ref().map(Abort::signal)).await
    }

    /// The address of something below the proxy's base path.
    pub(crate) fn url(&self, path: &str) -> String {
        self.0.client.url(path)
    }

    /// What the partner set.
    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Whether the frame had the keyboard focus when it was removed, so that the focus needs a new place.
    pub(crate) fn take_focus(&self) -> bool {
        self.0.frame_had_focus.take()
    }

    /// Shows the dialog, if it is closed.
    pub(crate) fn open(&self) {
        self.0.shell.open();
    }

    /// Light, dark, or as the device is set.
    pub(crate) fn set_theme(&self, theme: Theme) {
        self.0.shell.set("data-theme", theme.as_str());
    }

    /// Says which language the words are in, in which direction it is written, and what the dialog is called in it.
    pub(crate) fn set_language(&self, strings: &Strings) {
        let words = Words { strings: strings.clone(), ..Words::default() };
        self.0.shell.set("aria-label", &words.fill(FRAME_TITLE));
        self.0.shell.set("lang", strings.lang());
        self.0.shell.set("dir", if strings.is_rtl() { "rtl" } else { "ltr" });
    }

    /// What there is to show.
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
                let client = inner.client.clone();
                self.call(call, move |signal| async move {
                    Input::Created(call, client.create(&key, platform_id, signal).await)
                });
            }
            Effect::Ask { call, after, wait_secs, fresh } => self.ask(call, after, wait_secs, fresh),
            Effect::GetEmbed { call } => {
                let Some((client, pass)) = inner.client_and_pass() else { return };
                self.call(call, move |signal| async move { Input::Embed(call, client.frame_url(&pass, signal).await) });
            }
            Effect::Cancel(call) => inner.calls.borrow_mut().retain(|(open, _)| *open != call),
            Effect::Farewell => {
                let Some((client, pass)) = inner.client_and_pass() else { return };
                spawn_local(async move { client.farewell(&pass).await });
            }
            Effect::Mount(id, url) => self.mount(id, &url),
            Effect::Drop(_) => {
                inner.frame_had_focus.set(inner.shell.frame_has_focus());
                inner.frame.take();
            }
            Effect::Save(resume) => {
                storage::save(&inner.options.storage_key(), &resume);
                inner.pass.replace(Some(resume.into()));
            }
            Effect::Forget => storage::forget(&inner.options.storage_key()),
            Effect::Emit(event) => {
                // What the host page sees when it looks is what it is told.
                inner.show();
                (inner.on_event)(event);
            }
        }
    }

    fn ask(&self, call: CallId, after: u64, wait_secs: u64, fresh: bool) {
        let Some((client, pass)) = self.0.client_and_pass() else { return };
        let weak = Rc::downgrade(&self.0);
        self.call(call, move |signal| async move {
            let slot = if wait_secs > 0 { Slot::take(&client.url("")).await } else { None };
            let still_open = weak.upgrade().is_some_and(|inner| inner.is_open(call));
            let held = slot.is_some();
            let result = if still_open {
                client.status(&pass, after, if held { wait_secs } else { 0 }, fresh, signal).await
            } else {
                Err(Failure { kind: cr3dentials_core::engine::FailureKind::Network, retry_after: None })
            };
            Input::Status(call, result.map(|view| Answer { view, held }))
        });
    }

    fn mount(&self, id: FrameId, url: &EmbedUrl) {
        let reporter = self.reporter();
        let words = Words { strings: self.0.options.strings.clone(), ..Words::default() };
        let title = self.0.options.frame_title.clone().unwrap_or_else(|| words.fill(FRAME_TITLE));
        let on_news = move |news| reporter(Input::Frame(id, news));
        let frame = Frame::show(&self.0.shell, &url.0, &title, on_news);
        self.0.frame.replace(frame.map(|frame| (id, frame)));
    }

    /// Starts a request that [`Effect::Cancel`] or dropping the driver aborts.
    fn call<F: Future<Output = Input> + 'static>(&self, call: CallId, request: impl FnOnce(Option<AbortSignal>) -> F) {
        let abort = Abort::new();
        let future = request(abort.as_ref().map(Abort::signal));
        self.0.calls.borrow_mut().push((call, abort));
        let weak = Rc::downgrade(&self.0);
        spawn_local(async move {
            let input = future.await;
            if let Some(driver) = Self::of(&weak) {
                driver.0.calls.borrow_mut().retain(|(open, _)| *open != call);
                driver.send(input);
            }
        });
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

    /// Gives inputs without keeping the driver alive.
    fn reporter(&self) -> impl Fn(Input) + Clone + 'static {
        let weak = Rc::downgrade(&self.0);
        move |input| {
            if let Some(driver) = Self::of(&weak) {
                driver.send(input);
            }
        }
    }

    fn of(weak: &Weak<Inner>) -> Option<Self> {
        weak.upgrade().map(Self)
    }
}

impl Inner {
    fn is_open(&self, call: CallId) -> bool {
        self.calls.borrow().iter().any(|(open, _)| *open == call)
    }

    fn client_and_pass(&self) -> Option<(Client, Pass)> {
        Some((self.client.clone(), self.pass.borrow().clone()?))
    }

    fn show(&self) {
        let view = self.engine.borrow().view().clone();
        if view.stage == Stage::Destroyed {
            self.page.take();
        }
        (self.on_view)(&view);
    }
}
