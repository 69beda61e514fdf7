//! Tab ownership: only one page at a time shows a session.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cr3dentials_core::engine::Input;

use super::super::locks::{self, Lock, LockMode, LockResult};
use super::super::task;

/// Timeout for the current owner of a session to release it, in milliseconds.
const OWNERSHIP_TIMEOUT_MILLIS: u32 = 1500;

/// The lock that makes this page the owner of its session. Dropping it releases the lock.
#[derive(Default)]
pub(super) struct TabLock {
    lock: RefCell<Option<Lock>>,
    closed: Cell<bool>,
}

impl TabLock {
    /// Makes this page the owner of the session, and reports the outcome. Where locks are unavailable, this page counts
    /// as the owner: a lock that the browser refuses must not remove the user's frame.
    pub(super) fn acquire(
        self: &Rc<Self>,
        session_id: String,
        steal: bool,
        reporter: impl Fn(Input) + Clone + 'static,
    ) {
        self.release();
        let tab_lock = Rc::downgrade(self);
        task::run(Box::pin(async move {
            let name = ["cr3d-session:", &session_id].concat();
            let on_lost = || -> Box<dyn FnOnce()> {
                let (reporter, session_id) = (reporter.clone(), session_id.clone());
                Box::new(move || reporter(Input::Ownership(session_id, false)))
            };
            let first = if steal { LockMode::Steal } else { LockMode::IfFree };
            let mut result = locks::request(&name, first, on_lost()).await;
            if matches!(result, LockResult::Taken) {
                // The holder may be this same page, which releases the lock when an element is removed and inserted
                // again.
                result = locks::request(&name, LockMode::Within(OWNERSHIP_TIMEOUT_MILLIS), on_lost()).await;
            }
            let is_owner = !matches!(result, LockResult::Taken);
            if let LockResult::Granted(lock) = result
                && let Some(tab_lock) = tab_lock.upgrade().filter(|tab_lock| !tab_lock.closed.get())
            {
                drop(tab_lock.lock.replace(Some(lock)));
            }
            reporter(Input::Ownership(session_id, is_owner));
        }));
    }

    /// Releases ownership.
    pub(super) fn release(&self) {
        drop(self.lock.take());
    }

    /// Releases at once every lock that is granted from now on.
    pub(super) fn close(&self) {
        self.closed.set(true);
    }
}
