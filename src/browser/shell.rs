//! The shell around the view and the frame, which JavaScript implements: the host of the npm package uses the same one
//! before this module is loaded.

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlIFrameElement};

use crate::options::Mode;

#[wasm_bindgen]
extern "C" {
    /// A shell; `shell/shell.js` documents its methods. All of them may run the page's code.
    #[derive(Clone, Debug)]
    pub(crate) type Shell;

    /// The page around a shell; `shell/page.js` documents its methods.
    type PageAround;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn dialog(this: &Shell) -> HtmlDialogElement;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn view(this: &Shell) -> HtmlElement;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn frame(this: &Shell) -> HtmlElement;

    #[wasm_bindgen(method, getter, js_name = isOpen)]
    pub(crate) fn is_open(this: &Shell) -> bool;

    #[wasm_bindgen(method, setter, js_name = onClose)]
    fn set_on_close(this: &Shell, on_close: &JsValue);

    #[wasm_bindgen(method, setter, js_name = mayHide)]
    fn set_may_hide(this: &Shell, may_hide: &JsValue);

    #[wasm_bindgen(method, setter, js_name = backButton)]
    pub(crate) fn set_back_button(this: &Shell, hides: bool);

    #[wasm_bindgen(method, getter, js_name = mode)]
    fn mode_name(this: &Shell) -> String;

    #[wasm_bindgen(method, setter, js_name = mode)]
    fn set_first_mode(this: &Shell, mode: &str);

    #[wasm_bindgen(method, catch, js_name = show)]
    fn try_show(this: &Shell) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = setMode)]
    fn try_set_mode(this: &Shell, mode: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = hide)]
    fn try_hide(this: &Shell) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = clear)]
    fn try_clear(this: &Shell) -> Result<(), JsValue>;

    #[wasm_bindgen(method, js_name = setTheme)]
    pub(crate) fn set_theme(this: &Shell, theme: &str, frame_scheme: Option<&str>);

    #[wasm_bindgen(method, js_name = setLanguage)]
    pub(crate) fn set_language(this: &Shell, lang: &str, name: &str, close: &str, done: &str);

    #[wasm_bindgen(method, js_name = setEnd)]
    pub(crate) fn set_end(this: &Shell, reason: &str);

    #[wasm_bindgen(method, getter)]
    fn page(this: &Shell) -> Option<PageAround>;

    #[wasm_bindgen(method, catch, js_name = insertFrame)]
    pub(crate) fn insert_frame(this: &Shell, url: &str, title: &str) -> Result<HtmlIFrameElement, JsValue>;

    #[wasm_bindgen(method, js_name = dropFrame)]
    pub(crate) fn drop_frame(this: &Shell);

    #[wasm_bindgen(method)]
    fn detach(this: &Shell);

    #[wasm_bindgen(method, js_name = focusSoon)]
    fn focus_soon(this: &PageAround, selector: &str);
}

// Only the Leptos component imports it; the npm package's host has it already.
#[wasm_bindgen(module = "/src/browser/shell/create.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = createShell)]
    fn create_shell(place: &Element) -> Result<Shell, JsValue>;
}

// The files that `create.js` imports: wasm-bindgen copies a file only if a declaration names it. The declarations stand
// in the same module as the one above, because the linker leaves out modules without anything that is used.
#[wasm_bindgen(module = "/src/browser/shell/back.js")]
extern "C" {
    type BackFile;
}

#[wasm_bindgen(module = "/src/browser/shell/dom.js")]
extern "C" {
    type DomFile;
}

#[wasm_bindgen(module = "/src/browser/shell/page.js")]
extern "C" {
    type PageFile;
}

#[wasm_bindgen(module = "/src/browser/shell/policy.js")]
extern "C" {
    type PolicyFile;
}

#[wasm_bindgen(module = "/src/browser/shell/shell.js")]
extern "C" {
    type ShellFile;
}

impl Shell {
    /// Creates a shell inside `place`.
    pub(crate) fn create(place: &Element) -> Option<Self> {
        create_shell(place).ok()
    }

    /// Sets the first layout. Nothing is shown yet.
    pub(crate) fn start_in(&self, mode: Mode) {
        self.set_first_mode(mode.as_str());
    }

    /// Returns true for a dialog over the page that is hidden.
    pub(crate) fn is_hidden_dialog(&self) -> bool {
        self.mode_name() == Mode::Modal.as_str() && !self.is_open()
    }

    /// Shows the dialog.
    pub(crate) fn show(&self) {
        let _ = self.try_show();
    }

    /// Changes the layout. The iframe is not loaded again, and a hidden dialog stays hidden.
    pub(crate) fn set_mode(&self, mode: Mode) {
        let _ = self.try_set_mode(mode.as_str());
    }

    /// Hides the dialog.
    pub(crate) fn hide(&self) {
        let _ = self.try_hide();
    }

    /// Moves the focus to the element that `selector` matches, once the view has drawn it.
    pub(crate) fn focus_soon(&self, selector: &str) {
        if let Some(page) = self.page() {
            page.focus_soon(selector);
        }
    }

    /// Empties and hides the dialog.
    pub(crate) fn clear(&self) {
        let _ = self.try_clear();
    }

    /// Calls `on_close` when the user presses the close control, and `may_hide` before Esc or Back hides the dialog,
    /// which a browser may do regardless.
    pub(crate) fn attach(
        &self,
        on_close: impl Fn() + 'static,
        may_hide: impl Fn() -> bool + 'static,
    ) -> ShellCallbacks {
        let (on_close, may_hide) = (Closure::<dyn Fn()>::new(on_close), Closure::<dyn Fn() -> bool>::new(may_hide));
        self.set_on_close(on_close.as_ref());
        self.set_may_hide(may_hide.as_ref());
        ShellCallbacks { shell: self.clone(), _on_close: on_close, _may_hide: may_hide }
    }
}

/// Callbacks of a shell. Dropping it detaches them.
#[derive(Debug)]
#[must_use = "dropping it detaches the callbacks"]
pub(crate) struct ShellCallbacks {
    shell: Shell,
    _on_close: Closure<dyn Fn()>,
    _may_hide: Closure<dyn Fn() -> bool>,
}

impl Drop for ShellCallbacks {
    fn drop(&mut self) {
        self.shell.detach();
    }
}
