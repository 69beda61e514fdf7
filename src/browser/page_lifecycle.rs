//! Page lifecycle: hidden, frozen, restored, offline.

use cr3dentials_core::engine::PageNews;
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Document, PageTransitionEvent, VisibilityState, Window};

use super::window;

/// Reports changes of visibility, lifecycle and network until the listeners are dropped.
pub(crate) fn watch(on_signal: impl Fn(PageNews) + Clone + 'static) -> Option<Vec<EventListener>> {
    let window = window();
    let document = window.document()?;
    let of_document = |name: &'static str, read: fn(&Document) -> PageNews| {
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
        of_document("freeze", |_| PageNews::Frozen),
        of_document("resume", |_| PageNews::Restored),
        of_window("pagehide", PageNews::Frozen),
        EventListener::new(&window, "pageshow", move |event| {
            if event.unchecked_ref::<PageTransitionEvent>().persisted() {
                restored(PageNews::Restored);
            }
        }),
        of_window("online", PageNews::Online),
        of_window("offline", PageNews::Offline),
    ];
    // The initial state.
    if visibility(&document) == PageNews::Hidden {
        on_signal(PageNews::Hidden);
    }
    if is_offline(&window) {
        on_signal(PageNews::Offline);
    }
    Some(listeners)
}

fn visibility(document: &Document) -> PageNews {
    if document.visibility_state() == VisibilityState::Hidden { PageNews::Hidden } else { PageNews::Visible }
}

fn is_offline(window: &Window) -> bool {
    !window.navigator().on_line()
}
