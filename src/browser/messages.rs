//! Messages from the iframe: accepted only from its window *and* its exact origin.
//!
//! The content of a message about the verification is never read: it only makes us poll sooner, and the engine limits
//! how often. The one thing that is read, if the partner allows it, is the height that the page in the frame requests.

use cr3dentials_core::wire::undocumented::FRAME_RESIZE_TYPE;
use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlIFrameElement, MessageEvent};

use super::{decode, window};

/// Minimum and maximum height that a message can set, in CSS pixels.
const HEIGHT_RANGE: (f64, f64) = (320.0, 1200.0);

/// Calls `on_message` for each message from the window of `frame` with the origin `origin`.
pub(crate) fn listen(
    frame: &HtmlIFrameElement,
    origin: &str,
    on_message: impl Fn(&MessageEvent) + 'static,
) -> Option<EventListener> {
    let (frame, origin) = (frame.clone(), origin.to_owned());
    Some(EventListener::new(&window(), "message", move |event| {
        let event = event.unchecked_ref::<MessageEvent>();
        if event.is_trusted() && event.origin() == origin && is_from(&frame, event) {
            on_message(event);
        }
    }))
}

/// Returns the height that the page in the frame requests, within bounds; `None` for any other message.
pub(crate) fn requested_height(event: &MessageEvent) -> Option<u32> {
    let data = event.data();
    if decode::text(&data, "type").as_deref() != Some(FRAME_RESIZE_TYPE) {
        return None;
    }
    let height = decode::field(&data, "height")?.as_f64().filter(|height| height.is_finite())?;
    // In range after the clamp.
    Some(height.clamp(HEIGHT_RANGE.0, HEIGHT_RANGE.1).ceil() as u32)
}

/// Returns true if the sender is the window inside `frame`. A removed frame has no window, and a synthetic event has no
/// source: two absent values are not the same sender.
fn is_from(frame: &HtmlIFrameElement, event: &MessageEvent) -> bool {
    let source: Option<JsValue> = event.source().map(Into::into);
    let window: Option<JsValue> = frame.content_window().map(Into::into);
    source.is_some() && source == window
}
