//! Web Locks: what all tabs of this browser agree on.

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::task;

thread_local! {
    /// What lets go of each lock that is held.
    static HELD: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Lets go of every lock, whoever holds it: after a panic nobody else would.
pub(crate) fn let_go_of_all() {
    let held = HELD.with(|held| held.try_borrow_mut().map(|mut held| std::mem::take(&mut *held)).unwrap_or_default());
    for release in held {
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

/// A held lock. Dropping it lets go.
#[derive(Debug)]
#[must_use = "dropping it lets the lock go"]
pub(crate) struct Lock {
    release: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = HELD.try_with(|held| held.borrow_mut().retain(|release| *release != self.release));
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// How much a lock is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Only if nobody has it.
    IfFree,
    /// If whoever has it lets go within so many milliseconds: a page that lets go does so a moment later.
    Within(u32),
    /// In any case.
    Stolen,
}

/// `navigator.locks`, where there is one; it is absent outside secure contexts.
pub(crate) fn manager() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)
}

/// The lock `name`; `None` where somebody else has it. `on_lost` is called when somebody takes it away.
pub(crate) async fn request(manager: &JsValue, name: &str, wanted: Wanted, on_lost: Box<dyn FnOnce()>) -> Option<Lock> {
    let request: Function = Reflect::get(manager, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    let (option, value) = match wanted {
        Wanted::IfFree => ("ifAvailable", JsValue::TRUE),
        Wanted::Within(millis) => ("signal", AbortSignal::timeout_with_u32(millis).into()),
        Wanted::Stolen => ("steal", JsValue::TRUE),
    };
    Reflect::set(&options, &option.into(), &value).ok()?;
    let (manager, name) = (manager.clone(), JsValue::from_str(name));

    let over = RefCell::new(None);
    let granted = Promise::new(&mut |answer, _| {
        let callback = Closure::once_into_js({
            let answer = answer.clone();
            move |lock: JsValue| -> JsValue {
                if lock.is_null() {
                    let _ = answer.call1(&JsValue::UNDEFINED, &JsValue::NULL);
                    return JsValue::UNDEFINED;
                }
                // Held until this promise is resolved.
                Promise::new(&mut |release, _| {
                    let _ = answer.call1(&JsValue::UNDEFINED, &release);
                })
                .into()
            }
        });
        // A page that is being put away may refuse locks: then there is none.
        over.replace(request.call3(&manager, &name, &options, &callback).ok());
    });
    let over: Promise = over.take()?.dyn_into().ok()?;
    // What comes first: the lock, or that there will be none.
    let release = JsFuture::from(Promise::race(&Array::of2(&granted, &over))).await.ok()?;
    let release: Function = release.dyn_into().ok()?;
    HELD.with(|held| held.borrow_mut().push(release.clone()));
    let lock = Lock { release };
    task::run(Box::pin(async move {
        // It resolves when we let go, and rejects when the lock is taken away.
        if JsFuture::from(over).await.is_err() {
            on_lost();
        }
    }));
    Some(lock)
}
