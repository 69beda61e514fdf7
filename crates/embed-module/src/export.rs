//! Everything that JavaScript can call: [`mount`] and the [`Handle`] it returns.

use cr3dentials_embed::core::engine::HostAction;
use cr3dentials_embed::internals::{self, Mounted};
use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::panics::PanicListener;

/// Builds a verification inside `shell`. Nothing is sent, emitted or drawn before [`Handle::start`], so the caller can
/// store the handle before the first event.
///
/// `shell` is a shell of the host (`src/browser/shell/shell.js`); an iframe that it shows already is adopted, not loaded
/// again. `listener` is called with an event's name, without its prefix, and its
/// detail; with `step` and a step that has ended; and with `panic` when this module can no longer be used.
///
/// # Errors
/// A message when the options or the shell are invalid, and once this module has panicked.
#[wasm_bindgen]
pub fn mount(shell: JsValue, options: JsValue, listener: Function) -> Result<Handle, JsValue> {
    if internals::has_panicked() {
        return Err("The module has panicked".into());
    }
    let panics = PanicListener::subscribe(&listener);
    Ok(Handle { mounted: Mounted::new(shell, &options, listener)?, _panics: panics })
}

/// A mounted verification. After `destroy` every call does nothing.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Handle {
    mounted: Mounted,
    _panics: PanicListener,
}

#[wasm_bindgen]
impl Handle {
    /// Starts the verification and then draws it; later calls do nothing. The first events are emitted before this
    /// returns.
    pub fn start(&self) {
        self.mounted.start();
    }

    /// Polls the proxy for the status now; after a failed start, tries again.
    pub fn refresh(&self) {
        self.mounted.act(HostAction::Refresh);
    }

    /// Shows the same session in a new iframe.
    pub fn remount(&self) {
        self.mounted.act(HostAction::Remount);
    }

    /// Ends this session as closed and begins another.
    #[wasm_bindgen(js_name = startAgain)]
    pub fn start_again(&self) {
        self.mounted.act(HostAction::StartAgain);
    }

    /// Shows the dialog.
    pub fn open(&self) {
        self.mounted.open();
    }

    /// Hides the dialog. The session continues.
    pub fn hide(&self) {
        self.mounted.hide();
    }

    /// Ends this session as closed.
    pub fn close(&self) {
        self.mounted.act(HostAction::Close);
    }

    /// Reports that the element was moved in the DOM, which loaded the iframe again.
    #[wasm_bindgen(js_name = frameLost)]
    pub fn frame_lost(&self) {
        self.mounted.frame_lost();
    }

    /// Changes options that may change while it runs; anything else in `changes` is ignored.
    ///
    /// # Errors
    /// A message when a value is not one of those documented.
    pub fn update(&self, changes: JsValue) -> Result<(), JsValue> {
        Ok(self.mounted.update(&changes)?)
    }

    /// Returns what is shown now, as an object; `null` after `destroy`.
    pub fn state(&self) -> JsValue {
        self.mounted.state()
    }

    /// Stops everything permanently, without emitting an event.
    pub fn destroy(&self) {
        self.mounted.destroy();
    }
}
