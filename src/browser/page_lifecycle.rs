//! Page lifecycle: hidden, frozen, restored, offline.

use cr3dentials_core::engine::PageSignal;
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Document, PageTransitionEvent, VisibilityState};

use super::{foreign, window};

/// Reports changes of visibility, lifecycle and network until the listeners are dropped.
pub(crate) fn watch(on_signal: impl Fn(PageSignal) + Clone + 'static) -> Option<Vec<EventListener>> {
    let window = window();
    let document = window.document()?;
    let of_document = |name: &'static str, read: fn(&Document) -> PageSignal| {
        let (target, on_signal) = (document.clone(), on_signal.clone());
        EventListener::new(&document, name, move |_| on_signal(read(&target)))
    };
    let of_window = |name: &'static str, signal| {
        let on_signal = on_signal.clone();
        EventListener::new(&window, name, move |_| on_signal(signal))
    };
    let restored = on_signal.clone();
    let listeners = vec![
        of_document("visibilitychange", visibility),
        of_document("freeze", |_| PageSignal::Frozen),
        of_document("resume", |_| PageSignal::Restored),
        of_window("pagehide", PageSignal::Frozen),
        EventListener::new(&window, "pageshow", move |event| {
            if event.unchecked_ref::<PageTransitionEvent>().persisted() {
                restored(PageSignal::Restored);
            }
        }),
        of_window("online", PageSignal::Online),
        of_window("offline", PageSignal::Offline),
    ];
    // The initial state.
    if visibility(&document) == PageSignal::Hidden {
        on_signal(PageSignal::Hidden);
    }
    if is_offline() {
        on_signal(PageSignal::Offline);
    }
    Some(listeners)
}

/// Calls `start` now; in a page that the browser only prepares in advance, once the user sees it.
pub(crate) fn when_shown(start: impl FnOnce() + 'static) {
    let document = window().document();
    match document.filter(|document| foreign::get(document, "prerendering").is_some_and(|value| value.is_truthy())) {
        Some(document) => EventListener::once(&document, "prerenderingchange", move |_| start()).forget(),
        None => start(),
    }
}

fn visibility(document: &Document) -> PageSignal {
    if document.visibility_state() == VisibilityState::Hidden { PageSignal::Hidden } else { PageSignal::Visible }
}

/// Returns true if the browser reports no network. Where it does not report, there may be one.
fn is_offline() -> bool {
    let navigator = foreign::get(&window(), "navigator");
    navigator.and_then(|navigator| foreign::get(&navigator, "onLine")).is_some_and(|online| online.is_falsy())
}
