//! Behavior of the modal dialog: Esc and Back hide it without ending the session, and on phones it is a sheet that fits
//! the space above the soft keyboard.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::History;

use super::shell::Shell;
use super::window;
use crate::options::Mode;

/// Media query under which the card is a sheet that fills the screen; the same as in `style/component.css`.
const SHEET_QUERY: &str = "(max-width: 480px), (max-height: 480px)";

/// Property that marks our entry in the page's history.
const HISTORY_MARK: &str = "cr3d";

/// Opens, closes and watches one shell's dialog. Dropping it stops watching.
#[derive(Debug)]
pub(crate) struct Dialog {
    shell: Shell,
    mode: Cell<Mode>,
    history_entry: Rc<HistoryEntry>,
    _listeners: Vec<EventListener>,
}

impl Dialog {
    /// Watches `shell`. `may_hide` is called before Esc or Back hides the dialog; a browser may hide it regardless.
    pub(crate) fn new(shell: Shell, mode: Mode, may_hide: impl Fn() -> bool + Clone + 'static) -> Self {
        let history_entry = Rc::new(HistoryEntry::default());
        let listeners = listeners(&shell, &history_entry, may_hide).unwrap_or_default();
        Self { shell, mode: Cell::new(mode), history_entry, _listeners: listeners }
    }

    /// Shows the dialog, in its mode.
    pub(crate) fn open(&self) {
        let mode = self.mode.get();
        self.shell.show(mode);
        if mode == Mode::Modal {
            self.history_entry.push();
            fit_to_viewport(&self.shell);
        }
    }

    /// Returns true while the dialog is shown.
    pub(crate) fn is_open(&self) -> bool {
        self.shell.dialog.open()
    }

    /// Hides the dialog. The session does not end.
    pub(crate) fn hide(&self) {
        self.shell.dialog.close();
    }

    /// Hides the dialog at the user's request and goes back in history. Only for use when no event follows on which the
    /// page may navigate.
    pub(crate) fn dismiss(&self) {
        self.history_entry.go_back();
        self.hide();
    }

    /// Changes the layout. The iframe is not reloaded: closing and opening in one task keeps it.
    pub(crate) fn set_mode(&self, mode: Mode) {
        if self.mode.replace(mode) != mode && (self.is_open() || mode != Mode::Modal) {
            self.history_entry.abandon();
            self.open();
        }
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        self.history_entry.abandon();
    }
}

fn listeners(
    shell: &Shell,
    history_entry: &Rc<HistoryEntry>,
    may_hide: impl Fn() -> bool + Clone + 'static,
) -> Option<Vec<EventListener>> {
    let window = window();
    let preventable = EventListenerOptions::enable_prevent_default();
    let cancel = {
        let (dialog, may_hide, history_entry) = (shell.dialog.clone(), may_hide.clone(), Rc::clone(history_entry));
        EventListener::new_with_options(&shell.dialog, "cancel", preventable, move |event| {
            let is_ours = event.target().is_some_and(|target| JsValue::from(target) == JsValue::from(&dialog));
            if !is_ours {
            } else if may_hide() {
                history_entry.go_back();
            } else {
                event.prevent_default();
            }
        })
    };
    let close = {
        let history_entry = Rc::clone(history_entry);
        let dialog = shell.dialog.clone();
        EventListener::new(&shell.dialog, "close", move |_| {
            // The event arrives late: the dialog may already be open again in another mode.
            if !dialog.open() {
                history_entry.abandon();
            }
        })
    };
    let back = {
        let (shell, history_entry) = (shell.clone(), Rc::clone(history_entry));
        EventListener::new(&window, "popstate", move |_| {
            if !history_entry.take_was_left() {
            } else if may_hide() {
                shell.dialog.close();
            } else {
                history_entry.push();
            }
        })
    };
    let mut listeners = vec![cancel, close, back];
    if let Some(viewport) = window.visual_viewport() {
        for name in ["resize", "scroll"] {
            let shell = shell.clone();
            listeners.push(EventListener::new(&viewport, name, move |_| fit_to_viewport(&shell)));
        }
    }
    Some(listeners)
}

/// Fits the sheet to the visible part of the page. Does nothing while the user has zoomed in, because they want to see
/// a part of it.
fn fit_to_viewport(shell: &Shell) {
    let viewport = window().visual_viewport();
    let Some(viewport) = viewport.filter(|viewport| (viewport.scale() - 1.0).abs() < 0.01) else { return };
    let style = shell.dialog.style();
    // Whole pixels: code that formats fractions is large, and the difference is invisible.
    let _ = style.set_property("--_seen", &[&(viewport.height() as u32).to_string(), "px"].concat());
    let _ = style.set_property("--_above", &[&(viewport.offset_top() as u32).to_string(), "px"].concat());
}

/// An entry in the page's history while a sheet is open, so that Back hides the sheet instead of leaving the page.
///
/// We go back from it only when the user hides the sheet, and only while the current entry is the one that was pushed,
/// so that any later navigation of the page stays. A leftover entry takes one extra press of Back.
#[derive(Debug, Default)]
struct HistoryEntry {
    /// State object of the entry. The browser returns this same object until something navigates.
    state: RefCell<JsValue>,
    in_use: Cell<bool>,
}

impl HistoryEntry {
    fn push(&self) {
        if !is_sheet() {
            return;
        }
        let Ok(history) = window().history() else { return };
        if !self.is_current(&history) {
            // Includes the state of the page's router, so that it treats the entry as its own.
            let state = Object::assign(&Object::new(), &Object::from(history.state().unwrap_or(JsValue::NULL)));
            let _ = Reflect::set(&state, &HISTORY_MARK.into(), &JsValue::TRUE);
            if history.push_state(&state, "").is_err() {
                return;
            }
            self.state.replace(history.state().unwrap_or(JsValue::NULL));
        }
        self.in_use.set(true);
    }

    /// Returns true if the user has just gone back from the entry.
    fn take_was_left(&self) -> bool {
        let left = self.in_use.get() && window().history().is_ok_and(|history| !self.is_current(&history));
        if left {
            self.in_use.set(false);
        }
        left
    }

    /// Goes back after the user has hidden the sheet in another way, so that Back need not be pressed twice.
    fn go_back(&self) {
        if self.in_use.replace(false)
            && let Ok(history) = window().history()
            && self.is_current(&history)
        {
            self.state.replace(JsValue::NULL);
            let _ = history.back();
        }
    }

    /// Leaves the entry in the history once the sheet is gone. The page may be navigating, and going back would cancel
    /// that.
    fn abandon(&self) {
        self.in_use.set(false);
    }

    fn is_current(&self, history: &History) -> bool {
        let state = self.state.borrow();
        state.is_object() && history.state().is_ok_and(|current| current == *state)
    }
}

fn is_sheet() -> bool {
    window().match_media(SHEET_QUERY).ok().flatten().is_some_and(|query| query.matches())
}
