//! The provider's rules, pure: requests in, responses out, with the time and all randomness given from outside.
//!
//! Nothing here waits, reads a clock or opens a socket. [`server`](crate::server) puts the rules on the network, and a
//! test can play a week in a millisecond.

mod account;
mod announce;
mod assets;
mod control;
mod endpoints;
mod faults;
mod frame;
mod http;
mod keys;
mod lifecycle;
mod limit;
mod page;
mod partner;
mod platforms;
mod random;
mod session;
mod sessions;
mod settings;
mod show;
mod spoil;
mod switches;
#[cfg(test)]
mod tests;
mod tokens;
mod validate;
mod webhook_url;
mod webhooks;

use cr3dentials_core::time::{Millis, UnixMillis};

pub use faults::{Fault, Kind as FaultKind, Target as FaultTarget};
pub use frame::{FrameState, Step, StreamEnd};
pub use http::{Body, Headers, Method, Request, Response};
pub use keys::{ApiKey, Environment};
pub(crate) use platforms::active_platforms;
pub use settings::Settings;
pub use switches::{EmbedTokenOnGet, ListItems, ListOrder, ResetFormat, SWITCHES, StreamUrlWhile, Switch, Switches};
#[cfg(test)]
pub(crate) use tests::settings as test_settings;
pub use webhooks::Outgoing;

use faults::Faults;
use keys::Keys;
use lifecycle::Pace;
use random::Random;
use session::Session;
use sessions::{Seq, Sessions};
use webhooks::Webhooks;

use crate::openapi;
use crate::users::{self, TestUser};

/// The provider.
#[derive(Debug)]
pub struct World {
    settings: Settings,
    random: Random,
    /// How far the control route has moved our clock ahead of the caller's.
    ahead: Millis,
    now: UnixMillis,
    keys: Keys,
    sessions: Sessions,
    webhooks: Webhooks,
    faults: Faults,
    /// Whose road new sessions take.
    user: &'static TestUser,
    /// Counts what a stream may have to tell.
    changes: u64,
    restart: Option<Restart>,
}

/// The sandbox is to go away and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Restart {
    /// How long it stays away.
    pub(crate) down: Millis,
}

impl World {
    /// An empty world. `seed` is where every id, token and key comes from: take it from the operating system, or fix it
    /// in a test to get the same ones again.
    pub fn new(settings: Settings, seed: [u8; 32]) -> Self {
        let pace = Pace::new(settings.speed);
        Self {
            random: Random::new(seed),
            ahead: Millis(0),
            now: UnixMillis(0),
            keys: Keys::new(settings.keys.clone()),
            sessions: Sessions::new(pace),
            webhooks: Webhooks::new(settings.webhook_header.clone(), settings.webhook_retries, pace),
            faults: Faults::default(),
            user: users::ordinary(),
            changes: 0,
            restart: None,
            settings,
        }
    }

    /// Answers `request`, after playing everything that was due before it.
    pub fn handle(&mut self, request: &Request, now: UnixMillis) -> Response {
        self.advance(now);
        let parts: Vec<&str> = request.path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            (_, ["v1", ..]) => self.partner(request),
            (method, ["sandbox", rest @ ..]) => self.control(method, rest, request),
            (Method::Get, ["verify", id]) => self.open_page(id, request),
            (Method::Get, ["openapi.json"]) => openapi::document(&self.settings),
            (Method::Get, [""]) if control::is_let_in(request) => page::console(&self.settings),
            (Method::Get, ["assets", name]) => assets::asset(name),
            (Method::Get, ["icons", name]) => assets::icon(name),
            _ => Response::error(404, http::reason(404)),
        }
    }

    /// Plays every lifecycle forward to `now`, each event at its own time. A clock that goes back changes nothing.
    pub fn advance(&mut self, now: UnixMillis) {
        self.now = self.now.max(now + self.ahead);
        while let Some((at, seq)) = self.sessions.next_due().filter(|(at, _)| *at <= self.now) {
            self.change(seq, at, |session, pace| session.step(at, pace));
        }
    }

    /// When there is something to play or to send next, by the caller's clock; maybe in the past.
    pub fn next_due(&self) -> Option<UnixMillis> {
        let lifecycle = self.sessions.next_due().map(|(at, _)| at);
        let due = lifecycle.into_iter().chain(self.webhooks.next_due()).min()?;
        Some(due - self.ahead)
    }

    /// Takes the webhooks to send now.
    pub fn take_outbox(&mut self) -> Vec<Outgoing> {
        self.webhooks.take_due(self.now)
    }

    /// Tells how sending a webhook went: the answer's HTTP status, or what kept it from being answered. Anything but a
    /// 2xx is tried again later, as often as the settings say.
    pub fn sent(&mut self, id: u64, now: UnixMillis, result: Result<u16, &str>) {
        self.advance(now);
        self.webhooks.sent(id, self.now, result);
    }

    /// The secret of the first key, as it is now.
    pub fn api_key(&self) -> Option<&str> {
        self.keys.first()
    }

    /// Sets how the sandbox misbehaves, as `POST /sandbox/faults` does: a list of [`Fault`]s.
    ///
    /// # Errors
    /// Everything that is wrong with the list.
    pub fn set_faults(&mut self, faults: &serde_json::Value) -> Result<(), Vec<String>> {
        self.faults.set(faults)
    }

    /// Lets new sessions take the road of the test user `name`; false when there is none.
    pub fn set_user(&mut self, name: &str) -> bool {
        users::find(name).map(|user| self.user = user).is_some()
    }

    /// Whether `origin` is the frame page's own.
    pub(crate) fn is_frame_origin(&self, origin: &[u8]) -> bool {
        origin == self.settings.frame_origin.as_bytes()
    }

    /// Moves whenever a stream may have something to tell.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// The restart that was asked for, once.
    pub(crate) fn take_restart(&mut self) -> Option<Restart> {
        self.restart.take()
    }

    /// Changes a session, and announces its end if that was it. `at` is when the change counts as made.
    fn change<R>(&mut self, seq: Seq, at: UnixMillis, act: impl FnOnce(&mut Session, Pace) -> R) -> Option<R> {
        let was_live = self.sessions.get(seq)?.end().is_none();
        let result = self.sessions.change(seq, act);
        self.changes += 1;
        if was_live {
            self.announce_end(seq, at);
        }
        result
    }
}
