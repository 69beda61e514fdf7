//! Who may hold a question open: over HTTP/1.1 six held requests would leave the partner's own page without a
//! connection, so only two for each proxy origin are held in all tabs together, and the others poll.
//!
//! Web Locks count across tabs. Where a browser lacks them, one question for each page is held.

use std::cell::Cell;

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

const SLOTS: u32 = 2;

thread_local! {
    static TAKEN_WITHOUT_LOCKS: Cell<bool> = const { Cell::new(false) };
}

/// The right to hold one question. Dropping it gives it back.
#[derive(Debug)]
#[must_use = "dropping it gives the slot back"]
pub(crate) enum Slot {
    Lock(Function),
    ThisPage,
}

impl Slot {
    /// A free slot of the proxy at `base`, if there is one right now.
    pub(crate) async fn take(base: &str) -> Option<Self> {
        let Some(locks) = locks() else {
            let was_taken = TAKEN_WITHOUT_LOCKS.replace(true);
            return (!was_taken).then_some(Self::ThisPage);
        };
        for number in 0..SLOTS {
            let slot = request(&locks, &format!("cr3d-hold:{base}:{number}")).await;
            if slot.is_some() {
                return slot;
            }
        }
        None
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        match self {
            Self::Lock(release) => {
                let _ = release.call0(&JsValue::UNDEFINED);
            }
            Self::ThisPage => TAKEN_WITHOUT_LOCKS.set(false),
        }
    }
}

/// `navigator.locks`, where there is one; it is absent outside secure contexts.
fn locks() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)
}

/// Asks for one lock without waiting. It is held until the promise that its callback returned is resolved.
async fn request(locks: &JsValue, name: &str) -> Option<Slot> {
    let request: Function = Reflect::get(locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
    let locks = locks.clone();
    let name = JsValue::from_str(name);

    let granted = Promise::new(&mut |answer, _| {
        let callback = Closure::once_into_js({
            let answer = answer.clone();
            move |lock: JsValue| -> JsValue {
                if lock.is_null() {
                    let _ = answer.call1(&JsValue::UNDEFINED, &JsValue::NULL);
                    return JsValue::UNDEFINED;
                }
                Promise::new(&mut |release, _| {
                    let _ = answer.call1(&JsValue::UNDEFINED, &release);
                })
                .into()
            }
        });
        // A page that is being put away may refuse locks: then there is no slot.
        if request.call3(&locks, &name, &options, &callback).is_err() {
            let _ = answer.call1(&JsValue::UNDEFINED, &JsValue::NULL);
        }
    });
    let release = JsFuture::from(granted).await.ok()?;
    release.dyn_into().ok().map(Slot::Lock)
}
