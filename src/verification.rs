//! The `<Verification/>` component: connects options, engine and view.
#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

use cr3dentials_core::engine::{Event, HostAction, Start, View, event};
use leptos::html;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::reactive::send_wrapper_ext::SendOption;
use leptos::tachys::view::any_view::AnyViewState;

use crate::browser::driver::{ComponentEvent, Driver, ViewState};
use crate::browser::shell::Shell;
use crate::browser::storage;
use crate::i18n::Strings;
use crate::options::{Mode, Options, Theme};
use crate::telemetry::StepTime;
#[cfg(feature = "gallery")]
use crate::view::PlatformList;
use crate::view::{Model, Wording, card};

/// A verification mounted into a shell. Dropping it destroys everything but the shell itself.
///
/// It owns its `Owner`: a pending future keeps its own owner alive, so unmounting alone would leave a polling loop
/// running in a page that no longer shows it.
pub(crate) struct MountedVerification {
    pub(crate) driver: Driver,
    shell: Shell,
    /// How to start; `None` once started. The inner `None` means that the user picks a platform first.
    start: Option<Option<Start>>,
    view_state: ArcRwSignal<ViewState>,
    wording: ArcRwSignal<Wording>,
    owner: Owner,
    view: Option<UnmountHandle<AnyViewState>>,
}

impl std::fmt::Debug for MountedVerification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MountedVerification").finish_non_exhaustive()
    }
}

impl MountedVerification {
    /// Takes over the shell. Nothing is started or drawn yet.
    pub(crate) fn new(
        shell: Shell,
        options: Options,
        start: Option<Start>,
        on_view: impl Fn(&View) + 'static,
        on_event: impl Fn(ComponentEvent) + 'static,
    ) -> Self {
        shell.set_attribute("data-theme", options.theme.as_str());
        shell.set_attribute("data-frame-scheme", options.frame_color_scheme.as_str());
        let view_state = ArcRwSignal::new(ViewState::default());
        let on_view_state = {
            let shown = view_state.clone();
            move |view_state: &ViewState| {
                if shown.with_untracked(|shown| shown != view_state) {
                    on_view(&view_state.view);
                    shown.set(view_state.clone());
                }
            }
        };
        let wording = Wording { strings: options.strings.clone(), partner: options.partner_name.clone() };
        let driver = Driver::new(shell.clone(), options, on_view_state, on_event);
        driver.set_language(&wording.strings);
        // A separate root: contexts and cleanups of the host app do not apply.
        let owner = Owner::new_root(None);
        let (start, wording) = (Some(start), ArcRwSignal::new(wording));
        Self { driver, shell, start, view_state, wording, owner, view: None }
    }

    /// Returns the driver and how to start it, once. The caller starts it without borrowing this value, because
    /// callbacks of the first event may need it.
    pub(crate) fn begin(&mut self) -> Option<(Driver, Option<Start>)> {
        Some((self.driver.clone(), self.start.take()?))
    }

    /// Draws a given view state instead of starting anything.
    #[cfg(feature = "gallery")]
    pub(crate) fn show(&mut self, view_state: ViewState, platforms: PlatformList, query: &'static str) {
        self.start = None;
        self.shell.show(Mode::Inline);
        self.view_state.set(view_state);
        self.draw_with(move |model| model.with_platforms(platforms, query));
    }

    /// Draws into the shell, once. Called after the start, so that the first drawing already shows it.
    pub(crate) fn draw(&mut self) {
        self.draw_with(|model| model);
    }

    fn draw_with(&mut self, prepare: impl FnOnce(Model) -> Model + 'static) {
        if self.view.is_some() {
            return;
        }
        self.shell.view_container.set_text_content(None);
        let (place, view_state) = (self.shell.view_container.clone(), self.view_state.clone());
        let (wording, driver) = (self.wording.clone(), self.driver.clone());
        self.view =
            Some(self.owner.with(|| mount_to(place, move || card(prepare(Model::new(view_state, wording, driver))))));
    }

    /// Changes the strings and the partner's name.
    pub(crate) fn reword(&self, change: impl FnOnce(&mut Wording)) {
        self.wording.update(change);
        self.wording.with_untracked(|wording| self.driver.set_language(&wording.strings));
    }
}

impl MountedVerification {
    /// Destroys the verification and removes its dialog from the page.
    pub(crate) fn unmount(self) {
        let dialog = self.shell.dialog.clone();
        drop(self);
        dialog.remove();
    }
}

impl Drop for MountedVerification {
    fn drop(&mut self) {
        self.driver.act(HostAction::Destroy);
        self.view.take();
        self.owner.cleanup();
    }
}

/// Returns how to start: with the session stored before a reload, or with a new one.
pub(crate) fn start_of(options: &Options) -> Option<Start> {
    let resumed = storage::load(&options.storage_key()).map(Start::Resume);
    resumed.or_else(|| options.new_session())
}

/// Controls a mounted [`Verification`]. Before it is mounted and after it is unmounted, every call does nothing but log
/// a warning to the console.
#[derive(Clone, Copy, Debug)]
pub struct VerificationHandle {
    /// Safe on a multi-threaded server: an empty `SendOption` may be dropped on any thread, and only a browser, which
    /// has one thread, ever fills it.
    mounted: StoredValue<SendOption<MountedVerification>>,
    view: RwSignal<View>,
}

impl Default for VerificationHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl VerificationHandle {
    /// Creates a handle to pass to a [`Verification`]. Call it inside a component.
    pub fn new() -> Self {
        Self { mounted: StoredValue::new(SendOption::new_local(None)), view: RwSignal::new(View::default()) }
    }

    /// Polls the proxy for the status now; after a failed start, tries again.
    pub fn refresh(&self) {
        self.act("refresh", HostAction::Refresh);
    }

    /// Shows the same session in a new iframe.
    pub fn remount(&self) {
        self.act("remount", HostAction::Remount);
    }

    /// Ends this session as closed and begins another.
    pub fn start_again(&self) {
        self.act("start_again", HostAction::StartAgain);
    }

    /// Shows the dialog of [`Mode::Modal`]; the first time it also starts.
    pub fn open(&self) {
        self.begin();
        if let Some(driver) = self.driver("open") {
            driver.open();
        }
    }

    /// Hides the dialog of [`Mode::Modal`]. The session goes on, and [`open`](Self::open) shows it again.
    pub fn hide(&self) {
        if let Some(driver) = self.driver("hide") {
            driver.hide();
        }
    }

    /// Changes the layout. The iframe is not reloaded.
    pub fn set_mode(&self, mode: Mode) {
        if let Some(driver) = self.driver("set_mode") {
            driver.set_mode(mode);
        }
    }

    /// Ends this session as closed. Only this view of it ends; the session itself may still complete.
    pub fn close(&self) {
        self.act("close", HostAction::Close);
    }

    /// Changes the color theme.
    pub fn set_theme(&self, theme: Theme) {
        if let Some(driver) = self.driver("set_theme") {
            driver.set_theme(theme);
        }
    }

    /// Replaces the UI strings, for example to change the language.
    pub fn set_strings(&self, strings: Strings) {
        let _ = self.mounted.try_with_value(|mounted| {
            mounted.as_ref().map(|mounted| mounted.reword(|wording| wording.strings = strings))
        });
    }

    /// Returns what is shown as a signal, so that a view or an effect that reads it follows the verification.
    pub fn view(&self) -> Signal<View> {
        self.view.into()
    }

    /// Returns true while the verification is mounted.
    pub fn is_mounted(&self) -> bool {
        self.mounted.try_with_value(|mounted| mounted.is_some()).unwrap_or(false)
    }

    /// Starts the verification unless it has started, and then draws it.
    fn begin(&self) {
        let start =
            self.mounted.try_update_value(|mounted| mounted.as_mut().and_then(MountedVerification::begin)).flatten();
        // Outside the borrow: a callback of the first event may use this handle.
        if let Some((driver, start)) = start {
            driver.start(start);
            let _ = self.mounted.try_update_value(|mounted| mounted.as_mut().map(MountedVerification::draw));
        }
    }

    fn act(&self, name: &str, action: HostAction) {
        if let Some(driver) = self.driver(name) {
            driver.act(action);
        }
    }

    fn driver(&self, caller: &str) -> Option<Driver> {
        let find = |mounted: &SendOption<MountedVerification>| mounted.as_ref().map(|mounted| mounted.driver.clone());
        let driver = self.mounted.try_with_value(find).flatten();
        if driver.is_none() {
            let text = ["<Verification/>: ", caller, "() was ignored because the component is not mounted"];
            leptos::logging::warn!("{}", text.concat());
        }
        driver
    }
}

/// Account verification: the provider's iframe with a status view around it.
///
/// Callbacks are for display only; grant access on your server. Options are read once, on mount; the handle changes
/// what may change later. A page may contain several verifications, and they do not affect the app around them.
///
/// ```
/// use cr3dentials_embed::{Mode, Options, Verification, VerificationHandle};
/// use leptos::prelude::*;
///
/// #[component]
/// fn Apply() -> impl IntoView {
///     let handle = VerificationHandle::new();
///     let options = Options {
///         proxy_url: "/api/verification".into(),
///         platform_id: Some(1),
///         mode: Mode::Modal,
///         ..Options::default()
///     };
///     view! {
///         <button on:click=move |_| handle.open()>"Verify your account"</button>
///         <p>{move || handle.view().with(|view| format!("{} %", view.progress))}</p>
///         <Verification options handle />
///     }
/// }
/// ```
#[component]
pub fn Verification(
    /// Settings; only `proxy_url` is required.
    options: Options,
    /// Called when the session's frame is shown.
    #[prop(optional, into)]
    on_ready: Option<Callback<event::Ready>>,
    /// Called when the status of the session changes.
    #[prop(optional, into)]
    on_status: Option<Callback<event::Status>>,
    /// Called when the progress changes, 0–100; it never decreases.
    #[prop(optional, into)]
    on_progress: Option<Callback<event::Progress>>,
    /// Called when the user must act.
    #[prop(optional, into)]
    on_action: Option<Callback<event::Action>>,
    /// Called when the session expires soon.
    #[prop(optional, into)]
    on_expiring: Option<Callback<event::Expiring>>,
    /// Called when the session ends as `COMPLETED`, and only then.
    #[prop(optional, into)]
    on_complete: Option<Callback<event::Complete>>,
    /// Called when the session ends as `PARTIAL_COMPLETE`.
    #[prop(optional, into)]
    on_partial: Option<Callback<event::Partial>>,
    /// Called on an error; the session goes on unless `on_end` follows.
    #[prop(optional, into)]
    on_error: Option<Callback<event::Error>>,
    /// Called last for each session, with the reason of its end.
    #[prop(optional, into)]
    on_end: Option<Callback<event::End>>,
    /// Called when a step has ended, with its duration and what came next.
    #[prop(optional, into)]
    on_step: Option<Callback<StepTime>>,
    /// Controls the verification from outside, and exposes what is shown.
    #[prop(optional)]
    handle: Option<VerificationHandle>,
) -> impl IntoView {
    let handle = handle.unwrap_or_default();
    let place = NodeRef::<html::Div>::new();
    let emit = move |event: ComponentEvent| match event {
        ComponentEvent::Event(Event::Ready(event)) => run(on_ready, event),
        ComponentEvent::Event(Event::Status(event)) => run(on_status, event),
        ComponentEvent::Event(Event::Progress(event)) => run(on_progress, event),
        ComponentEvent::Event(Event::Action(event)) => run(on_action, event),
        ComponentEvent::Event(Event::Expiring(event)) => run(on_expiring, event),
        ComponentEvent::Event(Event::Complete(event)) => run(on_complete, event),
        ComponentEvent::Event(Event::Partial(event)) => run(on_partial, event),
        ComponentEvent::Event(Event::Error(event)) => run(on_error, event),
        ComponentEvent::Event(Event::End(event)) => run(on_end, event),
        ComponentEvent::Step(step) => run(on_step, step),
    };
    let follow = move |view: &View| {
        let _ = handle.view.try_set(view.clone());
    };
    place.on_load(move |place| {
        if let Some(problem) = options.problem() {
            return emit(ComponentEvent::Event(Event::Error(event::Error::bad_options(problem))));
        }
        let Some(shell) = Shell::create(&place) else { return };
        let mounted = MountedVerification::new(shell, options.clone(), start_of(&options), follow, emit);
        // Stored first, so that a callback of the first event finds it.
        handle.mounted.set_value(SendOption::new_local(Some(mounted)));
        // A modal dialog starts when it is first opened.
        if options.mode != Mode::Modal {
            handle.begin();
        }
    });
    on_cleanup(move || {
        // Taken out first: dropping it may call back.
        let take = |mounted: &mut SendOption<MountedVerification>| {
            std::mem::replace(mounted, SendOption::new_local(None)).take()
        };
        if let Some(mounted) = handle.mounted.try_update_value(take).flatten() {
            mounted.unmount();
        }
    });
    view! { <div class="cr3d-host" node_ref=place></div> }
}

fn run<T: 'static>(callback: Option<Callback<T>>, event: T) {
    if let Some(callback) = callback {
        callback.try_run(event);
    }
}
