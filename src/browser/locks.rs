//! Web Locks: coordination between all tabs of this browser, where it allows them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::http::Abort;
use super::{foreign, task, window};

/// Timeout for the browser to grant or deny a lock when the request does not wait for a holder, in milliseconds.
/// Without a response, locks count as unavailable.
const RESPONSE_TIMEOUT_MILLIS: u32 = 3000;

thread_local! {
    /// Release functions of the locks that are held.
    static HELD: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Releases every lock. Needed after a panic, when destructors do not run.
pub(crate) fn release_all() {
    let held = HELD.with(|held| held.try_borrow_mut().map(|mut held| std::mem::take(&mut *held)).unwrap_or_default());
    for release in held {
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

/// A held lock. Dropping it releases it.
#[derive(Debug)]
#[must_use = "dropping it releases the lock"]
pub(crate) struct Lock {
    release: Function,
}

impl Lock {
    fn new(release: Function) -> Self {
        HELD.with(|held| held.borrow_mut().push(release.clone()));
        Self { release }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = HELD.try_with(|held| held.borrow_mut().retain(|release| *release != self.release));
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Condition under which a lock request is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMode {
    /// Only if the lock is free.
    IfFree,
    /// If its holder releases it within this number of milliseconds: a page that gives a lock up releases it a moment
    /// later.
    Within(u32),
    /// In any case, by stealing it from its holder.
    Steal,
}

/// Result of a lock request.
#[derive(Debug)]
pub(crate) enum LockResult {
    /// Held until this is dropped.
    Granted(Lock),
    /// Another page or tab holds it.
    Taken,
    /// Unknown: the browser has no Web Locks or refuses them, for example where site data is blocked or where another
    /// site frames the page.
    Unavailable,
}

/// Requests the lock `name`. `on_lost` is called when another page steals a granted lock.
pub(crate) async fn request(name: &str, mode: LockMode, on_lost: Box<dyn FnOnce()>) -> LockResult {
    let locks = foreign::get(&window(), "navigator").and_then(|navigator| foreign::get(&navigator, "locks"));
    let Some(locks) = locks else { return LockResult::Unavailable };
    let options = Object::new();
    let abort = matches!(mode, LockMode::Within(_)).then(Abort::new).flatten();
    let (option, value) = match mode {
        LockMode::IfFree => ("ifAvailable", JsValue::TRUE),
        LockMode::Within(_) => ("signal", abort.as_ref().and_then(Abort::signal).into()),
        LockMode::Steal => ("steal", JsValue::TRUE),
    };
    let _ = Reflect::set(&options, &option.into(), &value);
    // A request with a deadline waits only for a holder, so silence means taken; for the others it means refused. A
    // rejection always means refused.
    let (deadline, silence) = match mode {
        LockMode::Within(millis) => (millis, JsValue::NULL),
        LockMode::IfFree | LockMode::Steal => (RESPONSE_TIMEOUT_MILLIS, JsValue::UNDEFINED),
    };

    let mut on_lost = Some(on_lost);
    let mut timer = None;
    let response = Promise::new(&mut |settle, _| {
        let request = PendingRequest { settle, state: Rc::default() };
        let (late, value) = (request.clone(), silence.clone());
        timer = Some(Timeout::new(deadline, move || late.settle(RequestState::Denied, &value)));
        let granted = request.clone();
        let callback = Closure::once_into_js(move |lock: JsValue| granted.on_grant(&lock));
        let pending = foreign::call(&locks, "request", &[&name.into(), &options, &callback]);
        match (pending, on_lost.take()) {
            (Some(pending), Some(on_lost)) => request.watch(&pending, on_lost),
            _ => request.settle(RequestState::Denied, &JsValue::UNDEFINED),
        }
    });
    let value = JsFuture::from(response).await.unwrap_or(JsValue::UNDEFINED);
    drop((timer, abort));
    match value.dyn_into::<Function>() {
        Ok(release) => LockResult::Granted(Lock::new(release)),
        Err(value) if value.is_null() => LockResult::Taken,
        Err(_) => LockResult::Unavailable,
    }
}

/// State of a lock request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum RequestState {
    #[default]
    Open,
    Granted,
    Denied,
}

/// A lock request, settled by its first result: a function that releases the lock, null when the lock is taken,
/// undefined when locks are unavailable.
#[derive(Clone)]
struct PendingRequest {
    settle: Function,
    state: Rc<Cell<RequestState>>,
}

impl PendingRequest {
    fn settle(&self, state: RequestState, value: &JsValue) {
        if self.state.get() == RequestState::Open {
            self.state.set(state);
            let _ = self.settle.call1(&JsValue::UNDEFINED, value);
        }
    }

    /// Receives the browser's grant, or null when the lock is taken. The lock is held while the returned promise is
    /// pending; a grant that comes too late is released at once.
    fn on_grant(&self, lock: &JsValue) -> JsValue {
        if lock.is_null() {
            self.settle(RequestState::Denied, &JsValue::NULL);
        }
        if self.state.get() != RequestState::Open {
            return JsValue::UNDEFINED;
        }
        Promise::new(&mut |release, _| self.settle(RequestState::Granted, &release)).into()
    }

    /// Waits until the request ends. It rejects when it is refused, and when a granted lock is stolen.
    fn watch(self, pending: &JsValue, on_lost: Box<dyn FnOnce()>) {
        // Any kind of promise: pages replace `Promise`, and some wrap what returns one.
        let pending = JsFuture::from(Promise::resolve(pending));
        task::run(Box::pin(async move {
            let has_succeeded = pending.await.is_ok();
            match self.state.get() {
                RequestState::Open => self.settle(RequestState::Denied, &JsValue::UNDEFINED),
                RequestState::Granted if !has_succeeded => on_lost(),
                RequestState::Granted | RequestState::Denied => {}
            }
        }));
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::super::foreign::evaluate;
    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// Requests a lock while `navigator.locks` is the value of an expression.
    async fn request_from(locks: &str, mode: LockMode) -> &'static str {
        let replace = ["Object.defineProperty(navigator, 'locks', { configurable: true, value: ", locks, " })"];
        evaluate(&replace.concat(), &JsValue::UNDEFINED);
        let result = request("name", mode, Box::new(|| {})).await;
        evaluate("delete navigator.locks", &JsValue::UNDEFINED);
        match result {
            LockResult::Granted(_) => "granted",
            LockResult::Taken => "taken",
            LockResult::Unavailable => "unavailable",
        }
    }

    #[wasm_bindgen_test]
    async fn locks_that_refuse_are_not_taken() {
        for locks in [
            "null",
            "({})",
            "({ request: 7 })",
            "({ request() { throw new TypeError('no') } })",
            "({ request: () => Promise.reject(new DOMException('no', 'SecurityError')) })",
            "({ request: () => Promise.reject(undefined) })",
            "({ request: () => undefined })",
            "({ get request() { throw 7 } })",
        ] {
            for mode in [LockMode::IfFree, LockMode::Within(5_000), LockMode::Steal] {
                assert_eq!(request_from(locks, mode).await, "unavailable", "{mode:?}: {locks}");
            }
        }
    }

    #[wasm_bindgen_test]
    async fn only_a_lock_held_elsewhere_is_taken() {
        let held = "({ request: async (name, options, callback) => callback(null) })";
        assert_eq!(request_from(held, LockMode::IfFree).await, "taken");
        let silent = "({ request: () => new Promise(() => undefined) })";
        assert_eq!(request_from(silent, LockMode::Within(1)).await, "taken");
        let free = "({ request: async (name, options, callback) => callback({ name }) })";
        assert_eq!(request_from(free, LockMode::IfFree).await, "granted");
    }
}
