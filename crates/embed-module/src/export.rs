//! Everything that JavaScript can call: [`mount`] and the [`Handle`] it returns.

use cr3dentials_embed::StepTime;
use cr3dentials_embed::core::engine::{Event, HostAction};
use cr3dentials_embed::internals::{self, Mounted};
use js_sys::Function;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::HtmlDialogElement;

use crate::panics::PanicListener;

/// Builds a verification inside `shell`. Nothing is sent, emitted or drawn before [`Handle::start`], so the caller can
/// store the handle before the first event.
///
/// `shell` is a `<dialog>` with two children of the classes `cr3d-view` and `cr3d-frame`; an iframe that is already
/// in the second is adopted, not loaded again. `listener` is called with an event's name, without its prefix, and its
/// detail; with `step` and a step that has ended; and with `panic` when this module can no longer be used.
///
/// # Errors
/// A message when the options or the shell are invalid, and once this module has panicked.
#[wasm_bindgen]
pub fn mount(shell: HtmlDialogElement, options: JsValue, listener: Function) -> Result<Handle, JsValue> {
    if internals::has_panicked() {
        return Err("The module has panicked".into());
    }
    let panics = PanicListener::subscribe(&listener);
    let on_event = {
        let listener = listener.clone();
        move |event: &Event| emit(&listener, event.name(), &detail_of(event))
    };
    let on_step = move |step: &StepTime| emit(&listener, "step", &to_js(step));
    Ok(Handle { mounted: Mounted::new(shell, &options, on_event, on_step)?, _panics: panics })
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

    /// Hides the dialog. Nothing ends.
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

    /// Changes what may change while it runs; anything else in `changes` is ignored.
    ///
    /// # Errors
    /// A message when a value is not one of those documented.
    pub fn update(&self, changes: JsValue) -> Result<(), JsValue> {
        Ok(self.mounted.update(&changes)?)
    }

    /// Returns what is shown now, as an object; `null` after `destroy`.
    pub fn state(&self) -> JsValue {
        self.mounted.view().map_or(JsValue::NULL, |view| to_js(&view))
    }

    /// Stops everything, silently and for good.
    pub fn destroy(&self) {
        self.mounted.destroy();
    }
}

fn emit(listener: &Function, name: &str, detail: &JsValue) {
    // The host is responsible for a listener that throws; the browser has already reported it.
    let _ = listener.call2(&JsValue::UNDEFINED, &JsValue::from_str(name), detail);
}

fn detail_of(event: &Event) -> JsValue {
    match event {
        Event::Ready(event) => to_js(event),
        Event::Status(event) => to_js(event),
        Event::Progress(event) => to_js(event),
        Event::Action(event) => to_js(event),
        Event::Expiring(event) => to_js(event),
        Event::Complete(event) => to_js(event),
        Event::Partial(event) => to_js(event),
        Event::Error(event) => to_js(event),
        Event::End(event) => to_js(event),
    }
}

fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}
