//! The schedule of requests for a session: pure rules that take the time as an argument.

use cr3dentials_core::contract::FRESH_MIN_INTERVAL_SECS;
use cr3dentials_core::retry::Backoff;
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus;

use crate::provider::Priority;

/// Time for which a session counts as watched after a status request: longer than the polling interval of a page.
const WATCHED_FOR: Millis = Millis::from_secs(30);

/// Age up to which a new session is expected to change quickly.
const NEW_AGE: Millis = Millis::from_secs(15);
/// Refresh interval of a watched session that is new.
const NEW_INTERVAL: Millis = Millis(700);
/// Refresh interval of a watched session while the provider works.
const MACHINE_INTERVAL: Millis = Millis::from_secs(2);
/// Refresh interval of a watched session while the user must act.
const USER_INTERVAL: Millis = Millis::from_secs(4);
/// Refresh interval of a session that is not watched.
const REST_INTERVAL: Millis = Millis::from_secs(60);

/// Time that the provider gets to end an expired session, in milliseconds.
const AFTER_EXPIRY: i64 = 2_000;
/// Remaining lifetime, in milliseconds, below which a session is overdue and refreshed rarely.
const OVERDUE: i64 = -5 * 60_000;
/// Refresh interval of an overdue session.
const OVERDUE_INTERVAL: Millis = Millis::from_secs(15 * 60);

/// Minimum interval between confirmations of webhooks for one session.
const CONFIRM_INTERVAL: Millis = Millis::from_secs(10);

/// Maximum interval between individual requests for a watched session, since list items have fewer fields.
const MAX_FETCH_INTERVAL: Millis = Millis::from_secs(60);
/// Time before it is due from which a session is looked up together with others.
const AHEAD: Millis = Millis::from_secs(2);
/// Time for which a session that is not on the list is not looked up there again.
const UNLISTED_FOR: Millis = Millis::from_secs(5 * 60);

const BACKOFF: Backoff = Backoff { base: Millis::from_secs(2), cap: Millis::from_secs(30) };

/// Events of one session so far that determine its next request.
#[derive(Debug)]
pub(super) struct RefreshSchedule {
    known_since: Millis,
    /// Time of the last request, individual or for a list page that had the session.
    requested_at: Option<Millis>,
    /// Time of the first request if the session is not watched.
    first: Millis,
    in_flight: bool,
    failures: u32,
    not_before: Millis,
    polled_at: Option<Millis>,
    fresh: bool,
    fresh_at: Option<Millis>,
    /// Time of the last individual request.
    fetched_at: Option<Millis>,
    /// True if a list page showed that the session has changed.
    changed: bool,
    unlisted_until: Millis,
    confirm: bool,
    confirming: bool,
    confirmed_at: Option<Millis>,
}

/// Result of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefreshOutcome {
    /// A response was received and stored.
    Refreshed,
    /// A temporary failure.
    Failed,
    /// An error that a retry does not fix, such as a refused API key.
    Refused,
}

/// Other facts that the rules depend on.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) status: &'a SessionStatus,
    /// True if a long poll is held for the session.
    pub(super) has_long_poll: bool,
    /// Milliseconds until it expires; negative afterwards.
    pub(super) expires_in: Option<i64>,
}

/// Time and urgency of a request. Of two that are due, the smaller one goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) priority: Priority,
    /// 0 if the user just returned or the session is known to have changed, else 1.
    rank: u8,
    pub(super) at: Millis,
}

impl RefreshSchedule {
    /// Creates the schedule of a session that was just created.
    pub(super) fn new(now: Millis) -> Self {
        Self { requested_at: Some(now), fetched_at: Some(now), ..Self::loaded(now, now) }
    }

    /// Creates the schedule of a session from the store. Its first request is due at `first` at the latest.
    pub(super) fn loaded(now: Millis, first: Millis) -> Self {
        Self {
            known_since: now,
            requested_at: None,
            first,
            in_flight: false,
            failures: 0,
            not_before: Millis(0),
            polled_at: None,
            fresh: false,
            fresh_at: None,
            fetched_at: None,
            changed: false,
            unlisted_until: Millis(0),
            confirm: false,
            confirming: false,
            confirmed_at: None,
        }
    }

    /// Records a status request of a browser. `fresh` takes effect once in [`FRESH_MIN_INTERVAL_SECS`].
    pub(super) fn record_poll(&mut self, now: Millis, fresh: bool) {
        self.polled_at = Some(now);
        let interval = Millis::from_secs(FRESH_MIN_INTERVAL_SECS);
        if fresh && self.fresh_at.is_none_or(|at| now.since(at) >= interval) {
            self.fresh = true;
            self.fresh_at = Some(now);
        }
    }

    /// Records that the browser's view was closed.
    pub(super) fn record_closed(&mut self) {
        self.polled_at = None;
        self.fresh = false;
    }

    /// Records that a webhook must be confirmed.
    pub(super) fn record_webhook(&mut self) {
        self.confirm = true;
    }

    /// Records that a request is being sent. It covers everything requested before.
    pub(super) fn record_request(&mut self, now: Millis) {
        self.requested_at = Some(now);
        self.fetched_at = Some(now);
        self.in_flight = true;
        self.fresh = false;
        self.changed = false;
        self.confirming = std::mem::take(&mut self.confirm);
        if self.confirming {
            self.confirmed_at = Some(now);
        }
    }

    /// Records the result of the request.
    pub(super) fn record_result(&mut self, now: Millis, outcome: RefreshOutcome, random: u64) {
        self.in_flight = false;
        let confirming = std::mem::take(&mut self.confirming);
        if outcome == RefreshOutcome::Refreshed {
            self.failures = 0;
            self.not_before = Millis(0);
            return;
        }
        self.confirm |= confirming;
        self.failures = self.failures.saturating_add(1);
        let wait = match outcome {
            RefreshOutcome::Refused => BACKOFF.cap,
            _ => Millis(500) + BACKOFF.delay(self.failures, None, random, BACKOFF.cap),
        };
        self.not_before = now + wait;
    }

    /// Returns true if a list page can replace the next request, due now or soon.
    pub(super) fn may_be_listed(&self, now: Millis, facts: &Facts<'_>) -> bool {
        let fetched_recently = self.fetched_at.is_some_and(|at| now.since(at) < MAX_FETCH_INTERVAL);
        fetched_recently
            && self.failures == 0
            && now >= self.unlisted_until
            && self.due(now, facts).is_some_and(|due| {
                due.rank == 1 && matches!(due.priority, Priority::Watched | Priority::Rest) && due.at <= now + AHEAD
            })
    }

    /// Records that a list page is being requested.
    pub(super) fn record_list_request(&mut self) {
        self.in_flight = true;
    }

    /// Records that the session was on a page requested `at` that time, and whether it had changed.
    pub(super) fn record_listed(&mut self, at: Millis, changed: bool) {
        self.in_flight = false;
        self.requested_at = Some(at);
        self.changed = changed;
    }

    /// Records that the session was on none of the pages. It is due as before.
    pub(super) fn record_unlisted(&mut self, now: Millis) {
        self.in_flight = false;
        self.unlisted_until = now + UNLISTED_FOR;
    }

    /// Records that the page request failed.
    pub(super) fn record_list_failure(&mut self) {
        self.in_flight = false;
    }

    /// Returns true if the request in flight confirms a webhook.
    pub(super) fn is_confirming(&self) -> bool {
        self.confirming
    }

    /// Returns the number of consecutive failed requests.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the next request. `None` while one is in flight.
    pub(super) fn due(&self, now: Millis, facts: &Facts<'_>) -> Option<Due> {
        if self.in_flight {
            return None;
        }
        let not_before = |at: Millis| at.max(self.not_before);
        let usual = self.usual(now, facts);
        let usual = Due { at: not_before(usual.at), ..usual };
        if !self.confirm {
            return Some(usual);
        }
        let at = self.confirmed_at.map_or(Millis(0), |at| at + CONFIRM_INTERVAL);
        let confirm = Due { priority: Priority::Confirm, rank: 1, at: not_before(at) };
        // If both are already due, the priority alone decides.
        Some(if confirm.at.max(now) <= usual.at.max(now) { confirm } else { usual })
    }

    fn usual(&self, now: Millis, facts: &Facts<'_>) -> Due {
        if self.fresh {
            return Due { priority: Priority::Watched, rank: 0, at: self.fresh_at.unwrap_or(now) };
        }
        let watched = facts.has_long_poll || self.polled_at.is_some_and(|at| now.since(at) < WATCHED_FOR);
        if self.changed {
            let priority = if watched { Priority::Watched } else { Priority::Rest };
            return Due { priority, rank: 0, at: self.requested_at.unwrap_or(now) };
        }
        let after = |interval: Millis| self.requested_at.map(|at| at + interval);
        if watched && facts.expires_in.is_none_or(|left| left > OVERDUE) {
            // A session that was never refreshed is due since it was loaded, so it goes before those that were
            // refreshed.
            let at = after(self.interval(now, facts)).unwrap_or(self.known_since);
            return Due { priority: Priority::Watched, rank: 1, at };
        }
        let at = match facts.expires_in {
            Some(left) if left <= OVERDUE => after(OVERDUE_INTERVAL),
            _ => after(REST_INTERVAL),
        };
        Due { priority: Priority::Rest, rank: 1, at: self.at_expiry(now, facts, at.unwrap_or(self.first)) }
    }

    /// Moves `at` to just after the expiry if that is earlier, once.
    fn at_expiry(&self, now: Millis, facts: &Facts<'_>, at: Millis) -> Millis {
        let Some(left) = facts.expires_in else { return at };
        let expiry = Millis(now.0.saturating_add_signed(left.saturating_add(AFTER_EXPIRY)));
        if self.requested_at.is_some_and(|requested_at| requested_at >= expiry) { at } else { at.min(expiry) }
    }

    fn interval(&self, now: Millis, facts: &Facts<'_>) -> Millis {
        match facts.status {
            SessionStatus::Created | SessionStatus::Initializing if now.since(self.known_since) < NEW_AGE => {
                NEW_INTERVAL
            }
            status if status.awaits_user() => USER_INTERVAL,
            _ => MACHINE_INTERVAL,
        }
    }
}

#[cfg(test)]
mod tests;
