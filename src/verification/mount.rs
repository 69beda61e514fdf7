//! A verification in the page: the driver, the drawn view and everything else that has to end together.

use cr3dentials_core::engine::{HostAction, Start, View};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;

use crate::browser::driver::{ComponentEvent, Driver, ViewState};
use crate::browser::partner_client::PartnerClient;
use crate::browser::shell::Shell;
use crate::browser::storage;
use crate::options::{Mode, Options};
use crate::view::{Model, PlatformList, Wording, card};

/// A verification mounted into a shell. Dropping it destroys everything but the shell itself.
///
/// It owns its `Owner`: a pending future keeps its own owner alive, so unmounting alone would leave a polling loop
/// running in a page that no longer shows it.
pub(crate) struct MountedVerification {
    pub(crate) driver: Driver,
    shell: Shell,
    /// The kind of start; `None` once started. The inner `None` means that the user picks a platform first.
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
        partner: PartnerClient,
        start: Option<Start>,
        on_view: impl Fn(&View) + 'static,
        on_event: impl Fn(ComponentEvent) + 'static,
    ) -> Self {
        shell.set_theme(options.theme.as_str(), Some(options.frame_color_scheme.as_str()));
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
        let driver = Driver::new(shell.clone(), options, partner, on_view_state, on_event);
        driver.set_language(&wording.strings);
        // A separate root: contexts and cleanups of the host app do not apply.
        let owner = Owner::new_root(None);
        let (start, wording) = (Some(start), ArcRwSignal::new(wording));
        Self { driver, shell, start, view_state, wording, owner, view: None }
    }

    /// Returns the driver and how to start it, once. The caller starts it without borrowing this value, because
    /// callbacks of the first event may need it.
    pub(crate) fn take_start(&mut self) -> Option<(Driver, Option<Start>)> {
        Some((self.driver.clone(), self.start.take()?))
    }

    /// Draws a given view state instead of starting anything.
    pub(crate) fn show(&mut self, view_state: ViewState, platforms: PlatformList, query: &'static str) {
        self.start = None;
        self.shell.set_mode(Mode::Inline);
        self.shell.show();
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
        let (place, view_state) = (self.shell.view(), self.view_state.clone());
        place.set_text_content(None);
        let (wording, driver) = (self.wording.clone(), self.driver.clone());
        self.view =
            Some(self.owner.with(|| mount_to(place, move || card(prepare(Model::new(view_state, wording, driver))))));
    }

    /// Changes the strings and the partner's name.
    pub(crate) fn update_wording(&self, change: impl FnOnce(&mut Wording)) {
        self.wording.update(change);
        self.wording.with_untracked(|wording| self.driver.set_language(&wording.strings));
    }

    /// Destroys the verification and removes its dialog from the page.
    pub(crate) fn unmount(self) {
        let shell = self.shell.clone();
        drop(self);
        shell.clear();
        shell.dialog().remove();
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
    let resumed = storage::load(&options.resume_name()).map(Start::Resume);
    resumed.or_else(|| options.new_session())
}
