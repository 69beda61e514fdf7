//! `<Verification/>`: options in, engine and view wired together.
#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

use cr3dentials_core::engine::{Event, HostAction, Start, View, event};
use leptos::html;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::reactive::send_wrapper_ext::SendOption;
use leptos::tachys::view::any_view::AnyViewState;

use crate::browser::driver::{Driver, News, Picture};
use crate::browser::shell::Shell;
use crate::browser::storage;
use crate::options::{Mode, Options, Theme};
use crate::strings::Strings;
use crate::telemetry::StepTime;
#[cfg(feature = "gallery")]
use crate::view::Offer;
use crate::view::{Model, Wording, card};

/// A verification that is mounted into a shell. Dropping it destroys everything but the shell itself.
///
/// It owns its `Owner`: a pending future keeps its own owner alive, so unmounting alone would leave a polling loop
/// running in a page that no longer shows it.
pub(crate) struct Attached {
    pub(crate) driver: Driver,
    shell: Shell,
    /// Where to begin, until it has begun.
    start: Option<Option<Start>>,
    picture: ArcRwSignal<Picture>,
    wording: ArcRwSignal<Wording>,
    owner: Owner,
    view: Option<UnmountHandle<AnyViewState>>,
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached").finish_non_exhaustive()
    }
}

impl Attached {
    /// Takes the shell over. Nothing is started or drawn yet.
    pub(crate) fn new(
        shell: Shell,
        options: Options,
        start: Option<Start>,
        on_view: impl Fn(&View) + 'static,
        on_news: impl Fn(News) + 'static,
    ) -> Self {
        shell.set("data-theme", options.theme.as_str());
        shell.set("data-frame-scheme", options.frame_color_scheme.as_str());
        let picture = ArcRwSignal::new(Picture::default());
        let on_picture = {
            let shown = picture.clone();
            move |picture: &Picture| {
                if shown.with_untracked(|shown| shown != picture) {
                    on_view(&picture.view);
                    shown.set(picture.clone());
                }
            }
        };
        let wording = Wording { strings: options.strings.clone(), partner: options.partner_name.clone() };
        let driver = Driver::new(shell.clone(), options, on_picture, on_news);
        driver.set_language(&wording.strings);
        // A root of its own: what the host app provides or cleans up is not ours.
        let owner = Owner::new_root(None);
        let (start, wording) = (Some(start), ArcRwSignal::new(wording));
        Self { driver, shell, start, picture, wording, owner, view: None }
    }

    /// The start, the first time. It is not made here: the callbacks of the very first event may want this.
    pub(crate) fn begin(&mut self) -> Option<(Driver, Option<Start>)> {
        Some((self.driver.clone(), self.start.take()?))
    }

    /// Draws one picture instead of starting anything.
    #[cfg(feature = "gallery")]
    pub(crate) fn show(&mut self, picture: Picture, offer: Offer, query: &'static str) {
        self.start = None;
        self.shell.show(Mode::Inline);
        self.picture.set(picture);
        self.draw_with(move |model| model.with_offer(offer, query));
    }

    /// Draws into the shell, once. To be called after the start, so that the first picture is the right one.
    pub(crate) fn draw(&mut self) {
        self.draw_with(|model| model);
    }

    fn draw_with(&mut self, prepare: impl FnOnce(Model) -> Model + 'static) {
        if self.view.is_some() {
            return;
        }
        self.shell.view.set_text_content(None);
        let (place, picture) = (self.shell.view.clone(), self.picture.clone());
        let (wording, driver) = (self.wording.clone(), self.driver.clone());
        self.view =
            Some(self.owner.with(|| mount_to(place, move || card(prepare(Model::new(picture, wording, driver))))));
    }

    /// Changes the words and the partner's name.
    pub(crate) fn reword(&self, change: impl FnOnce(&mut Wording)) {
        self.wording.update(change);
        self.wording.with_untracked(|wording| self.driver.set_language(&wording.strings));
    }
}

impl Attached {
    /// Ends it, and takes out of the page what was put into it.
    pub(crate) fn take_away(self) {
        let dialog = self.shell.dialog.clone();
        drop(self);
        dialog.remove();
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.driver.act(HostAction::Destroy);
        self.view.take();
        self.owner.cleanup();
    }
}

/// Where to begin: with what was given, with what a reload left behind, or with a new session.
pub(crate) fn start_of(options: &Options) -> Option<Start> {
    let resumed = storage::load(&options.storage_key()).map(Start::Resume);
    resumed.or_else(|| options.new_session())
}

/// Controls a mounted [`Verification`]. Before it is mounted and after it is gone, every call does nothing but say so
/// in the console.
#[derive(Clone, Copy, Debug)]
pub struct VerificationHandle {
    /// Safe on a server with many threads: an empty `SendOption` may be dropped on any of them, and only a browser,
    /// which has one, ever fills it.
    attached: StoredValue<SendOption<Attached>>,
    view: RwSignal<View>,
}

impl Default for VerificationHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl VerificationHandle {
    /// A handle to give to a [`Verification`]. Make it inside a component.
    pub fn new() -> Self {
        Self { attached: StoredValue::new(SendOption::new_local(None)), view: RwSignal::new(View::default()) }
    }

    /// Asks the proxy for the status now; after a failed start, tries again.
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

    /// Lays it out in another way. The iframe stays alive.
    pub fn set_mode(&self, mode: Mode) {
        if let Some(driver) = self.driver("set_mode") {
            driver.set_mode(mode);
        }
    }

    /// Ends this session as closed. It ends our view of it only; the session itself may still complete.
    pub fn close(&self) {
        self.act("close", HostAction::Close);
    }

    /// Light, dark, or as the device is set.
    pub fn set_theme(&self, theme: Theme) {
        if let Some(driver) = self.driver("set_theme") {
            driver.set_theme(theme);
        }
    }

    /// Words in another language, from now on.
    pub fn set_strings(&self, strings: Strings) {
        let _ = self.attached.try_with_value(|attached| {
            attached.as_ref().map(|attached| attached.reword(|wording| wording.strings = strings))
        });
    }

    /// What is shown: reactive, so that a view or an effect that reads it follows the verification.
    pub fn view(&self) -> Signal<View> {
        self.view.into()
    }

    /// Whether there is something to control.
    pub fn is_mounted(&self) -> bool {
        self.attached.try_with_value(|attached| attached.is_some()).unwrap_or(false)
    }

    /// Starts, if it has not, and then draws.
    fn begin(&self) {
        let start = self.attached.try_update_value(|attached| attached.as_mut().and_then(Attached::begin)).flatten();
        // Outside: the first event's callback may use this handle.
        if let Some((driver, start)) = start {
            driver.start(start);
            let _ = self.attached.try_update_value(|attached| attached.as_mut().map(Attached::draw));
        }
    }

    fn act(&self, name: &str, action: HostAction) {
        if let Some(driver) = self.driver(name) {
            driver.act(action);
        }
    }

    fn driver(&self, caller: &str) -> Option<Driver> {
        let find = |attached: &SendOption<Attached>| attached.as_ref().map(|attached| attached.driver.clone());
        let driver = self.attached.try_with_value(find).flatten();
        if driver.is_none() {
            let text = ["<Verification/>: ", caller, "() does nothing before it is mounted and after it is gone."];
            leptos::logging::warn!("{}", text.concat());
        }
        driver
    }
}

/// Account verification: the provider's iframe with a status view around it.
///
/// Every callback is for display; grant what matters on your server. Options are read once, when it is mounted; what may
/// change later is changed by the handle. It may stand in a page more than once, and takes nothing from the app around it.
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
    /// The settings; only `proxy_url` is needed.
    options: Options,
    /// The session's frame is shown.
    #[prop(optional, into)]
    on_ready: Option<Callback<event::Ready>>,
    /// The lifecycle moved.
    #[prop(optional, into)]
    on_status: Option<Callback<event::Status>>,
    /// The bar moved, 0–100; it never goes back.
    #[prop(optional, into)]
    on_progress: Option<Callback<event::Progress>>,
    /// The user must act.
    #[prop(optional, into)]
    on_action: Option<Callback<event::Action>>,
    /// The session ends soon.
    #[prop(optional, into)]
    on_expiring: Option<Callback<event::Expiring>>,
    /// `COMPLETED`, and only that.
    #[prop(optional, into)]
    on_complete: Option<Callback<event::Complete>>,
    /// `PARTIAL_COMPLETE`.
    #[prop(optional, into)]
    on_partial: Option<Callback<event::Partial>>,
    /// Something went wrong; the session goes on unless an end says otherwise.
    #[prop(optional, into)]
    on_error: Option<Callback<event::Error>>,
    /// The last one of a session, with the reason.
    #[prop(optional, into)]
    on_end: Option<Callback<event::End>>,
    /// A step is over: how long it took, and where the user went from there.
    #[prop(optional, into)]
    on_step: Option<Callback<StepTime>>,
    /// Controls it from outside, and says what is shown.
    #[prop(optional)]
    handle: Option<VerificationHandle>,
) -> impl IntoView {
    let handle = handle.unwrap_or_default();
    let place = NodeRef::<html::Div>::new();
    let tell = move |news: News| match news {
        News::Event(Event::Ready(event)) => run(on_ready, event),
        News::Event(Event::Status(event)) => run(on_status, event),
        News::Event(Event::Progress(event)) => run(on_progress, event),
        News::Event(Event::Action(event)) => run(on_action, event),
        News::Event(Event::Expiring(event)) => run(on_expiring, event),
        News::Event(Event::Complete(event)) => run(on_complete, event),
        News::Event(Event::Partial(event)) => run(on_partial, event),
        News::Event(Event::Error(event)) => run(on_error, event),
        News::Event(Event::End(event)) => run(on_end, event),
        News::Step(step) => run(on_step, step),
    };
    let follow = move |view: &View| {
        let _ = handle.view.try_set(view.clone());
    };
    place.on_load(move |place| {
        if let Some(problem) = options.problem() {
            return tell(News::Event(Event::Error(event::Error::bad_options(problem))));
        }
        let Some(shell) = Shell::make(&place) else { return };
        let attached = Attached::new(shell, options.clone(), start_of(&options), follow, tell);
        // First, so that a callback of the very first event finds it.
        handle.attached.set_value(SendOption::new_local(Some(attached)));
        // A dialog over the page waits until it is wanted.
        if options.mode != Mode::Modal {
            handle.begin();
        }
    });
    on_cleanup(move || {
        // Out first: what is taken away may call back.
        let take =
            |attached: &mut SendOption<Attached>| std::mem::replace(attached, SendOption::new_local(None)).take();
        if let Some(attached) = handle.attached.try_update_value(take).flatten() {
            attached.take_away();
        }
    });
    view! { <div class="cr3d-host" node_ref=place></div> }
}

fn run<T: 'static>(callback: Option<Callback<T>>, event: T) {
    if let Some(callback) = callback {
        callback.try_run(event);
    }
}
