use std::cell::{Cell, RefCell};

use cr3dentials_embed::internals;
use js_sys::Function;
use wasm_bindgen::prelude::*;

thread_local! {
    static LISTENERS: RefCell<Vec<(u32, Function)>> = const { RefCell::new(Vec::new()) };
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Calls a listener with `panic` when this module panics: its caller then sees a trap, and a browser callback has no
/// caller. Dropping it unsubscribes the listener.
#[derive(Debug)]
pub(crate) struct PanicListener(u32);

impl PanicListener {
    /// Subscribes `listener`; the first time also installs the panic hook.
    pub(crate) fn subscribe(listener: &Function) -> Self {
        let number = COUNT.replace(COUNT.get().wrapping_add(1));
        if number == 0 {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                previous(panic);
                internals::note_panic();
                let listeners = LISTENERS.with(|all| all.try_borrow().map(|all| all.clone()).unwrap_or_default());
                for (_, listener) in listeners {
                    let _ = listener.call1(&JsValue::UNDEFINED, &JsValue::from_str("panic"));
                }
            }));
        }
        change(|listeners| listeners.push((number, listener.clone())));
        Self(number)
    }
}

impl Drop for PanicListener {
    fn drop(&mut self) {
        change(|listeners| listeners.retain(|(number, _)| *number != self.0));
    }
}

/// Changes the list, which is not borrowed at that time. A panic for that case would only add to the download.
fn change(change: impl FnOnce(&mut Vec<(u32, Function)>)) {
    let _ = LISTENERS.try_with(|listeners| listeners.try_borrow_mut().map(|mut listeners| change(&mut listeners)));
}
