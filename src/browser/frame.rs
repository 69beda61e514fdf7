//! The iframe: created here, or adopted from a host that created it earlier; never moved, never loaded twice.

use cr3dentials_core::engine::FrameSignal;
use cr3dentials_core::wire::undocumented::{FRAME_ALLOW, FRAME_SANDBOX};
use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlIFrameElement};

use super::decode;
use super::messages;
use super::shell::Shell;

/// A shown iframe. Dropping it removes the iframe and its listeners.
#[derive(Debug)]
#[must_use = "dropping it removes the iframe"]
pub(crate) struct Frame {
    element: HtmlIFrameElement,
    _listeners: [EventListener; 3],
}

impl Frame {
    /// Shows `url` in the iframe that the host created for it, or in a new one.
    pub(crate) fn show(
        shell: &Shell,
        url: &str,
        title: &str,
        auto_resize: bool,
        on_signal: impl Fn(FrameSignal) + Clone + 'static,
    ) -> Option<Self> {
        let adopted = adopt(shell, url);
        let element = match &adopted {
            Some(element) => element.clone(),
            None => create(shell, url, title)?,
        };
        // Listeners are added before the document loads, so that no load event is missed.
        let (loaded, blocked) = (on_signal.clone(), on_signal.clone());
        let load = EventListener::new(&element, "load", move |_| loaded(FrameSignal::Loaded));
        let origin = web_sys::Url::new(url).ok()?.origin();
        let place = shell.frame_container.clone();
        let message = messages::listen(&element, &origin, move |message| {
            if let Some(height) = messages::requested_height(message).filter(|_| auto_resize) {
                let height = [&height.to_string(), "px"].concat();
                let _ = place.style().set_property("--_wanted-height", &height);
            }
            on_signal(FrameSignal::Hint);
        })?;
        let refused = blocked.clone();
        let violation = watch_policy(shell, &origin, move || refused(FrameSignal::CspBlocked))?;
        // The host that created it saw the page's policy block it, before there was a listener here.
        if element.has_attribute("data-blocked") {
            blocked(FrameSignal::CspBlocked);
        }
        if adopted.is_none() {
            shell.frame_container.append_child(&element).ok()?;
        }
        Some(Self { element, _listeners: [load, message, violation] })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let Some(place) = self.element.parent_element() {
            let _ = place.unchecked_into::<HtmlElement>().style().remove_property("--_wanted-height");
        }
        self.element.remove();
    }
}

/// Returns the iframe that the host page created for this URL, if it is still there.
fn adopt(shell: &Shell, url: &str) -> Option<HtmlIFrameElement> {
    let element: HtmlIFrameElement = shell.frame_container.query_selector("iframe").ok()??.unchecked_into();
    if element.get_attribute("src").as_deref() == Some(url) {
        return Some(element);
    }
    // A left-over iframe: there is never more than one.
    element.remove();
    None
}

fn create(shell: &Shell, url: &str, title: &str) -> Option<HtmlIFrameElement> {
    let document = shell.frame_container.owner_document()?;
    let element: HtmlIFrameElement = document.create_element("iframe").ok()?.unchecked_into();
    for (name, value) in [
        ("title", title),
        ("allow", FRAME_ALLOW),
        ("sandbox", FRAME_SANDBOX),
        ("referrerpolicy", "strict-origin"),
        ("src", url),
    ] {
        element.set_attribute(name, value).ok()?;
    }
    Some(element)
}

/// Calls `on_blocked` when our own page's `frame-src` blocks the frame: the only refusal that can be detected from
/// outside.
fn watch_policy(shell: &Shell, origin: &str, on_blocked: impl Fn() + 'static) -> Option<EventListener> {
    let document = shell.frame_container.owner_document()?;
    let origin = origin.to_owned();
    Some(EventListener::new(&document, "securitypolicyviolation", move |event| {
        if refuses_frame(event, &origin) {
            on_blocked();
        }
    }))
}

/// Returns true if a policy violation is an enforced refusal of a frame of exactly this origin. `npm/src/policy.ts` has
/// the same rule; `tests/fixtures/policy-violations.json` tests both.
fn refuses_frame(violation: &JsValue, origin: &str) -> bool {
    let field = |name: &str| decode::text(violation, name).unwrap_or_default();
    // A report-only policy blocks nothing.
    field("disposition") == "enforce"
        && ["frame-src", "child-src", "default-src"].contains(&field("effectiveDirective").as_str())
        && web_sys::Url::new(&field("blockedURI")).is_ok_and(|url| url.origin() == origin)
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use js_sys::{Array, JSON};
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn only_enforced_refusals_of_this_frame_count() {
        let violations = JSON::parse(include_str!("../../tests/fixtures/policy-violations.json")).unwrap();
        let violations = violations.unchecked_into::<Array>();
        assert!(violations.length() > 10);
        for violation in violations.iter() {
            let refused = decode::field(&violation, "refused").unwrap().is_truthy();
            let story = decode::text(&violation, "story").unwrap();
            assert_eq!(refuses_frame(&violation, "https://frame.example"), refused, "{story}");
        }
    }
}
