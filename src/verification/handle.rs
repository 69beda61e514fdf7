//! The handle that an app controls a mounted verification with.

use cr3dentials_core::engine::{HostAction, View};
use leptos::prelude::*;
use leptos::reactive::send_wrapper_ext::SendOption;

use super::mount::MountedVerification;
use crate::browser::driver::Driver;
use crate::i18n::Strings;
use crate::options::{Mode, Theme};

/// Controls a mounted [`Verification`](super::Verification). Before it is mounted and after it is unmounted, every call
/// does nothing but log a warning to the console.
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
    /// Creates a handle to pass to a [`Verification`](super::Verification). Call it inside a component.
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
        self.start();
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
            mounted.as_ref().map(|mounted| mounted.update_wording(|wording| wording.strings = strings))
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

    /// Takes over a verification that was just mounted, so that callbacks of its first event can use the handle.
    pub(super) fn attach(&self, mounted: MountedVerification) {
        self.mounted.set_value(SendOption::new_local(Some(mounted)));
    }

    /// Gives the mounted verification back. The handle is empty before it is dropped, which may call back.
    pub(super) fn detach(&self) -> Option<MountedVerification> {
        let take = |mounted: &mut SendOption<MountedVerification>| {
            std::mem::replace(mounted, SendOption::new_local(None)).take()
        };
        self.mounted.try_update_value(take).flatten()
    }

    /// Updates what [`view`](Self::view) returns.
    pub(super) fn set_view(&self, view: &View) {
        let _ = self.view.try_set(view.clone());
    }

    /// Starts the verification unless it has started, and then draws it.
    pub(super) fn start(&self) {
        let start = self
            .mounted
            .try_update_value(|mounted| mounted.as_mut().and_then(MountedVerification::take_start))
            .flatten();
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
