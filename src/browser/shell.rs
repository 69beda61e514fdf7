//! The shell: one `<dialog>` laid out as a grid, with a container for the frame and one for everything else.
//!
//! An iframe cannot be moved without being reloaded, so the host or the component, whichever runs first, creates the
//! whole shell, and the iframe stays outside everything that is drawn.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::{Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlDialogElement, HtmlElement};

use super::{focus, foreign};
use crate::options::Mode;

/// The three elements that stay for the life of a verification.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    pub(crate) dialog: HtmlDialogElement,
    /// Container that Leptos draws into; `display: contents`, so its children are laid out by the dialog.
    pub(crate) view_container: HtmlElement,
    /// Container of the iframe.
    pub(crate) frame_container: HtmlElement,
    /// Watches whether the dialog is visible. A host that created the shell does that itself.
    _visibility: Option<Rc<VisibilityWatcher>>,
}

impl Shell {
    /// Creates a shell inside `parent`.
    pub(crate) fn create(parent: &Element) -> Option<Self> {
        let document = parent.owner_document()?;
        let dialog: HtmlDialogElement = document.create_element("dialog").ok()?.unchecked_into();
        dialog.set_class_name("cr3d");
        dialog.set_attribute("part", "dialog").ok()?;
        for (class, part) in [("cr3d-view", None), ("cr3d-frame", Some("frame"))] {
            let container = document.create_element("div").ok()?;
            container.set_class_name(class);
            if let Some(part) = part {
                container.set_attribute("part", part).ok()?;
            }
            dialog.append_child(&container).ok()?;
        }
        parent.append_child(&dialog).ok()?;
        let visibility = VisibilityWatcher::watch(&dialog).map(Rc::new);
        Some(Self { _visibility: visibility, ..Self::adopt(dialog)? })
    }

    /// Takes over a shell that the host created.
    pub(crate) fn adopt(dialog: HtmlDialogElement) -> Option<Self> {
        let find = |selector| Some(dialog.query_selector(selector).ok()??.unchecked_into::<HtmlElement>());
        let (view_container, frame_container) = (find(":scope > .cr3d-view")?, find(":scope > .cr3d-frame")?);
        Some(Self { dialog, view_container, frame_container, _visibility: None })
    }

    /// Shows the dialog. Closing and opening in one task changes the mode of an open dialog without reloading its
    /// iframe.
    pub(crate) fn show(&self, mode: Mode) {
        let (is_open, is_modal) = (self.dialog.open(), mode == Mode::Modal);
        let same_mode = self.dialog.get_attribute("data-mode").as_deref() == Some(mode.as_str());
        if is_open && same_mode && is_modal == is_modal_dialog(&self.dialog) {
            return;
        }
        if is_open {
            self.dialog.close();
        }
        self.set_attribute("data-mode", mode.as_str());
        if is_modal {
            // The dialog itself gets the focus, so that its name is announced: the first element in it may be the
            // iframe, and from inside it Esc does not reach us.
            self.set_attribute("autofocus", "");
            self.set_attribute("tabindex", "-1");
        } else {
            let _ = self.dialog.remove_attribute("autofocus");
            let _ = self.dialog.remove_attribute("tabindex");
        }
        // Not `show()`: it would take the focus away from what the user is doing in the page.
        self.dialog.set_open(true);
        sync_modality(&self.dialog);
    }

    /// Returns true if the keyboard focus is inside the iframe. From outside, the iframe itself has it then.
    pub(crate) fn frame_has_focus(&self) -> bool {
        focus::focused(&self.frame_container).is_some_and(|focused| self.frame_container.contains(Some(&focused)))
    }

    /// Focuses the element that `selector` matches.
    pub(crate) fn focus(&self, selector: &str) {
        if let Some(found) = self.dialog.query_selector(selector).ok().flatten() {
            let _ = found.unchecked_into::<HtmlElement>().focus();
        }
    }

    pub(crate) fn set_attribute(&self, name: &str, value: &str) {
        let _ = self.dialog.set_attribute(name, value);
    }
}

/// Watches whether the place of a dialog in the page is visible. Dropping it stops watching.
#[derive(Debug)]
struct VisibilityWatcher {
    observer: Option<JsValue>,
    _changed: Closure<dyn Fn()>,
    _toggled: EventListener,
}

impl VisibilityWatcher {
    fn watch(dialog: &HtmlDialogElement) -> Option<Self> {
        let changed = Closure::<dyn Fn()>::new({
            let dialog = dialog.clone();
            move || sync_modality(&dialog)
        });
        // Visible anywhere in the page, hence the margin. A ResizeObserver would work too, but it logs an error in the
        // page whenever something moves meanwhile. Where the page has no such observer, a dialog stays as it was
        // opened.
        let options = Object::new();
        let _ = Reflect::set(&options, &"rootMargin".into(), &"100000px".into());
        let observer = foreign::construct("IntersectionObserver", &[changed.as_ref(), &options]);
        let observer = observer.filter(|observer| foreign::call(observer, "observe", &[dialog]).is_some());
        // This event comes first; the observer reports a little later.
        let capture = EventListenerOptions::run_in_capture_phase();
        let toggled = {
            let dialog = dialog.clone();
            let document = dialog.owner_document()?;
            EventListener::new_with_options(&document, "toggle", capture, move |_| sync_modality(&dialog))
        };
        Some(Self { observer, _changed: changed, _toggled: toggled })
    }
}

impl Drop for VisibilityWatcher {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            let _ = foreign::call(observer, "disconnect", &[]);
        }
    }
}

/// Keeps a dialog modal only while it is visible: in a hidden part of the page a modal one would still make everything
/// else inert. There it waits as a non-modal dialog, and becomes modal when its place is visible. The change does not
/// reload the iframe. `npm/src/shell.ts` does the same for its shells.
fn sync_modality(dialog: &HtmlDialogElement) {
    let wants_modal = dialog.open() && dialog.get_attribute("data-mode").as_deref() == Some(Mode::Modal.as_str());
    let is_shown = wants_modal && is_rendered(dialog);
    if !wants_modal || is_shown == is_modal_dialog(dialog) {
        return;
    }
    dialog.close();
    if is_shown {
        let _ = dialog.show_modal();
    } else {
        dialog.set_open(true);
    }
}

fn is_modal_dialog(dialog: &HtmlDialogElement) -> bool {
    dialog.matches(":modal").unwrap_or(false)
}

/// Returns true if the browser renders the element, or would if it were not empty.
fn is_rendered(element: &Element) -> bool {
    let checked = foreign::call(element, "checkVisibility", &[]).as_ref().and_then(JsValue::as_bool);
    checked.unwrap_or_else(|| element.get_client_rects().length() > 0)
}
