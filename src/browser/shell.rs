//! The shell: one `<dialog>` laid out as a grid, with the frame's place and a place for everything else.
//!
//! An iframe cannot be moved without loading again, so whoever comes first makes the whole shell, and the iframe stays
//! outside everything that is drawn.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

use super::focus;
use crate::options::Mode;

/// The three elements that stay for the life of a verification.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    pub(crate) dialog: HtmlDialogElement,
    /// Where Leptos draws; `display: contents`, so its children are laid out by the dialog.
    pub(crate) view: HtmlElement,
    /// Where the iframe is.
    pub(crate) frame: HtmlElement,
}

impl Shell {
    /// Makes a shell inside `parent`.
    pub(crate) fn make(parent: &Element) -> Option<Self> {
        let document = parent.owner_document()?;
        let dialog: HtmlDialogElement = document.create_element("dialog").ok()?.dyn_into().ok()?;
        dialog.set_class_name("cr3d");
        dialog.set_attribute("part", "dialog").ok()?;
        for (class, part) in [("cr3d-view", None), ("cr3d-frame", Some("frame"))] {
            let place = document.create_element("div").ok()?;
            place.set_class_name(class);
            if let Some(part) = part {
                place.set_attribute("part", part).ok()?;
            }
            dialog.append_child(&place).ok()?;
        }
        parent.append_child(&dialog).ok()?;
        Self::adopt(dialog)
    }

    /// Takes over a shell that somebody else made.
    pub(crate) fn adopt(dialog: HtmlDialogElement) -> Option<Self> {
        let place = |class| dialog.query_selector(class).ok()??.dyn_into::<HtmlElement>().ok();
        let (view, frame) = (place(":scope > .cr3d-view")?, place(":scope > .cr3d-frame")?);
        Some(Self { dialog, view, frame })
    }

    /// Shows the dialog. Closing and opening in one task changes the mode of an open one and keeps its iframe alive.
    pub(crate) fn show(&self, mode: Mode) {
        let is_open = self.dialog.open();
        if is_open && self.dialog.get_attribute("data-mode").as_deref() == Some(mode.as_str()) {
            return;
        }
        if is_open {
            self.dialog.close();
        }
        self.set("data-mode", mode.as_str());
        if mode == Mode::Modal {
            // The focus goes to the dialog itself, whose name is read then: the first thing in it may be the iframe,
            // and from in there Esc does not reach us.
            self.set("autofocus", "");
            self.set("tabindex", "-1");
            let _ = self.dialog.show_modal();
        } else {
            let _ = self.dialog.remove_attribute("autofocus");
            let _ = self.dialog.remove_attribute("tabindex");
            // Not `show()`: it would take the focus away from whatever the user is doing in the page.
            self.dialog.set_open(true);
        }
    }

    /// Whether the keyboard focus is inside the iframe. From outside, the iframe itself has it then.
    pub(crate) fn frame_has_focus(&self) -> bool {
        focus::focused(&self.frame).is_some_and(|focused| self.frame.contains(Some(&focused)))
    }

    /// Gives the focus to what `selector` finds.
    pub(crate) fn focus(&self, selector: &str) {
        let found = self.dialog.query_selector(selector).ok().flatten().and_then(|found| found.dyn_into().ok());
        if let Some(found) = found {
            let found: HtmlElement = found;
            let _ = found.focus();
        }
    }

    pub(crate) fn set(&self, name: &str, value: &str) {
        let _ = self.dialog.set_attribute(name, value);
    }
}
