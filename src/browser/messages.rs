//! Messages from the iframe: from its very window *and* its exact origin, or not at all.
//!
//! What a message says about the verification is never read: it makes us ask the server sooner, and the engine bounds
//! how often. The one thing that is read, where the partner allows it, is how much height the page in it would like.

use cr3dentials_core::wire::undocumented::FRAME_RESIZE_TYPE;
use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlIFrameElement, MessageEvent};

use super::{decode, window};

/// The least and the most height that a message can bring about, in CSS pixels.
const HEIGHTS: (f64, f64) = (320.0, 1200.0);

/// Calls `on_message` for each genuine message of `frame`, whose document's origin is `origin`.
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

/// The height that the page in the frame would like, within bounds; `None` when the message is about something else.
pub(crate) fn height(event: &MessageEvent) -> Option<u32> {
    let data = event.data();
    if decode::text(&data, "type").as_deref() != Some(FRAME_RESIZE_TYPE) {
        return None;
    }
    let height = decode::field(&data, "height")?.as_f64().filter(|height| height.is_finite())?;
    // In range after the clamp.
    Some(height.clamp(HEIGHTS.0, HEIGHTS.1).ceil() as u32)
}

/// Whether the sender is the window inside `frame`. A frame that is gone has no window, and neither has a synthetic
/// event: two absences are not the same sender.
fn is_from(frame: &HtmlIFrameElement, event: &MessageEvent) -> bool {
    let source: Option<JsValue> = event.source().map(Into::into);
    let window: Option<JsValue> = frame.content_window().map(Into::into);
    source.is_some() && source == window
}
