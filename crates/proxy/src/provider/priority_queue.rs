//! The queue of waiters for a request permit: pure rules.

use std::collections::{BTreeMap, VecDeque};

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::{RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECS};

/// Purpose of a request, in order of priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// A user is blocked until it completes: a new session, a new embed URL, the platforms.
    Create,
    /// Confirms a webhook. Outsiders can trigger these, so at most a third of the budget goes ahead of `Watched`.
    Confirm,
    /// Refreshes a session that a user is looking at.
    Watched,
    /// Refreshes a session that no one is looking at.
    Rest,
}

/// Maximum number of confirms that go ahead of `Watched` within one window.
const CONFIRM_SHARE: usize = RATE_LIMIT_REQUESTS as usize / 3;

/// Waiters in the order of their priority and arrival.
#[derive(Debug)]
pub(crate) struct PriorityQueue<T> {
    waiting: BTreeMap<(Priority, u64), T>,
    next_number: u64,
    /// Times of the confirms granted in the last window.
    confirms: VecDeque<Millis>,
}

impl<T> Default for PriorityQueue<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), next_number: 0, confirms: VecDeque::new() }
    }
}

impl<T> PriorityQueue<T> {
    /// Adds `waiter` after the others of its priority.
    pub(crate) fn push(&mut self, priority: Priority, waiter: T) {
        self.waiting.insert((priority, self.next_number), waiter);
        self.next_number += 1;
    }

    /// Removes and returns the next waiter. Confirms beyond their share come after `Watched`.
    pub(crate) fn pop(&mut self, now: Millis) -> Option<T> {
        let mut next = *self.waiting.first_key_value()?.0;
        if next.0 == Priority::Confirm && self.confirm_share_is_used_up(now) {
            let watched = self.waiting.range((Priority::Watched, 0)..(Priority::Rest, 0)).next();
            next = watched.map_or(next, |(key, _)| *key);
        }
        if next.0 == Priority::Confirm {
            self.confirms.push_back(now);
        }
        self.waiting.remove(&next)
    }

    /// Removes waiters that have given up.
    pub(crate) fn retain(&mut self, mut waits: impl FnMut(&T) -> bool) {
        self.waiting.retain(|_, waiter| waits(waiter));
    }

    /// Returns true if there are no waiters.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn confirm_share_is_used_up(&mut self, now: Millis) -> bool {
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
    fn waiters_are_ordered_by_priority_then_arrival() {
        let mut queue = PriorityQueue::default();
        for (priority, name) in [
            (Priority::Rest, "rest"),
            (Priority::Watched, "watched"),
            (Priority::Create, "create 1"),
            (Priority::Confirm, "confirm"),
            (Priority::Create, "create 2"),
        ] {
            queue.push(priority, name);
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(Millis(0))).collect();
        assert_eq!(order, ["create 1", "create 2", "confirm", "watched", "rest"]);
    }

    #[test]
    fn many_webhooks_do_not_starve_watched_sessions() {
        let mut queue = PriorityQueue::default();
        for _ in 0..500 {
            queue.push(Priority::Confirm, Priority::Confirm);
        }
        queue.push(Priority::Watched, Priority::Watched);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(Millis(0))).collect();
        assert_eq!(order.iter().position(|priority| *priority == Priority::Watched), Some(CONFIRM_SHARE));
        assert_eq!(order.len(), 501);
    }

    #[test]
    fn the_share_of_confirms_is_restored_with_the_window() {
        let mut queue = PriorityQueue::default();
        for _ in 0..CONFIRM_SHARE {
            queue.push(Priority::Confirm, "old");
            assert_eq!(queue.pop(Millis(0)), Some("old"));
        }
        queue.push(Priority::Watched, "watched");
        queue.push(Priority::Confirm, "confirm");
        assert_eq!(queue.pop(Millis(59_999)), Some("watched"));
        queue.push(Priority::Watched, "watched");
        assert_eq!(queue.pop(Millis(60_000)), Some("confirm"));
    }
}
