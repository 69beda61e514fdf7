use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::BeforeUnloadEvent;

use super::{panic_flag, window};

/// Lets the browser ask whether the user wants to leave the page; `on_prompt` is called when it asks.
///
/// Keep the listener only while there is something to lose: a page that has one is not put into the back/forward cache.
pub(crate) fn confirm_before_unload(on_prompt: impl Fn() + 'static) -> Option<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    Some(EventListener::new_with_options(&window(), "beforeunload", options, move |event| {
        // After a panic there is nothing left to lose.
        if panic_flag::has_panicked() {
            return;
        }
        event.prevent_default();
        // Browsers before 2024 require this.
        event.unchecked_ref::<BeforeUnloadEvent>().set_return_value("leave");
        on_prompt();
    }))
}
