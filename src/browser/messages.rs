//! Messages from the iframe: from its very window *and* its exact origin, or not at all.
//!
//! What a message says is never read. It makes us ask the server sooner, and the engine bounds how often.

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlIFrameElement, MessageEvent};

/// Calls `on_hint` for each genuine message of `frame`, whose document's origin is `origin`.
pub(crate) fn listen(frame: &HtmlIFrameElement, origin: &str, on_hint: impl Fn() + 'static) -> Option<EventListener> {
    let window = web_sys::window()?;
    let (frame, origin) = (frame.clone(), origin.to_owned());
    Some(EventListener::new(&window, "message", move |event| {
        let Some(event) = event.dyn_ref::<MessageEvent>() else { return };
        if event.is_trusted() && event.origin() == origin && is_from(&frame, event) {
            on_hint();
        }
    }))
}

/// Whether the sender is the window inside `frame`. A frame that is gone has no window, and neither has a synthetic
/// event: two absences are not the same sender.
fn is_from(frame: &HtmlIFrameElement, event: &MessageEvent) -> bool {
    let source: Option<JsValue> = event.source().map(Into::into);
    let window: Option<JsValue> = frame.content_window().map(Into::into);
    source.is_some() && source == window
}
