//! Requests of the engine to the proxy, each of which can be canceled.

use std::cell::RefCell;
use std::rc::Rc;

use cr3dentials_core::contract::PlatformView;
use cr3dentials_core::engine::{CallId, Failure, FailureKind, Input, Resume, StatusResponse};

use super::super::http::{Abort, Client, SessionAccess, Signal};
use super::super::long_poll_slots::LongPollSlot;
use super::super::partner_client::PartnerClient;
use super::super::storage::{self, KeyInUse};
use super::super::task::{self, Task};
use crate::options::Options;

/// The open requests of one verification. Dropping it aborts them.
///
/// A request is open from the moment its task is created until it is [closed](Self::close). The caller runs the task,
/// which resolves to the input that reports the result, and then closes the request.
pub(super) struct Requests {
    client: Client,
    /// Name under which the keys of creates are stored.
    resume_name: String,
    /// The current session; absent before one is created or resumed.
    access: RefCell<Option<SessionAccess>>,
    open: RefCell<Vec<OpenRequest>>,
    platforms: RefCell<Option<Abort>>,
}

/// A request in flight. Dropping it aborts the request.
struct OpenRequest {
    call: CallId,
    _abort: Option<Abort>,
    /// The idempotency key of a create.
    _key: Option<KeyInUse>,
}

impl Requests {
    pub(super) fn new(options: &Options, partner: PartnerClient) -> Rc<Self> {
        Rc::new(Self {
            client: Client::new(options, partner),
            resume_name: options.resume_name(),
            access: RefCell::default(),
            open: RefCell::default(),
            platforms: RefCell::default(),
        })
    }

    /// Returns the URL of a path below the base URL of the proxy, if there is one.
    pub(super) fn url(&self, path: &str) -> Option<String> {
        self.client.url(path)
    }

    /// Sets the session that the following requests are about.
    pub(super) fn set_session(&self, resume: Resume) {
        self.access.replace(Some(resume.into()));
    }

    /// Fetches the platforms that can be chosen. A second fetch aborts the first.
    pub(super) fn fetch_platforms(&self) -> Task<Result<Vec<PlatformView>, Failure>> {
        let (client, abort) = (self.client.clone(), Abort::new());
        let signal = abort.as_ref().and_then(Abort::signal);
        self.platforms.replace(abort);
        Box::pin(async move { client.fetch_platforms(signal).await })
    }

    /// Creates a session. Its idempotency key is stored until there is a response, so that a reloaded page creates no
    /// second session.
    pub(super) fn create_session(&self, call: CallId, key: String, platform_id: u64) -> Task<Input> {
        let (client, name) = (self.client.clone(), self.resume_name.clone());
        let in_use = storage::save_key(&name, platform_id, &key);
        let signal = self.open_with(call, Some(in_use));
        Box::pin(async move {
            let result = client.create_session(&key, platform_id, signal).await;
            // Without a response of the proxy, the session may have been created.
            let is_unknown =
                |failure: &Failure| matches!(failure.kind, FailureKind::Network | FailureKind::Intermediary);
            if !result.as_ref().is_err_and(is_unknown) {
                storage::forget_key(&name, platform_id);
            }
            Input::Created(call, result)
        })
    }

    /// Returns the key of a create for this platform that was interrupted, if there is one.
    pub(super) fn interrupted_key(&self, platform_id: u64) -> Option<String> {
        storage::interrupted_key(&self.resume_name, platform_id)
    }

    /// Polls the status of the session, if there is one: for `wait_secs` where a slot for a long poll is free, otherwise
    /// without waiting.
    pub(super) fn poll_status(
        self: &Rc<Self>,
        call: CallId,
        after: u64,
        wait_secs: u64,
        fresh: bool,
    ) -> Option<Task<Input>> {
        let (client, access) = self.client_and_access()?;
        let (signal, requests) = (self.open(call), Rc::downgrade(self));
        Some(Box::pin(async move {
            let slot = if wait_secs > 0 { LongPollSlot::take(&client.url("").unwrap_or_default()).await } else { None };
            let still_open = requests.upgrade().is_some_and(|requests| requests.is_open(call));
            let held = slot.is_some();
            let result = if still_open {
                client.poll_status(&access, after, if held { wait_secs } else { 0 }, fresh, signal).await
            } else {
                Err(Failure { kind: FailureKind::Network, retry_after: None })
            };
            Input::Status(call, StatusResponse { result, long_polled: held })
        }))
    }

    /// Fetches a new embed URL for the session, if there is one.
    pub(super) fn fetch_embed_url(&self, call: CallId) -> Option<Task<Input>> {
        let (client, access) = self.client_and_access()?;
        let signal = self.open(call);
        Some(Box::pin(async move { Input::Embed(call, client.fetch_embed_url(&access, signal).await) }))
    }

    /// Notifies the proxy that this page no longer watches the session, if there is one. Nothing aborts this request.
    pub(super) fn notify_closed(&self) {
        let Some((client, access)) = self.client_and_access() else { return };
        task::run(Box::pin(async move { client.notify_closed(&access).await }));
    }

    /// Closes a request, which aborts it unless it has completed.
    pub(super) fn close(&self, call: CallId) {
        // Dropped outside of the borrow: the page may listen for the abort.
        drop(self.take(call));
    }

    /// Opens a request, and returns the signal that aborts it.
    fn open(&self, call: CallId) -> Option<Signal> {
        self.open_with(call, None)
    }

    fn open_with(&self, call: CallId, key: Option<KeyInUse>) -> Option<Signal> {
        let abort = Abort::new();
        let signal = abort.as_ref().and_then(Abort::signal);
        self.open.borrow_mut().push(OpenRequest { call, _abort: abort, _key: key });
        signal
    }

    fn is_open(&self, call: CallId) -> bool {
        self.open.borrow().iter().any(|open| open.call == call)
    }

    fn take(&self, call: CallId) -> Option<OpenRequest> {
        let mut open = self.open.borrow_mut();
        let at = open.iter().position(|open| open.call == call)?;
        Some(open.swap_remove(at))
    }

    fn client_and_access(&self) -> Option<(Client, SessionAccess)> {
        Some((self.client.clone(), self.access.borrow().clone()?))
    }
}
