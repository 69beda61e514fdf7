//! Creation of a session: retried with the same idempotency key, so that repeating a request whose response was lost
//! creates no second session.

use super::Context;
use super::protocol::{CallId, Connection, Effect, Failure, FailureKind, Problem, Stage, View};
use crate::contract::Created;
use crate::time::Millis;

/// A create in flight, or waiting for its next attempt.
#[derive(Debug)]
pub(super) struct Creation {
    platform_id: u64,
    key: String,
    since: Millis,
    /// The request in flight, and the time at which it was sent.
    call: Option<(CallId, Millis)>,
    retry_at: Option<Millis>,
    /// The server named the time of the next attempt: nothing but its arrival allows it.
    is_held: bool,
    failures: u32,
    /// Failures after which the user decides, once there are too many.
    counted_failures: u32,
    last_failure: Option<FailureKind>,
}

/// The outcome of a create's response.
#[derive(Debug)]
pub(super) enum CreationOutcome {
    /// Nothing changed, or the next attempt is scheduled.
    Pending,
    /// The session exists.
    Created(Created),
    /// The user has to decide whether to try again.
    Failed(FailureKind),
}

impl Creation {
    pub(super) fn new(ctx: &mut Context, platform_id: u64, key: Option<String>) -> Self {
        let key = key.unwrap_or_else(|| ctx.new_key());
        let since = ctx.now.mono;
        Self {
            platform_id,
            key,
            since,
            call: None,
            retry_at: Some(since),
            is_held: false,
            failures: 0,
            counted_failures: 0,
            last_failure: None,
        }
    }

    /// Starts over because the user tries again. If the proxy did not respond, the key stays the same, so that a create
    /// that did arrive is not repeated. A proxy that responded has used the key up.
    pub(super) fn try_again(&self, ctx: &mut Context, failure: FailureKind) -> Self {
        let no_response = matches!(failure, FailureKind::Network | FailureKind::Intermediary);
        let key = no_response.then(|| self.key.clone());
        Self::new(ctx, self.platform_id, key)
    }

    pub(super) fn on_response(
        &mut self,
        ctx: &mut Context,
        call: CallId,
        result: Result<Created, Failure>,
    ) -> CreationOutcome {
        if self.call.take_if(|(open, _)| *open == call).is_none() {
            return CreationOutcome::Pending;
        }
        match result {
            Ok(created) => CreationOutcome::Created(created),
            Err(failure) => self.on_failure(ctx, failure),
        }
    }

    /// Records that the first attempt was made, and failed, before the engine started.
    pub(super) fn already_failed(&mut self, ctx: &mut Context, failure: Failure) -> CreationOutcome {
        self.retry_at = None;
        self.on_failure(ctx, failure)
    }

    fn on_failure(&mut self, ctx: &mut Context, failure: Failure) -> CreationOutcome {
        self.last_failure = Some(failure.kind);
        self.is_held = self.is_rate_limited() || failure.retry_after.is_some();
        self.failures = self.failures.saturating_add(1);
        // A busy server and an offline device are waited for.
        if !self.is_rate_limited() && !ctx.is_offline(self.last_failure) {
            self.counted_failures += 1;
        }
        let delay = ctx.backoff(self.failures, failure.retry_after);
        if failure.kind == FailureKind::KeySpent {
            // The proxy refuses a spent key forever. The failures still count, so the attempts end.
            self.key = ctx.new_key();
        }
        let retrying = failure.kind.is_retryable() && self.counted_failures < ctx.config.max_create_attempts;
        ctx.report(None, &Problem::Request(failure.kind), retrying);
        if !retrying {
            return CreationOutcome::Failed(failure.kind);
        }
        self.retry_at = Some(ctx.now.mono + delay.max(ctx.config.min_poll_interval));
        CreationOutcome::Pending
    }

    /// Tries at once because the network is back or the user asked for it, instead of waiting for the backoff to end.
    pub(super) fn retry_now(&mut self, ctx: &Context) {
        if self.call.is_none() && !self.is_held {
            self.retry_at = Some(ctx.now.mono);
        }
    }

    pub(super) fn cancel(&mut self, ctx: &mut Context) {
        if let Some((call, _)) = self.call.take() {
            ctx.push(Effect::Cancel(call));
        }
    }

    pub(super) fn run_timers(&mut self, ctx: &mut Context) -> CreationOutcome {
        let now = ctx.now.mono;
        let timeout = ctx.config.create_timeout;
        if let Some((call, _)) = self.call.take_if(|(_, sent)| now >= *sent + timeout) {
            ctx.push(Effect::Cancel(call));
            let step = self.on_failure(ctx, Failure { kind: FailureKind::Network, retry_after: None });
            if matches!(step, CreationOutcome::Failed(_)) {
                return step;
            }
        }
        if ctx.can_send() && self.retry_at.take_if(|at| now >= *at).is_some() {
            let call = ctx.next_call();
            self.call = Some((call, now));
            ctx.push(Effect::Create { call, key: self.key.clone(), platform_id: self.platform_id });
        }
        CreationOutcome::Pending
    }

    pub(super) fn deadline(&self, ctx: &Context) -> Option<Millis> {
        let timeout = self.call.map(|(_, sent)| sent + ctx.config.create_timeout);
        let retry = self.retry_at.filter(|_| ctx.can_send());
        // Once a second, for the countdown.
        let countdown = retry.filter(|_| self.is_rate_limited()).map(|at| at.min(ctx.now.mono + Millis::from_secs(1)));
        let slow = Some(self.slow_at(ctx)).filter(|at| *at > ctx.now.mono);
        [timeout, retry, countdown, slow].into_iter().flatten().min()
    }

    pub(super) fn view(&self, ctx: &Context) -> View {
        let seconds_until = |at: Millis| u32::try_from(at.since(ctx.now.mono).0.div_ceil(1000)).unwrap_or(u32::MAX);
        View {
            stage: Stage::Creating,
            connection: self.connection(ctx),
            slow: ctx.now.mono >= self.slow_at(ctx),
            retry_secs: self.retry_at.filter(|_| self.is_rate_limited()).map(seconds_until),
            ..View::default()
        }
    }

    fn slow_at(&self, ctx: &Context) -> Millis {
        self.since + ctx.config.slow_opening_after
    }

    /// Returns true if the server limited the rate.
    fn is_rate_limited(&self) -> bool {
        self.last_failure == Some(FailureKind::RateLimited)
    }

    fn connection(&self, ctx: &Context) -> Connection {
        match self.last_failure {
            kind if ctx.is_offline(kind) => Connection::Offline,
            Some(FailureKind::RateLimited) => Connection::Busy,
            Some(kind) => Connection::after(kind),
            None => Connection::Fine,
        }
    }
}
