//! Requests and tab ownership: asynchronous work whose result may come too late.

use std::rc::Rc;

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{Answer, CallId, Failure, FailureKind, Input};

use super::super::http::Abort;
use super::super::locks::{self, LockMode, LockResult};
use super::super::long_poll_slots::LongPollSlot;
use super::super::task;
use super::{Driver, OWNERSHIP_TIMEOUT_MILLIS, Request};

impl Driver {
    /// Fetches the platforms that can be chosen. Dropping the driver aborts the request.
    pub(crate) fn platforms(&self, on_response: Box<dyn FnOnce(Result<Vec<PlatformView>, Failure>)>) {
        let (client, abort, weak) = (self.0.client.clone(), Abort::new(), Rc::downgrade(&self.0));
        let signal = abort.as_ref().map(Abort::signal);
        self.0.platforms_request.replace(abort);
        task::run(Box::pin(async move {
            let response = client.fetch_platforms(signal).await;
            if weak.upgrade().is_some_and(|inner| !inner.destroyed.get()) {
                on_response(response);
            }
        }));
    }

    pub(super) fn poll_status(&self, call: CallId, after: u64, wait_secs: u64, fresh: bool) {
        let Some((client, access)) = self.0.client_and_access() else { return };
        let weak = Rc::downgrade(&self.0);
        let poll = move |signal| async move {
            let slot = if wait_secs > 0 { LongPollSlot::take(&client.url("")).await } else { None };
            let still_open = weak.upgrade().is_some_and(|inner| inner.is_open(call));
            let is_long_poll = slot.is_some();
            let result = if still_open {
                client.poll_status(&access, after, if is_long_poll { wait_secs } else { 0 }, fresh, signal).await
            } else {
                Err(Failure { kind: FailureKind::Network, retry_after: None })
            };
            Input::Status(call, result.map(|view| Answer { view, held: is_long_poll }))
        };
        self.call(call, Box::new(move |signal| Box::pin(poll(signal))));
    }

    /// Makes this page the owner of the session, and reports the outcome. Where locks are unavailable, this page counts
    /// as the owner: a lock that the browser refuses is no reason to take the frame away from the user.
    pub(super) fn acquire_ownership(&self, session_id: String, steal: bool) {
        drop(self.0.ownership.take());
        let reporter = self.reporter();
        let weak = Rc::downgrade(&self.0);
        task::run(Box::pin(async move {
            let name = ["cr3d-session:", &session_id].concat();
            let on_lost = || -> Box<dyn FnOnce()> {
                let (reporter, session_id) = (reporter.clone(), session_id.clone());
                Box::new(move || reporter(Input::Claimed(session_id, false)))
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
                && let Some(inner) = weak.upgrade().filter(|inner| !inner.destroyed.get())
            {
                drop(inner.ownership.replace(Some(lock)));
            }
            reporter(Input::Claimed(session_id, is_owner));
        }));
    }

    /// Starts a request that [`Effect::Cancel`] or dropping the driver aborts.
    pub(super) fn call(&self, call: CallId, request: Request) {
        let abort = Abort::new();
        let task = request(abort.as_ref().map(Abort::signal));
        self.0.calls.borrow_mut().push((call, abort));
        let weak = Rc::downgrade(&self.0);
        task::run(Box::pin(async move {
            let input = task.await;
            if let Some(driver) = Self::upgrade(&weak) {
                drop(driver.0.take_call(call));
                driver.send(input);
            }
        }));
    }
}
