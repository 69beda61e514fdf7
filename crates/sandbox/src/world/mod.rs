//! The provider's rules, pure: requests in, responses out, with the time and all randomness given from outside.
//!
//! Nothing here waits, reads a clock or opens a socket. [`server`](crate::server) puts the rules on the network, and a
//! test can play a week in a millisecond.

mod account;
mod announce;
mod assets;
mod control;
mod frame;
mod http;
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
#[cfg(test)]
mod tests;
mod tokens;
mod validate;
mod webhook_url;
mod webhooks;

use cr3dentials_core::time::{Millis, UnixMillis};

pub use frame::{FrameState, Step};
pub use http::{Body, Headers, Method, Request, Response};
pub use settings::Settings;
pub use webhooks::Outgoing;

use lifecycle::Pace;
use limit::Window;
use random::Random;
use session::Session;
use sessions::{Seq, Sessions};
use webhooks::Webhooks;

/// The provider.
#[derive(Debug)]
pub struct World {
    settings: Settings,
    random: Random,
    /// How far the control route has moved our clock ahead of the caller's.
    ahead: Millis,
    now: UnixMillis,
    sessions: Sessions,
    webhooks: Webhooks,
    switches: Switches,
    key_window: Window,
    /// Shared by all requests without a good key, so that guessing keys takes no memory.
    anonymous_window: Window,
}

/// Misbehaviour on request, for tests of what stands before the provider.
#[derive(Clone, Copy, Debug, Default)]
struct Switches {
    drop_webhooks: bool,
    upstream_error: Option<u16>,
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
            sessions: Sessions::new(pace),
            webhooks: Webhooks::new(settings.webhook_header.clone(), pace),
            switches: Switches::default(),
            key_window: Window::default(),
            anonymous_window: Window::default(),
            settings,
        }
    }

    /// Answers `request`, after playing everything that was due before it.
    pub fn handle(&mut self, request: &Request, now: UnixMillis) -> Response {
        self.advance(now);
        let parts: Vec<&str> = request.path.split('/').skip(1).collect();
        match (request.method, parts.as_slice()) {
            (_, ["v1", ..]) => self.partner(request),
            (Method::Get, ["verify", id]) => self.open_page(id, request),
            (Method::Get, ["frame", id, "state"]) => self.frame_state(id, request),
            (Method::Post, ["frame", id, "actions"]) => self.frame_action(id, request),
            (method, ["sandbox", rest @ ..]) => self.control(method, rest, request),
            (Method::Get, ["assets", name]) => assets::asset(name),
            (Method::Get, ["icons", name]) => assets::icon(name),
            _ => Response::error(404, "Not Found"),
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
    /// 2xx is tried again later, three times.
    pub fn sent(&mut self, id: u64, now: UnixMillis, result: Result<u16, &str>) {
        self.advance(now);
        self.webhooks.sent(id, self.now, result);
    }

    /// Changes a session, and announces its end if that was it. `at` is when the change counts as made.
    fn change<R>(&mut self, seq: Seq, at: UnixMillis, act: impl FnOnce(&mut Session, Pace) -> R) -> Option<R> {
        let was_live = self.sessions.get(seq)?.end().is_none();
        let result = self.sessions.change(seq, act);
        if was_live {
            self.announce_end(seq, at);
        }
        result
    }
}
