//! Context that the engine passes to its sub-machines: time, configuration, randomness and the effects so far.

use super::protocol::event;
use super::protocol::{CallId, Effect, Event, Failure, FailureKind, FrameId, Now, Problem};
use super::{Config, EmbedUrl};
use crate::retry::Jitter;
use crate::time::Millis;

/// The surroundings of the sub-machines: the time, the page, and the effects collected for the current input. It
/// outlives sessions.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) now: Now,
    pub(super) config: Config,
    pub(super) page: PageState,
    jitter: Jitter,
    calls: u32,
    frames: u32,
    last_poll_at: Option<Millis>,
    /// Every embed URL that was mounted or offered as a link.
    used_urls: Vec<EmbedUrl>,
    /// Consecutive sessions that turned out to be another user's.
    renewals: u32,
    out: Vec<Effect>,
}

/// The state of the page around the component.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageState {
    pub(super) visible: bool,
    pub(super) frozen: bool,
    /// False if the browser reports that the device has no network. That is a hint: it may be wrong, for example with a
    /// VPN.
    pub(super) online: bool,
}

impl Context {
    pub(super) fn new(config: Config, seed: u64) -> Self {
        Self {
            now: Now::default(),
            config,
            page: PageState { visible: true, frozen: false, online: true },
            jitter: Jitter::new(seed),
            calls: 0,
            frames: 0,
            last_poll_at: None,
            used_urls: Vec::new(),
            renewals: 0,
            out: Vec::new(),
        }
    }

    /// Advances the clocks. A monotonic clock that went back is a bug of the driver: time then stands still.
    pub(super) fn advance(&mut self, now: Now) {
        self.now = Now { mono: now.mono.max(self.now.mono), wall: now.wall };
    }

    pub(super) fn push(&mut self, effect: Effect) {
        self.out.push(effect);
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.push(Effect::Emit(event));
    }

    pub(super) fn report(&mut self, session_id: Option<&str>, problem: &Problem, retrying: bool) {
        self.emit(Event::Error(event::Error::new(session_id.map(str::to_owned), problem, retrying)));
    }

    /// Returns the effects collected since the last call, in order.
    pub(super) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.out)
    }

    pub(super) fn next_call(&mut self) -> CallId {
        self.calls = self.calls.wrapping_add(1);
        CallId(self.calls)
    }

    pub(super) fn next_frame(&mut self) -> FrameId {
        self.frames = self.frames.wrapping_add(1);
        FrameId(self.frames)
    }

    /// Returns a new idempotency key.
    pub(super) fn new_key(&mut self) -> String {
        format!("{:016x}{:016x}", self.jitter.next_u64(), self.jitter.next_u64())
    }

    /// Returns the delay before the next attempt, after `failures` consecutive failures.
    pub(super) fn backoff(&mut self, failures: u32, retry_after: Option<Millis>) -> Millis {
        let random = self.jitter.next_u64();
        self.config.backoff.delay(failures, retry_after, random, self.config.max_retry_after)
    }

    /// Returns true if requests can be sent: the page is not frozen.
    pub(super) fn can_send(&self) -> bool {
        !self.page.frozen
    }

    /// Returns true if the device is offline, as far as it can be known: the browser reports it, and the last
    /// request failed in this way.
    pub(super) fn is_offline(&self, last_failure: Option<FailureKind>) -> bool {
        !self.page.online && last_failure == Some(FailureKind::Network)
    }

    /// Returns the earliest time of the next status poll, whatever its session.
    pub(super) fn next_poll_slot(&self) -> Option<Millis> {
        self.last_poll_at.map(|at| at + self.config.min_poll_interval)
    }

    pub(super) fn poll_sent(&mut self) {
        self.last_poll_at = Some(self.now.mono);
    }

    /// Marks `url` as used, and returns true if it was not used before.
    pub(super) fn mark_used(&mut self, url: &EmbedUrl) -> bool {
        let is_unused = !self.used_urls.contains(url);
        if is_unused {
            self.used_urls.push(url.clone());
        }
        is_unused
    }

    /// Returns true if the session is another user's and may be replaced by a new one. That happens a limited number of
    /// times: an identity that changes with every request is reported like any refusal.
    pub(super) fn should_renew(&mut self, failure: &Failure) -> bool {
        let renews = failure.kind == FailureKind::OtherUser && self.renewals < self.config.max_renewals;
        if renews {
            self.renewals += 1;
        }
        renews
    }

    /// Records that the server confirmed the session as this user's.
    pub(super) fn session_confirmed(&mut self) {
        self.renewals = 0;
    }
}
