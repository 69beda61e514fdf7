use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::BeforeUnloadEvent;

use super::driver::BROKEN;
use super::window;

/// Lets the browser ask, in its own words, whether the user wants to leave the page; `on_asked` is told when it does.
///
/// To be kept only while there is something to lose: a page with such a listener is not put away for a quick return.
pub(crate) fn ask_before_leaving(on_asked: impl Fn() + 'static) -> Option<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    Some(EventListener::new_with_options(&window(), "beforeunload", options, move |event| {
        // What a panic left behind has nothing to lose.
        if BROKEN.get() {
            return;
        }
        event.prevent_default();
        // Browsers before 2024 want to see this.
        event.unchecked_ref::<BeforeUnloadEvent>().set_return_value("leave");
        on_asked();
    }))
}
