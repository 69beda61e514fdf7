//! Keyboard focus inside the card.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::foreign;

/// Returns the focused element of the document or shadow root that contains `near`.
pub(crate) fn focused(near: &Element) -> Option<Element> {
    // Documents and shadow roots both have it.
    foreign::get(&near.get_root_node(), "activeElement").map(JsCast::unchecked_into)
}

/// Moves the focus to the next or previous element that `selector` matches inside the event's current target, and stops
/// at the ends.
pub(crate) fn step(event: &Event, selector: &str, forward: bool) {
    let Some(list) = event.current_target().map(JsCast::unchecked_into::<Element>) else { return };
    let Ok(found) = list.query_selector_all(selector) else { return };
    let stops: Vec<HtmlElement> =
        (0..found.length()).filter_map(|index| found.item(index).map(JsCast::unchecked_into)).collect();
    let here = focused(&list);
    let at = stops.iter().position(|stop| here.as_ref().is_some_and(|here| here.is_same_node(Some(stop))));
    let next = match (at, forward) {
        (Some(at), true) => at + 1,
        (Some(at), false) => at.wrapping_sub(1),
        (None, _) => 0,
    };
    if let Some(stop) = stops.get(next) {
        let _ = stop.focus();
    }
}
