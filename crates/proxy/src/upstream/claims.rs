//! Who gets the next request: pure rules over those who wait.

use std::collections::{BTreeMap, VecDeque};

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::{RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECS};

/// What a request is for. The first is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A user waits for it to go on: a new session, a new embed URL, the platforms.
    Create,
    /// A webhook is to be confirmed. Outsiders cause these, so they get at most a third ahead of the watched.
    Confirm,
    /// Somebody looks at the session.
    Watched,
    /// Nobody does.
    Rest,
}

/// Confirms that go first within one window.
const CONFIRM_SHARE: usize = RATE_LIMIT_REQUESTS as usize / 3;

/// Those who wait, in order.
#[derive(Debug)]
pub(crate) struct Claims<T> {
    waiting: BTreeMap<(Class, u64), T>,
    next_number: u64,
    /// When the confirms of the last window were granted.
    confirms: VecDeque<Millis>,
}

impl<T> Default for Claims<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), next_number: 0, confirms: VecDeque::new() }
    }
}

impl<T> Claims<T> {
    /// Queues `claim` behind those of its class.
    pub(crate) fn push(&mut self, class: Class, claim: T) {
        self.waiting.insert((class, self.next_number), claim);
        self.next_number += 1;
    }

    /// Takes who is next. Confirms beyond their share come after the watched.
    pub(crate) fn pop(&mut self, now: Millis) -> Option<T> {
        let mut next = *self.waiting.first_key_value()?.0;
        if next.0 == Class::Confirm && self.confirm_share_is_spent(now) {
            let watched = self.waiting.range((Class::Watched, 0)..(Class::Rest, 0)).next();
            next = watched.map_or(next, |(key, _)| *key);
        }
        if next.0 == Class::Confirm {
            self.confirms.push_back(now);
        }
        self.waiting.remove(&next)
    }

    /// Drops those who wait no more.
    pub(crate) fn retain(&mut self, mut waits: impl FnMut(&T) -> bool) {
        self.waiting.retain(|_, claim| waits(claim));
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn confirm_share_is_spent(&mut self, now: Millis) -> bool {
        let window = Millis::from_secs(RATE_LIMIT_WINDOW_SECS);
        while self.confirms.front().is_some_and(|at| now.since(*at) >= window) {
            self.confirms.pop_front();
        }
        self.confirms.len() >= CONFIRM_SHARE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_class_then_arrival() {
        let mut claims = Claims::default();
        for (class, name) in [
            (Class::Rest, "rest"),
            (Class::Watched, "watched"),
            (Class::Create, "create 1"),
            (Class::Confirm, "confirm"),
            (Class::Create, "create 2"),
        ] {
            claims.push(class, name);
        }
        let order: Vec<_> = std::iter::from_fn(|| claims.pop(Millis(0))).collect();
        assert_eq!(order, ["create 1", "create 2", "confirm", "watched", "rest"]);
    }

    #[test]
    fn a_flood_of_webhooks_does_not_starve_the_watched() {
        let mut claims = Claims::default();
        for _ in 0..500 {
            claims.push(Class::Confirm, Class::Confirm);
        }
        claims.push(Class::Watched, Class::Watched);
        let order: Vec<_> = std::iter::from_fn(|| claims.pop(Millis(0))).collect();
        assert_eq!(order.iter().position(|class| *class == Class::Watched), Some(CONFIRM_SHARE));
        assert_eq!(order.len(), 501);
    }

    #[test]
    fn the_share_comes_back_with_the_window() {
        let mut claims = Claims::default();
        for _ in 0..CONFIRM_SHARE {
            claims.push(Class::Confirm, "old");
            assert_eq!(claims.pop(Millis(0)), Some("old"));
        }
        claims.push(Class::Watched, "watched");
        claims.push(Class::Confirm, "confirm");
        assert_eq!(claims.pop(Millis(59_999)), Some("watched"));
        claims.push(Class::Watched, "watched");
        assert_eq!(claims.pop(Millis(60_000)), Some("confirm"));
    }
}
