//! The simulated provider without I/O: requests in, responses out; the caller supplies the time and the random seed.
//!
//! Nothing here waits, reads a clock or opens a socket. [`server`](crate::server) serves a [`World`] over HTTP, and a
//! test can simulate a week in a millisecond.

mod api;
mod assets;
mod control;
mod fault;
mod frame;
mod html;
mod http;
mod platforms;
mod random;
mod session;
mod settings;
mod switches;
#[cfg(test)]
mod tests;
mod webhook;

use cr3dentials_core::time::{Millis, UnixMillis};

pub use fault::{Fault, Kind as FaultKind, Target as FaultTarget};
pub use frame::{FrameState, Step, StreamEnd};
pub use http::{Body, Headers, Method, Request, Response};
pub(crate) use platforms::active_platforms;
pub use settings::{ApiKey, Environment, Settings};
pub use switches::{EmbedTokenOnGet, ListItems, ListOrder, ResetFormat, SWITCHES, StreamUrlWhile, Switch, Switches};
pub use webhook::Outgoing;

use api::Keys;
use fault::Faults;
use random::Random;
use session::{Pace, Seq, Session, SessionStore};
use webhook::WebhookQueue;

use crate::users::{self, TestUser};

/// The simulated provider: its keys, sessions, webhooks and faults.
#[derive(Debug)]
pub struct World {
    settings: Settings,
    random: Random,
    /// Time by which the control route has moved this clock ahead of the caller's.
    ahead: Millis,
    now: UnixMillis,
    keys: Keys,
    sessions: SessionStore,
    webhooks: WebhookQueue,
    faults: Faults,
    /// Test user that new sessions follow.
    user: &'static TestUser,
    /// Number of changes that a stream may have to report.
    changes: u64,
    restart: Option<Restart>,
}

/// Restart requested by a control route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Restart {
    /// Time for which the server stays down.
    pub(crate) down: Millis,
}

impl World {
    /// Creates a world without sessions. Every id, token and key derives from `seed`: take it from the operating system,
    /// or fix it in a test for reproducible values.
    pub fn new(settings: Settings, seed: [u8; 32]) -> Self {
        let pace = Pace::new(settings.speed);
        Self {
            random: Random::new(seed),
            ahead: Millis(0),
            now: UnixMillis(0),
            keys: Keys::new(settings.keys.clone()),
            sessions: SessionStore::new(pace),
            webhooks: WebhookQueue::new(settings.webhook_header.clone(), settings.webhook_retries, pace),
            faults: Faults::default(),
            user: users::default_user(),
            changes: 0,
            restart: None,
            settings,
        }
    }

    /// Handles `request` after processing every event that was due before `now`.
    pub fn handle(&mut self, request: &Request, now: UnixMillis) -> Response {
        self.advance(now);
        let parts: Vec<&str> = request.path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            (_, ["v1", ..]) => self.partner_api(request),
            (method, ["sandbox", rest @ ..]) => self.control(method, rest, request),
            (Method::Get, ["verify", id]) => self.open_page(id, request),
            (Method::Get, [""]) if control::is_allowed(request) => control::console_page(&self.settings),
            (Method::Get, ["assets", name]) => assets::asset(name),
            (Method::Get, ["icons", name]) => assets::icon(name),
            _ => Response::error(404, http::reason(404)),
        }
    }

    /// Advances every session to `now`, processing each event at the time it is due. Ignores a clock that goes back.
    pub fn advance(&mut self, now: UnixMillis) {
        self.now = self.now.max(now + self.ahead);
        while let Some((at, seq)) = self.sessions.next_due().filter(|(at, _)| *at <= self.now) {
            self.change(seq, at, |session, pace| session.step(at, pace));
        }
    }

    /// Returns when the next event or webhook is due, by the caller's clock; may be in the past.
    pub fn next_due(&self) -> Option<UnixMillis> {
        let lifecycle = self.sessions.next_due().map(|(at, _)| at);
        let due = lifecycle.into_iter().chain(self.webhooks.next_due()).min()?;
        Some(due - self.ahead)
    }

    /// Takes the webhooks that are due.
    pub fn take_outbox(&mut self) -> Vec<Outgoing> {
        self.webhooks.take_due(self.now)
    }

    /// Records the result of sending a webhook: the response's HTTP status, or why there was no response. Anything but a
    /// 2xx is retried later, up to [`Settings::webhook_retries`] times.
    pub fn sent(&mut self, id: u64, now: UnixMillis, result: Result<u16, &str>) {
        self.advance(now);
        self.webhooks.sent(id, self.now, result);
    }

    /// Returns the current secret of the first key.
    pub fn api_key(&self) -> Option<&str> {
        self.keys.first()
    }

    /// Replaces the faults to inject, as `POST /sandbox/faults` does: a list of [`Fault`]s.
    ///
    /// # Errors
    /// Every problem found in the list.
    pub fn set_faults(&mut self, faults: &serde_json::Value) -> Result<(), Vec<String>> {
        self.faults.set(faults)
    }

    /// Makes new sessions follow the test user `name`; returns false if there is no such user.
    pub fn set_user(&mut self, name: &str) -> bool {
        users::find(name).map(|user| self.user = user).is_some()
    }

    /// Returns the current settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns true if `origin` is that of the frame page.
    pub(crate) fn is_frame_origin(&self, origin: &[u8]) -> bool {
        origin == self.settings.frame_origin.as_bytes()
    }

    /// Returns the number of changes so far that a stream may have to report.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Takes the restart requested by the last control request, if any.
    pub(crate) fn take_restart(&mut self) -> Option<Restart> {
        self.restart.take()
    }

    /// Changes a session, and queues its webhook if it has ended by that. `at` is the time of the change.
    fn change<R>(&mut self, seq: Seq, at: UnixMillis, act: impl FnOnce(&mut Session, Pace) -> R) -> Option<R> {
        let was_live = self.sessions.get(seq)?.end().is_none();
        let result = self.sessions.change(seq, act);
        self.changes += 1;
        if was_live {
            self.queue_webhook(seq, at);
        }
        result
    }
}
