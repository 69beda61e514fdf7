use super::effect::Effect;
use super::event::{self, Event};
use super::input::{CallId, Failure, FailureKind};
use super::view::Connection;
use super::{Engine, State};
use crate::contract::Created;
use crate::time::Millis;

/// A create under way, or waiting for its next try.
#[derive(Clone, Debug)]
pub(super) struct Creating {
    pub(super) platform_id: u64,
    pub(super) key: String,
    pub(super) since: Millis,
    /// The request under way and when it was sent.
    pub(super) call: Option<(CallId, Millis)>,
    pub(super) retry_at: Option<Millis>,
    pub(super) failures: u32,
    /// The last failure was the server's having too much to do.
    pub(super) busy: bool,
}

impl Engine {
    pub(super) fn begin_create(&mut self, platform_id: u64, key: Option<String>) {
        self.platform_id = Some(platform_id);
        let key = key.unwrap_or_else(|| self.new_key());
        let since = self.now.mono;
        self.state = State::Creating(Creating {
            platform_id,
            key,
            since,
            call: None,
            retry_at: Some(since),
            failures: 0,
            busy: false,
        });
    }

    pub(super) fn created(&mut self, call: CallId, result: Result<Created, Failure>) {
        let State::Creating(creating) = &mut self.state else { return };
        if creating.call.is_none_or(|(open, _)| open != call) {
            return;
        }
        creating.call = None;
        match result {
            Ok(created) => self.begin_live(created),
            Err(failure) => self.create_failed(failure),
        }
    }

    fn create_failed(&mut self, failure: Failure) {
        let random = self.jitter.next_u64();
        // A spent key is refused forever; the failures still count, so that this ends.
        let new_key = (failure.kind == FailureKind::KeySpent).then(|| self.new_key());
        let (config, now) = (self.config, self.now.mono);
        let State::Creating(creating) = &mut self.state else { return };
        if let Some(key) = new_key {
            creating.key = key;
        }
        creating.busy = failure.kind == FailureKind::RateLimited;
        creating.failures = creating.failures.saturating_add(1);
        let goes_on = failure.kind.is_retryable() && (creating.busy || creating.failures < config.create_tries);
        if goes_on {
            let wait = config.backoff.delay(creating.failures, failure.retry_after, random, config.longest_retry_after);
            creating.retry_at = Some(now + wait.max(config.ask_spacing));
        } else {
            self.state = State::NotStarted(creating.clone(), failure.kind);
        }
        self.emit(Event::Error(event::Error {
            session_id: None,
            code: failure.kind.code().to_owned(),
            message: failure.kind.message().to_owned(),
            retrying: goes_on,
        }));
    }

    /// The user tries again. Where nothing was answered the key stays the same, so that a create which did arrive is
    /// not repeated; a server that has answered is done with its key.
    pub(super) fn retry_create(&mut self) {
        let State::NotStarted(creating, kind) = &self.state else { return };
        let (creating, kind, since) = (creating.clone(), *kind, self.now.mono);
        let key = if kind == FailureKind::Network { creating.key.clone() } else { self.new_key() };
        self.state = State::Creating(Creating { key, since, retry_at: Some(since), failures: 0, ..creating });
    }

    /// The network is back: do not wait for the backoff. A time that the server named stands.
    pub(super) fn create_at_once(&mut self) {
        let now = self.now.mono;
        if let State::Creating(creating) = &mut self.state
            && creating.call.is_none()
            && !creating.busy
        {
            creating.retry_at = Some(now);
        }
    }

    pub(super) fn cancel_create(&mut self) {
        if let State::Creating(creating) = &mut self.state
            && let Some((call, _)) = creating.call.take()
        {
            self.out.push(Effect::Cancel(call));
        }
    }

    pub(super) fn run_create_timers(&mut self) {
        let (now, timeout) = (self.now.mono, self.config.create_timeout);
        if let State::Creating(creating) = &mut self.state
            && let Some((call, sent)) = creating.call
            && now >= sent + timeout
        {
            creating.call = None;
            self.out.push(Effect::Cancel(call));
            self.create_failed(Failure { kind: FailureKind::Network, retry_after: None });
        }
        if !self.may_ask() {
            return;
        }
        let next = self.calls.wrapping_add(1);
        if let State::Creating(creating) = &mut self.state
            && creating.retry_at.is_some_and(|at| now >= at)
        {
            creating.retry_at = None;
            creating.call = Some((CallId(next), now));
            let (key, platform_id) = (creating.key.clone(), creating.platform_id);
            let call = self.next_call();
            self.out.push(Effect::Create { call, key, platform_id });
        }
    }

    pub(super) fn create_deadline(&self, creating: &Creating) -> Option<Millis> {
        let timeout = creating.call.map(|(_, sent)| sent + self.config.create_timeout);
        let retry = creating.retry_at.filter(|_| self.may_ask());
        // Once a second, for the countdown.
        let count = retry.filter(|_| creating.busy).map(|at| at.min(self.now.mono + Millis(1000)));
        let slow = Some(creating.since + self.config.slow_opening).filter(|at| *at > self.now.mono);
        [timeout, retry, count, slow].into_iter().flatten().min()
    }

    pub(super) fn create_connection(&self, creating: &Creating) -> Connection {
        match creating {
            _ if !self.page.online => Connection::Offline,
            Creating { busy: true, .. } => Connection::Busy,
            Creating { failures: 1.., .. } => Connection::Reconnecting,
            _ => Connection::Fine,
        }
    }

    pub(super) fn create_is_slow(&self, creating: &Creating) -> bool {
        self.now.mono >= creating.since + self.config.slow_opening
    }

    fn new_key(&mut self) -> String {
        format!("{:016x}{:016x}", self.jitter.next_u64(), self.jitter.next_u64())
    }
}
