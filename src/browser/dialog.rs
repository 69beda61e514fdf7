//! The dialog's manners over the page: Esc and Back hide it and end nothing, a phone's sheet is as high as the soft
//! keyboard leaves room for.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{History, Window};

use super::shell::Shell;
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

    /// Lays it out in another way. The iframe stays alive: closing and opening in one task keeps it.
    pub(crate) fn set_mode(&self, mode: Mode) {
        if self.mode.replace(mode) != mode && (self.is_open() || mode != Mode::Modal) {
            self.entry.take_back();
            self.open();
        }
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        self.entry.take_back();
    }
}

fn listeners(
    shell: &Shell,
    entry: &Rc<Entry>,
    may_hide: impl Fn() -> bool + Clone + 'static,
) -> Option<Vec<EventListener>> {
    let window = web_sys::window()?;
    let preventable = EventListenerOptions::enable_prevent_default();
    let cancel = {
        let (dialog, may_hide) = (shell.dialog.clone(), may_hide.clone());
        EventListener::new_with_options(&shell.dialog, "cancel", preventable, move |event| {
            let is_ours = event.target().is_some_and(|target| dialog.is_same_node(target.dyn_ref()));
            if is_ours && !may_hide() {
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
                entry.take_back();
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
    let viewport = web_sys::window().and_then(|window| window.visual_viewport());
    let Some(viewport) = viewport.filter(|viewport| (viewport.scale() - 1.0).abs() < 0.01) else { return };
    let style = shell.dialog.style();
    // Whole pixels: the formatting of fractions is large, and nobody sees them.
    let _ = style.set_property("--_seen", &[&(viewport.height() as u32).to_string(), "px"].concat());
    let _ = style.set_property("--_above", &[&(viewport.offset_top() as u32).to_string(), "px"].concat());
}

/// An entry of our own in the page's history while a sheet is open, so that the Back button has something to leave.
#[derive(Debug, Default)]
struct Entry {
    pushed: Cell<bool>,
}

impl Entry {
    fn push(&self) {
        let Some(window) = web_sys::window().filter(is_sheet) else { return };
        let Ok(history) = window.history() else { return };
        if !is_ours(&history) {
            // With what the page's router keeps there, so that it takes the entry for one of its own.
            let state = Object::assign(&Object::new(), &Object::from(history.state().unwrap_or(JsValue::NULL)));
            let _ = Reflect::set(&state, &MARK.into(), &JsValue::TRUE);
            let _ = history.push_state(&state, "");
        }
        self.pushed.set(true);
    }

    /// Whether the user went back from it.
    fn was_left(&self) -> bool {
        let history = web_sys::window().and_then(|window| window.history().ok());
        let left = self.pushed.get() && history.is_some_and(|history| !is_ours(&history));
        if left {
            self.pushed.set(false);
        }
        left
    }

    /// The sheet was closed in another way: Back must not need to be pressed twice. Where the page has gone on since,
    /// the entry is left to it.
    fn take_back(&self) {
        if self.pushed.replace(false)
            && let Some(history) = web_sys::window().and_then(|window| window.history().ok())
            && is_ours(&history)
        {
            let _ = history.back();
        }
    }
}

fn is_ours(history: &History) -> bool {
    let state = history.state().unwrap_or(JsValue::NULL);
    state.is_object() && Reflect::has(state.unchecked_ref(), &MARK.into()).unwrap_or(false)
}

fn is_sheet(window: &Window) -> bool {
    window.match_media(SHEET).ok().flatten().is_some_and(|query| query.matches())
}
