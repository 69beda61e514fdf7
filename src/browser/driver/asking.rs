//! Requests and tab ownership: asynchronous work whose result may come too late.

use std::rc::Rc;

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{Answer, CallId, Failure, FailureKind, Input};

use super::super::http::Abort;
use super::super::locks::{self, Outcome, Wanted};
use super::super::slots::Slot;
use super::super::task;
use super::{CLAIM_MILLIS, Driver, Request};

impl Driver {
    /// Fetches the platforms that can be chosen. Dropping the driver aborts the request.
    pub(crate) fn platforms(&self, on_answer: Box<dyn FnOnce(Result<Vec<PlatformView>, Failure>)>) {
        let (client, abort, weak) = (self.0.client.clone(), Abort::new(), Rc::downgrade(&self.0));
        let signal = abort.as_ref().map(Abort::signal);
        self.0.asking_platforms.replace(abort);
        task::run(Box::pin(async move {
            let answer = client.platforms(signal).await;
            if weak.upgrade().is_some_and(|inner| !inner.destroyed.get()) {
                on_answer(answer);
            }
        }));
    }

    pub(super) fn ask(&self, call: CallId, after: u64, wait_secs: u64, fresh: bool) {
        let Some((client, pass)) = self.0.client_and_pass() else { return };
        let weak = Rc::downgrade(&self.0);
        let ask = move |signal| async move {
            let slot = if wait_secs > 0 { Slot::take(&client.url("")).await } else { None };
            let still_open = weak.upgrade().is_some_and(|inner| inner.is_open(call));
            let held = slot.is_some();
            let result = if still_open {
                client.status(&pass, after, if held { wait_secs } else { 0 }, fresh, signal).await
            } else {
                Err(Failure { kind: FailureKind::Network, retry_after: None })
            };
            Input::Status(call, result.map(|view| Answer { view, held }))
        };
        self.call(call, Box::new(move |signal| Box::pin(ask(signal))));
    }

    /// Makes this page the owner of the session, and reports the outcome. Where locks are unavailable, this page counts
    /// as the owner: a lock that the browser refuses is no reason to take the frame away from the user.
    pub(super) fn claim(&self, session_id: String, steal: bool) {
        drop(self.0.claim.take());
        let reporter = self.reporter();
        let weak = Rc::downgrade(&self.0);
        task::run(Box::pin(async move {
            let name = ["cr3d-session:", &session_id].concat();
            let on_lost = || -> Box<dyn FnOnce()> {
                let (reporter, session_id) = (reporter.clone(), session_id.clone());
                Box::new(move || reporter(Input::Claimed(session_id, false)))
            };
            let first = if steal { Wanted::Stolen } else { Wanted::IfFree };
            let mut outcome = locks::request(&name, first, on_lost()).await;
            if matches!(outcome, Outcome::Taken) {
                // The holder may be this same page, which releases the lock when an element is removed and inserted
                // again.
                outcome = locks::request(&name, Wanted::Within(CLAIM_MILLIS), on_lost()).await;
            }
            let is_ours = !matches!(outcome, Outcome::Taken);
            if let Outcome::Granted(lock) = outcome
                && let Some(inner) = weak.upgrade().filter(|inner| !inner.destroyed.get())
            {
                drop(inner.claim.replace(Some(lock)));
            }
            reporter(Input::Claimed(session_id, is_ours));
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
            if let Some(driver) = Self::of(&weak) {
                drop(driver.0.take_call(call));
                driver.send(input);
            }
        }));
    }
}
