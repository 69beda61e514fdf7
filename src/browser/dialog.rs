//! The dialog's manners over the page: Esc and Back hide it and end nothing, a phone's sheet is as high as the soft
//! keyboard leaves room for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::History;

use super::shell::Shell;
use super::window;
use crate::options::Mode;

/// Where the card is a sheet that fills the screen: what `style/component.css` says, too.
const SHEET: &str = "(max-width: 480px), (max-height: 480px)";

/// The mark that our entry in the page's history carries.
const MARK: &str = "cr3d";

/// Opens, closes and watches one shell's dialog. Dropping it stops watching.
#[derive(Debug)]
pub(crate) struct Dialog {
    shell: Shell,
    mode: Cell<Mode>,
    entry: Rc<Entry>,
    _listeners: Vec<EventListener>,
}

impl Dialog {
    /// Watches `shell`. `may_hide` is asked before the dialog is hidden by Esc or Back; a browser may insist.
    pub(crate) fn new(shell: Shell, mode: Mode, may_hide: impl Fn() -> bool + Clone + 'static) -> Self {
        let entry = Rc::new(Entry::default());
        let listeners = listeners(&shell, &entry, may_hide).unwrap_or_default();
        Self { shell, mode: Cell::new(mode), entry, _listeners: listeners }
    }

    /// Shows it, in its mode.
    pub(crate) fn open(&self) {
        let mode = self.mode.get();
        self.shell.show(mode);
        if mode == Mode::Modal {
            self.entry.push();
            fit(&self.shell);
        }
    }

    /// Whether it is shown.
    pub(crate) fn is_open(&self) -> bool {
        self.shell.dialog.open()
    }

    /// Hides it and ends nothing.
    pub(crate) fn hide(&self) {
        self.shell.dialog.close();
    }

    /// Hides it because the user wants that, and nothing came of it that the page may act on.
    pub(crate) fn dismiss(&self) {
        self.entry.go_back();
        self.hide();
    }

    /// Lays it out in another way. The iframe stays alive: closing and opening in one task keeps it.
    pub(crate) fn set_mode(&self, mode: Mode) {
        if self.mode.replace(mode) != mode && (self.is_open() || mode != Mode::Modal) {
            self.entry.leave();
            self.open();
        }
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        self.entry.leave();
    }
}

fn listeners(
    shell: &Shell,
    entry: &Rc<Entry>,
    may_hide: impl Fn() -> bool + Clone + 'static,
) -> Option<Vec<EventListener>> {
    let window = window();
    let preventable = EventListenerOptions::enable_prevent_default();
    let cancel = {
        let (dialog, may_hide, entry) = (shell.dialog.clone(), may_hide.clone(), Rc::clone(entry));
        EventListener::new_with_options(&shell.dialog, "cancel", preventable, move |event| {
            let is_ours = event.target().is_some_and(|target| JsValue::from(target) == JsValue::from(&dialog));
            if !is_ours {
            } else if may_hide() {
                entry.go_back();
            } else {
                event.prevent_default();
            }
        })
    };
    let close = {
        let entry = Rc::clone(entry);
        let dialog = shell.dialog.clone();
        EventListener::new(&shell.dialog, "close", move |_| {
            // It comes late, and the dialog may be open again in another mode.
            if !dialog.open() {
                entry.leave();
            }
        })
    };
    let back = {
        let (shell, entry) = (shell.clone(), Rc::clone(entry));
        EventListener::new(&window, "popstate", move |_| {
            if !entry.was_left() {
            } else if may_hide() {
                shell.dialog.close();
            } else {
                entry.push();
            }
        })
    };
    let mut listeners = vec![cancel, close, back];
    if let Some(viewport) = window.visual_viewport() {
        for name in ["resize", "scroll"] {
            let shell = shell.clone();
            listeners.push(EventListener::new(&viewport, name, move |_| fit(&shell)));
        }
    }
    Some(listeners)
}

/// As high as what can be seen. A page that the user has zoomed into is left alone: they want to see a part of it.
fn fit(shell: &Shell) {
    let viewport = window().visual_viewport();
    let Some(viewport) = viewport.filter(|viewport| (viewport.scale() - 1.0).abs() < 0.01) else { return };
    let style = shell.dialog.style();
    // Whole pixels: the formatting of fractions is large, and nobody sees them.
    let _ = style.set_property("--_seen", &[&(viewport.height() as u32).to_string(), "px"].concat());
    let _ = style.set_property("--_above", &[&(viewport.offset_top() as u32).to_string(), "px"].concat());
}

/// An entry in the page's history while a sheet is open, so that the Back button has something to leave.
///
/// We go back from it only when the user hides the sheet, and only while it is the very entry that was pushed: whatever
/// the page has navigated to since, in whatever way, stays. An entry that is left over costs one press of Back.
#[derive(Debug, Default)]
struct Entry {
    /// The entry's state. The browser returns this very object until something navigates.
    state: RefCell<JsValue>,
    in_use: Cell<bool>,
}

impl Entry {
    fn push(&self) {
        if !is_sheet() {
            return;
        }
        let Ok(history) = window().history() else { return };
        if !self.is_current(&history) {
            // With what the page's router keeps there, so that it takes the entry for one of its own.
            let state = Object::assign(&Object::new(), &Object::from(history.state().unwrap_or(JsValue::NULL)));
            let _ = Reflect::set(&state, &MARK.into(), &JsValue::TRUE);
            if history.push_state(&state, "").is_err() {
                return;
            }
            self.state.replace(history.state().unwrap_or(JsValue::NULL));
        }
        self.in_use.set(true);
    }

    /// Returns whether the user has gone back from it.
    fn was_left(&self) -> bool {
        let left = self.in_use.get() && window().history().is_ok_and(|history| !self.is_current(&history));
        if left {
            self.in_use.set(false);
        }
        left
    }

    /// The user has hidden the sheet in another way: Back need not be pressed twice.
    fn go_back(&self) {
        if self.in_use.replace(false)
            && let Ok(history) = window().history()
            && self.is_current(&history)
        {
            self.state.replace(JsValue::NULL);
            let _ = history.back();
        }
    }

    /// The sheet is gone. The page may be on its way elsewhere, and going back would stop it.
    fn leave(&self) {
        self.in_use.set(false);
    }

    fn is_current(&self, history: &History) -> bool {
        let state = self.state.borrow();
        state.is_object() && history.state().is_ok_and(|current| current == *state)
    }
}

fn is_sheet() -> bool {
    window().match_media(SHEET).ok().flatten().is_some_and(|query| query.matches())
}
