//! When a session is to be asked about: pure rules, the time comes in.

use cr3dentials_core::contract::FRESH_MIN_INTERVAL_SECS;
use cr3dentials_core::retry::Backoff;
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus;

use crate::upstream::Class;

/// Somebody looks at a session for so long after asking about it: enough for a page that asks by schedule.
const WATCHED_FOR: Millis = Millis::from_secs(30);

/// A session that was just made changes quickly, for so long.
const YOUNG: Millis = Millis::from_secs(15);
const YOUNG_INTERVAL: Millis = Millis(700);
const MACHINE_INTERVAL: Millis = Millis::from_secs(2);
const USER_INTERVAL: Millis = Millis::from_secs(4);
const REST_INTERVAL: Millis = Millis::from_secs(60);

/// The provider is given so long to end a session by its expiry.
const AFTER_EXPIRY: i64 = 2_000;
/// A session that should be over since so long is asked about rarely.
const OVERDUE: i64 = -5 * 60_000;
const OVERDUE_INTERVAL: Millis = Millis::from_secs(15 * 60);

/// At most one confirmation of a webhook in so long.
const CONFIRM_INTERVAL: Millis = Millis::from_secs(10);

/// A list says less than a session itself, which is asked for at least this often while somebody looks.
const BY_ITSELF: Millis = Millis::from_secs(60);
/// A session that is due this soon is looked up along with others.
const AHEAD: Millis = Millis::from_secs(2);
/// A session that the list does not have is not looked for there again for so long.
const UNLISTED_FOR: Millis = Millis::from_secs(5 * 60);

const BACKOFF: Backoff = Backoff { base: Millis::from_secs(2), cap: Millis::from_secs(30) };

/// What happened around one session so far.
#[derive(Debug)]
pub(super) struct Timing {
    known_since: Millis,
    /// The last time the provider's word was asked for, if it was.
    started: Option<Millis>,
    /// For the first time, when nobody looks.
    first: Millis,
    in_flight: bool,
    failures: u32,
    not_before: Millis,
    asked: Option<Millis>,
    fresh: bool,
    fresh_at: Option<Millis>,
    /// The last time the session itself was asked for.
    by_itself: Option<Millis>,
    /// The list said that it has changed.
    moved: bool,
    unlisted_until: Millis,
    confirm: bool,
    confirming: bool,
    confirmed_at: Option<Millis>,
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Answered and stored.
    Answered,
    /// Not this time.
    Failed,
    /// An error that asking again does not change, such as a refused key.
    Refused,
}

/// What else the rules need to know.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) status: &'a SessionStatus,
    /// Whether a request is held for it.
    pub(super) held: bool,
    /// Milliseconds until it expires; negative afterwards.
    pub(super) expires_in: Option<i64>,
}

/// When to ask, and how urgent it is. The smaller of two that are due goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) class: Class,
    /// 0 when the user just came back or something is known to have changed, else 1.
    rank: u8,
    pub(super) at: Millis,
}

impl Timing {
    /// Of a session that was made just now.
    pub(super) fn new(now: Millis) -> Self {
        Self { started: Some(now), by_itself: Some(now), ..Self::loaded(now, now) }
    }

    /// Of a session from the store, to be looked at by `first` in any case.
    pub(super) fn loaded(now: Millis, first: Millis) -> Self {
        Self {
            known_since: now,
            started: None,
            first,
            in_flight: false,
            failures: 0,
            not_before: Millis(0),
            asked: None,
            fresh: false,
            fresh_at: None,
            by_itself: None,
            moved: false,
            unlisted_until: Millis(0),
            confirm: false,
            confirming: false,
            confirmed_at: None,
        }
    }

    /// A browser asks; `fresh` counts once in [`FRESH_MIN_INTERVAL_SECS`].
    pub(super) fn ask(&mut self, now: Millis, fresh: bool) {
        self.asked = Some(now);
        let interval = Millis::from_secs(FRESH_MIN_INTERVAL_SECS);
        if fresh && self.fresh_at.is_none_or(|at| now.since(at) >= interval) {
            self.fresh = true;
            self.fresh_at = Some(now);
        }
    }

    /// The browser's view is closed.
    pub(super) fn close(&mut self) {
        self.asked = None;
        self.fresh = false;
    }

    /// A webhook is to be confirmed.
    pub(super) fn confirm(&mut self) {
        self.confirm = true;
    }

    /// The provider is asked now. Whatever was wanted until now, this answers it.
    pub(super) fn start(&mut self, now: Millis) {
        self.started = Some(now);
        self.by_itself = Some(now);
        self.in_flight = true;
        self.fresh = false;
        self.moved = false;
        self.confirming = std::mem::take(&mut self.confirm);
        if self.confirming {
            self.confirmed_at = Some(now);
        }
    }

    /// The provider answered, or did not.
    pub(super) fn finish(&mut self, now: Millis, outcome: Outcome, random: u64) {
        self.in_flight = false;
        let confirming = std::mem::take(&mut self.confirming);
        if outcome == Outcome::Answered {
            self.failures = 0;
            self.not_before = Millis(0);
            return;
        }
        self.confirm |= confirming;
        self.failures = self.failures.saturating_add(1);
        let wait = match outcome {
            Outcome::Refused => BACKOFF.cap,
            _ => Millis(500) + BACKOFF.delay(self.failures, None, random, BACKOFF.cap),
        };
        self.not_before = now + wait;
    }

    /// Whether a page of the list can answer what is due, now or soon.
    pub(super) fn may_be_listed(&self, now: Millis, facts: &Facts<'_>) -> bool {
        let asked_lately = self.by_itself.is_some_and(|at| now.since(at) < BY_ITSELF);
        asked_lately
            && self.failures == 0
            && now >= self.unlisted_until
            && self.due(now, facts).is_some_and(|due| {
                due.rank == 1 && matches!(due.class, Class::Watched | Class::Rest) && due.at <= now + AHEAD
            })
    }

    /// A page of the list is asked for, which may have it.
    pub(super) fn look_up(&mut self) {
        self.in_flight = true;
    }

    /// It was on a page that was asked for `at` that time.
    pub(super) fn listed(&mut self, at: Millis, moved: bool) {
        self.in_flight = false;
        self.started = Some(at);
        self.moved = moved;
    }

    /// It was on none of the pages: it is due as before.
    pub(super) fn not_listed(&mut self, now: Millis) {
        self.in_flight = false;
        self.unlisted_until = now + UNLISTED_FOR;
    }

    /// There was no page.
    pub(super) fn let_go(&mut self) {
        self.in_flight = false;
    }

    /// Whether the request under way answers a webhook.
    pub(super) fn is_confirming(&self) -> bool {
        self.confirming
    }

    /// Requests without an answer, in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// When to ask next; never while a request is under way.
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
        let confirm = Due { class: Class::Confirm, rank: 1, at: not_before(at) };
        // Two that are due already differ by class only.
        Some(if confirm.at.max(now) <= usual.at.max(now) { confirm } else { usual })
    }

    fn usual(&self, now: Millis, facts: &Facts<'_>) -> Due {
        if self.fresh {
            return Due { class: Class::Watched, rank: 0, at: self.fresh_at.unwrap_or(now) };
        }
        let watched = facts.held || self.asked.is_some_and(|at| now.since(at) < WATCHED_FOR);
        if self.moved {
            let class = if watched { Class::Watched } else { Class::Rest };
            return Due { class, rank: 0, at: self.started.unwrap_or(now) };
        }
        let after = |interval: Millis| self.started.map(|at| at + interval);
        if watched && facts.expires_in.is_none_or(|left| left > OVERDUE) {
            // One that was never refreshed is overdue since it was loaded, so those that were refreshed come after it.
            let at = after(self.interval(now, facts)).unwrap_or(self.known_since);
            return Due { class: Class::Watched, rank: 1, at };
        }
        let at = match facts.expires_in {
            Some(left) if left <= OVERDUE => after(OVERDUE_INTERVAL),
            _ => after(REST_INTERVAL),
        };
        Due { class: Class::Rest, rank: 1, at: self.at_expiry(now, facts, at.unwrap_or(self.first)) }
    }

    /// Brings `at` forward to just after the expiry, once.
    fn at_expiry(&self, now: Millis, facts: &Facts<'_>, at: Millis) -> Millis {
        let Some(left) = facts.expires_in else { return at };
        let expiry = Millis(now.0.saturating_add_signed(left.saturating_add(AFTER_EXPIRY)));
        if self.started.is_some_and(|started| started >= expiry) { at } else { at.min(expiry) }
    }

    fn interval(&self, now: Millis, facts: &Facts<'_>) -> Millis {
        match facts.status {
            SessionStatus::Created | SessionStatus::Initializing if now.since(self.known_since) < YOUNG => {
                YOUNG_INTERVAL
            }
            status if status.awaits_user() => USER_INTERVAL,
            _ => MACHINE_INTERVAL,
        }
    }
}

#[cfg(test)]
mod tests;
