//! `<Verification/>`: options in, engine and view wired together.
#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

use cr3dentials_core::engine::{Event, HostAction, Start, View, event};
use leptos::html;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;

use crate::browser::driver::Driver;
use crate::browser::shell::Shell;
use crate::browser::storage;
use crate::options::{Options, Theme};
use crate::strings::Strings;
use crate::view::{Card, Model, Wording};

/// A verification that is mounted into a shell. Dropping it destroys everything but the shell itself.
///
/// It owns its `Owner`: a pending future keeps its own owner alive, so unmounting alone would leave a polling loop
/// running in a page that no longer shows it.
pub(crate) struct Attached {
    pub(crate) driver: Driver,
    shell: Shell,
    shown: ArcRwSignal<View>,
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
    pub(crate) fn new(shell: Shell, options: Options, on_event: impl Fn(Event) + 'static) -> Self {
        shell.set("data-theme", options.theme.as_str());
        let shown = ArcRwSignal::new(View::default());
        let on_view = {
            let shown = shown.clone();
            move |view: &View| {
                if shown.with_untracked(|shown| shown != view) {
                    shown.set(view.clone());
                }
            }
        };
        let wording = Wording { strings: options.strings.clone(), partner: options.partner_name.clone() };
        let driver = Driver::new(shell.clone(), options, on_view, on_event);
        driver.set_language(&wording.strings);
        Self { driver, shell, shown, wording: ArcRwSignal::new(wording), owner: Owner::new(), view: None }
    }

    /// Draws into the shell. To be called once, after the start, so that the first picture is the right one.
    pub(crate) fn draw(&mut self) {
        self.shell.view.set_text_content(None);
        let (place, shown) = (self.shell.view.clone(), self.shown.clone());
        let (wording, driver) = (self.wording.clone(), self.driver.clone());
        self.view = Some(self.owner.with(|| {
            mount_to(place, move || {
                let model = Model::new(shown, wording, driver);
                view! { <Card model /> }.into_any()
            })
        }));
    }

    /// Changes the words and the partner's name.
    pub(crate) fn reword(&self, change: impl FnOnce(&mut Wording)) {
        self.wording.update(change);
        self.wording.with_untracked(|wording| self.driver.set_language(&wording.strings));
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

/// Controls a mounted [`Verification`]. Before it is mounted and after it is gone, every call does nothing.
#[derive(Clone, Copy, Debug)]
pub struct VerificationHandle(StoredValue<Option<Attached>, LocalStorage>);

impl Default for VerificationHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl VerificationHandle {
    /// A handle to give to a [`Verification`]. Make it inside a component.
    pub fn new() -> Self {
        Self(StoredValue::new_local(None))
    }

    /// Asks the proxy for the status now; after a failed start, tries again.
    pub fn refresh(&self) {
        self.act(HostAction::Refresh);
    }

    /// Shows the same session in a new iframe.
    pub fn remount(&self) {
        self.act(HostAction::Remount);
    }

    /// Ends this session as closed and begins another.
    pub fn start_again(&self) {
        self.act(HostAction::StartAgain);
    }

    /// Ends this session as closed. It ends our view of it only; the session itself may still complete.
    pub fn close(&self) {
        self.act(HostAction::Close);
    }

    /// Light, dark, or as the device is set.
    pub fn set_theme(&self, theme: Theme) {
        if let Some(driver) = self.driver() {
            driver.set_theme(theme);
        }
    }

    /// Words in another language, from now on.
    pub fn set_strings(&self, strings: Strings) {
        let _ = self.0.try_with_value(|attached| {
            attached.as_ref().map(|attached| attached.reword(|wording| wording.strings = strings))
        });
    }

    /// What is shown now; `None` while nothing is mounted.
    pub fn view(&self) -> Option<View> {
        self.driver().map(|driver| driver.view())
    }

    fn act(&self, action: HostAction) {
        if let Some(driver) = self.driver() {
            driver.act(action);
        }
    }

    fn driver(&self) -> Option<Driver> {
        self.0.try_with_value(|attached| attached.as_ref().map(|attached| attached.driver.clone())).flatten()
    }
}

/// Account verification: the provider's iframe with a status view around it.
///
/// Every callback is for display; grant what matters on your server. Options are read once, when it is mounted.
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
    /// Controls it from outside.
    #[prop(optional)]
    handle: Option<VerificationHandle>,
) -> impl IntoView {
    let handle = handle.unwrap_or_default();
    let place = NodeRef::<html::Div>::new();
    let tell = move |event: Event| match event {
        Event::Ready(event) => run(on_ready, event),
        Event::Status(event) => run(on_status, event),
        Event::Progress(event) => run(on_progress, event),
        Event::Action(event) => run(on_action, event),
        Event::Expiring(event) => run(on_expiring, event),
        Event::Complete(event) => run(on_complete, event),
        Event::Partial(event) => run(on_partial, event),
        Event::Error(event) => run(on_error, event),
        Event::End(event) => run(on_end, event),
    };
    place.on_load(move |place| {
        let Some(shell) = Shell::make(&place) else { return };
        let attached = Attached::new(shell, options.clone(), tell);
        let driver = attached.driver.clone();
        // First, so that a callback of the very first event finds it.
        handle.0.set_value(Some(attached));
        driver.start(start_of(&options));
        let _ = handle.0.try_update_value(|attached| attached.as_mut().map(Attached::draw));
    });
    on_cleanup(move || {
        let _ = handle.0.try_update_value(Option::take);
    });
    view! { <div class="cr3d-host" node_ref=place></div> }
}

fn run<T: 'static>(callback: Option<Callback<T>>, event: T) {
    if let Some(callback) = callback {
        callback.try_run(event);
    }
}
