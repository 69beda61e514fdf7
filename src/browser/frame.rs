//! The iframe: made, or adopted from a host that made it before us; never moved, never loaded twice.

use cr3dentials_core::engine::FrameNews;
use cr3dentials_core::wire::undocumented::{FRAME_ALLOW, FRAME_SANDBOX};
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlIFrameElement, SecurityPolicyViolationEvent};

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
    /// Shows `url`: in the iframe that the host made for it, or in a new one.
    pub(crate) fn show(
        shell: &Shell,
        url: &str,
        title: &str,
        auto_resize: bool,
        on_news: impl Fn(FrameNews) + Clone + 'static,
    ) -> Option<Self> {
        let adopted = adopt(shell, url);
        let element = match &adopted {
            Some(element) => element.clone(),
            None => make(shell, url, title)?,
        };
        // Listeners first, then the document: no load is missed.
        let (loaded, blocked) = (on_news.clone(), on_news.clone());
        let load = EventListener::new(&element, "load", move |_| loaded(FrameNews::Loaded));
        let origin = web_sys::Url::new(url).ok()?.origin();
        let place = shell.frame.clone();
        let message = messages::listen(&element, &origin, move |message| {
            if let Some(height) = messages::height(message).filter(|_| auto_resize) {
                let height = [&height.to_string(), "px"].concat();
                let _ = place.style().set_property("--_wanted-height", &height);
            }
            on_news(FrameNews::Hint);
        })?;
        let refused = blocked.clone();
        let violation = watch_policy(shell, &origin, move || refused(FrameNews::CspBlocked))?;
        // Whoever made it saw that the page's policy refuses it, before anybody listened here.
        if element.has_attribute("data-blocked") {
            blocked(FrameNews::CspBlocked);
        }
        if adopted.is_none() {
            shell.frame.append_child(&element).ok()?;
        }
        Some(Self { element, _listeners: [load, message, violation] })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if let Some(place) = self.element.parent_element().and_then(|place| place.dyn_into::<HtmlElement>().ok()) {
            let _ = place.style().remove_property("--_wanted-height");
        }
        self.element.remove();
    }
}

/// The iframe that the host page made for this URL, if it is still there.
fn adopt(shell: &Shell, url: &str) -> Option<HtmlIFrameElement> {
    let element: HtmlIFrameElement = shell.frame.query_selector("iframe").ok()??.dyn_into().ok()?;
    if element.get_attribute("src").as_deref() == Some(url) {
        return Some(element);
    }
    // A left-over: there are never two.
    element.remove();
    None
}

fn make(shell: &Shell, url: &str, title: &str) -> Option<HtmlIFrameElement> {
    let document = shell.frame.owner_document()?;
    let element: HtmlIFrameElement = document.create_element("iframe").ok()?.dyn_into().ok()?;
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

/// Our own page's `frame-src` refuses the frame: the only refusal that can be told from outside.
fn watch_policy(shell: &Shell, origin: &str, on_blocked: impl Fn() + 'static) -> Option<EventListener> {
    let document = shell.frame.owner_document()?;
    let origin = origin.to_owned();
    Some(EventListener::new(&document, "securitypolicyviolation", move |event| {
        let Some(event) = event.dyn_ref::<SecurityPolicyViolationEvent>() else { return };
        let of_frames = ["frame-src", "child-src", "default-src"].contains(&event.effective_directive().as_str());
        let blocked = web_sys::Url::new(&event.blocked_uri()).is_ok_and(|url| url.origin() == origin);
        if of_frames && blocked {
            on_blocked();
        }
    }))
}
