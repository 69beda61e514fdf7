//! The iframe: created by the shell, perhaps before this module was loaded; never moved, never loaded twice.

use cr3dentials_core::engine::FrameSignal;
use gloo_events::EventListener;
use web_sys::HtmlIFrameElement;

use super::messages;
use super::shell::Shell;

/// A shown iframe. Dropping it removes the iframe and its listeners.
#[derive(Debug)]
#[must_use = "dropping it removes the iframe"]
pub(crate) struct Frame {
    shell: Shell,
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
        let origin = web_sys::Url::new(url).ok()?.origin();
        let element: HtmlIFrameElement = shell.insert_frame(url, title).ok()?;
        let (loaded, blocked, place) = (on_signal.clone(), on_signal.clone(), shell.frame());
        // No event is missed: nothing loads before this task ends.
        let load = EventListener::new(&element, "load", move |_| loaded(FrameSignal::Loaded));
        let refused = blocked.clone();
        let policy = EventListener::new(&element, "blocked", move |_| refused(FrameSignal::CspBlocked));
        // The shell saw the page's policy block it before there was a listener here.
        if element.has_attribute("data-blocked") {
            blocked(FrameSignal::CspBlocked);
        }
        let message = messages::listen(&element, &origin, move |message| {
            if let Some(height) = messages::requested_height(message).filter(|_| auto_resize) {
                let height = [&height.to_string(), "px"].concat();
                let _ = place.style().set_property("--_wanted-height", &height);
            }
            on_signal(FrameSignal::Hint);
        })?;
        Some(Self { shell: shell.clone(), _listeners: [load, message, policy] })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.shell.drop_frame();
    }
}
