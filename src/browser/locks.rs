//! Web Locks: what all tabs of this browser agree on, where the browser lets them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::http::Abort;
use super::{foreign, task, window};

/// The time that the browser has to grant or to deny a lock when the request does not wait for a holder. Without a
/// response, locks count as unavailable.
const RESPONSE_MILLIS: u32 = 3000;

thread_local! {
    /// What lets go of each lock that is held.
    static HELD: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Lets go of every lock: after a panic no one else would.
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

/// How much a lock is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Only if no one holds it.
    IfFree,
    /// If its holder lets go within so many milliseconds: a page that lets go does so a moment later.
    Within(u32),
    /// In any case.
    Stolen,
}

/// The response to a request for a lock.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is held until this is dropped.
    Granted(Lock),
    /// Someone else holds it.
    Taken,
    /// No one can know: there are no Web Locks, or the browser refuses them, as it does where site data is blocked or
    /// where another site frames the page.
    Unavailable,
}

/// Requests the lock `name`. `on_lost` is called when someone takes a granted lock away.
pub(crate) async fn request(name: &str, wanted: Wanted, on_lost: Box<dyn FnOnce()>) -> Outcome {
    let locks = foreign::get(&window(), "navigator").and_then(|navigator| foreign::get(&navigator, "locks"));
    let Some(locks) = locks else { return Outcome::Unavailable };
    let options = Object::new();
    let abort = matches!(wanted, Wanted::Within(_)).then(Abort::new).flatten();
    let (option, value) = match wanted {
        Wanted::IfFree => ("ifAvailable", JsValue::TRUE),
        Wanted::Within(_) => ("signal", abort.as_ref().map(Abort::signal).into()),
        Wanted::Stolen => ("steal", JsValue::TRUE),
    };
    let _ = Reflect::set(&options, &option.into(), &value);
    // Only a holder makes this wait, so there is one; otherwise a browser that does not respond is one that refuses.
    let (deadline, silence) = match wanted {
        Wanted::Within(millis) => (millis, JsValue::NULL),
        Wanted::IfFree | Wanted::Stolen => (RESPONSE_MILLIS, JsValue::UNDEFINED),
    };

    let mut on_lost = Some(on_lost);
    let mut timer = None;
    let response = Promise::new(&mut |settle, _| {
        let response = Response { settle, stage: Rc::default() };
        let (late, value) = (response.clone(), silence.clone());
        timer = Some(Timeout::new(deadline, move || late.settle(Stage::Denied, &value)));
        let granted = response.clone();
        let callback = Closure::once_into_js(move |lock: JsValue| granted.lock(&lock));
        let pending = foreign::call(&locks, "request", &[&name.into(), &options, &callback]);
        match (pending, on_lost.take()) {
            (Some(pending), Some(on_lost)) => response.watch(&pending, silence.clone(), on_lost),
            _ => response.settle(Stage::Denied, &JsValue::UNDEFINED),
        }
    });
    let value = JsFuture::from(response).await.unwrap_or(JsValue::UNDEFINED);
    drop((timer, abort));
    match value.dyn_into::<Function>() {
        Ok(release) => Outcome::Granted(Lock::new(release)),
        Err(value) if value.is_null() => Outcome::Taken,
        Err(_) => Outcome::Unavailable,
    }
}

/// The state of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Open,
    Granted,
    Denied,
}

/// The response to a request, by whichever comes first: a function that lets go of the lock, null when it is taken,
/// undefined when no one can know.
#[derive(Clone)]
struct Response {
    settle: Function,
    stage: Rc<Cell<Stage>>,
}

impl Response {
    fn settle(&self, stage: Stage, value: &JsValue) {
        if self.stage.get() == Stage::Open {
            self.stage.set(stage);
            let _ = self.settle.call1(&JsValue::UNDEFINED, value);
        }
    }

    /// The browser grants the lock, or says by null that it is taken. The lock is held while the returned promise is
    /// pending; one that comes too late is let go at once.
    fn lock(&self, lock: &JsValue) -> JsValue {
        if lock.is_null() {
            self.settle(Stage::Denied, &JsValue::NULL);
        }
        if self.stage.get() != Stage::Open {
            return JsValue::UNDEFINED;
        }
        Promise::new(&mut |release, _| self.settle(Stage::Granted, &release)).into()
    }

    /// Follows the request to its end. It rejects when it is refused, and when a granted lock is taken away.
    fn watch(self, pending: &JsValue, refused: JsValue, on_lost: Box<dyn FnOnce()>) {
        // Whatever kind of promise it is: pages replace `Promise`, and some wrap what returns one.
        let pending = JsFuture::from(Promise::resolve(pending));
        task::run(Box::pin(async move {
            let ended_well = pending.await.is_ok();
            match self.stage.get() {
                Stage::Open => self.settle(Stage::Denied, &refused),
                Stage::Granted if !ended_well => on_lost(),
                Stage::Granted | Stage::Denied => {}
            }
        }));
    }
}
