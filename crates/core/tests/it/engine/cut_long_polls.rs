//! Long polls that a gateway cuts: nothing is shown or reported while short polls succeed, and the next ones wait
//! shorter.

use cr3dentials_core::engine::{Connection, FailureKind};
use cr3dentials_core::wire::SessionStatus::{AwaitingUser, Running};

use crate::engine::scenario::Scenario;

/// The kinds of failures that a gateway causes.
const CUTS: [FailureKind; 2] = [FailureKind::Network, FailureKind::Intermediary];

/// A session with a long poll under way since 500 ms.
fn long_polling() -> Scenario {
    let mut scenario = Scenario::with_status(AwaitingUser);
    scenario.wait(500);
    assert_eq!(scenario.last_wait(), 25);
    scenario
}

impl Scenario {
    fn last_wait(&self) -> u64 {
        self.polls().last().expect("a poll was sent").wait_secs
    }

    /// A gateway cuts the long poll after this time; the short poll that follows returns at once.
    fn cut_after(&mut self, millis: u64) {
        self.wait(millis);
        self.long_poll_is_cut(FailureKind::Intermediary, None);
        self.wait(1000);
        assert_eq!(self.last_wait(), 0, "a short poll");
        self.short_poll_returns(AwaitingUser, 10);
        self.wait(500);
    }

    /// The device changes to another network, over which the next poll returns.
    fn network_is_replaced(&mut self) {
        self.network_goes();
        self.network_returns();
        self.wait(500);
        assert_eq!(self.last_wait(), 0, "a short poll");
        self.short_poll_returns(AwaitingUser, 10);
        self.wait(500);
    }
}

#[test]
fn cut_long_poll_is_neither_shown_nor_reported() {
    for kind in CUTS {
        let mut scenario = long_polling();
        for held in [10_000, 8000, 6000] {
            scenario.wait(held);
            scenario.long_poll_is_cut(kind, None);
            let cut_at = scenario.now();
            scenario.wait(1000);
            assert!(scenario.last_poll_time() >= Some(cut_at), "{kind}: polled again within a second");
            assert_eq!(scenario.last_wait(), 0);
            assert_eq!(scenario.view().connection, Connection::Fine, "{kind}");
            scenario.short_poll_returns(AwaitingUser, 10);
            scenario.wait(500);
            assert!(scenario.is_polling() && scenario.last_wait() > 0, "{kind}: a long poll again, without a pause");
        }
        assert!(scenario.errors().is_empty(), "{kind}: {:?}", scenario.errors());
    }
}

#[test]
fn later_long_polls_wait_shorter_than_the_cut() {
    for (held, wait) in [(3000, 2), (5000, 4), (10_000, 8), (24_000, 19), (30_000, 20)] {
        let mut scenario = long_polling();
        scenario.cut_after(held);
        assert_eq!(scenario.last_wait(), wait, "cut after {held} ms");
        scenario.wait(wait * 1000);
        scenario.poll_returns(AwaitingUser, 10);
        assert_eq!(scenario.last_wait(), wait, "and it stays so");
    }
}

#[test]
fn long_poll_that_times_out_halves_the_wait() {
    let mut scenario = long_polling();
    scenario.wait(35_000);
    assert_eq!(scenario.abort_times(), [35_500]);
    scenario.wait(1000);
    assert_eq!(scenario.last_wait(), 0);
    scenario.short_poll_returns(AwaitingUser, 10);
    scenario.wait(500);
    assert_eq!(scenario.last_wait(), 12);
    assert!(scenario.errors().is_empty());
}

#[test]
fn failure_counts_once_a_short_poll_fails_too() {
    for (kind, shown) in CUTS.into_iter().zip([Connection::Reconnecting, Connection::Slow]) {
        let mut scenario = long_polling();
        scenario.wait(10_000);
        scenario.long_poll_is_cut(kind, None);
        scenario.wait(1000);
        scenario.poll_fails_until(kind, Some(2000));
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), true)]);
        assert_eq!(scenario.view().connection, Connection::Fine);
        scenario.wait(2000);
        assert_eq!(scenario.last_wait(), 0, "short until one succeeds");
        scenario.poll_fails_until(kind, Some(2000));
        assert_eq!(scenario.view().connection, shown);
        scenario.wait(2000);
        scenario.short_poll_returns(AwaitingUser, 10);
        assert_eq!(scenario.view().connection, Connection::Fine, "{kind}: shown at once");
        scenario.wait(4000);
        assert_eq!(scenario.last_wait(), 25, "{kind}: an outage teaches nothing");
    }
}

#[test]
fn second_early_cut_in_a_row_ends_the_long_polls() {
    let mut scenario = long_polling();
    scenario.cut_after(2999);
    assert_eq!(scenario.last_wait(), 25, "one may be an accident");
    scenario.wait(25_000);
    scenario.poll_returns(AwaitingUser, 10);
    scenario.cut_after(500);
    assert_eq!(scenario.last_wait(), 25, "they are counted in a row");
    scenario.cut_after(500);
    assert!(!scenario.is_polling(), "polls at intervals");
    let before = scenario.poll_times().len();
    for _ in 0..5 {
        scenario.wait(4000);
        assert_eq!(scenario.last_wait(), 0);
        scenario.short_poll_returns(AwaitingUser, 10);
    }
    assert_eq!(scenario.poll_times().len(), before + 5);
    assert!(scenario.errors().is_empty());
}

#[test]
fn new_network_allows_longer_waits_step_by_step() {
    let mut scenario = long_polling();
    scenario.cut_after(10_000);
    for wait in [16, 25, 25] {
        scenario.network_is_replaced();
        assert_eq!(scenario.last_wait(), wait);
    }
    let mut stopped = long_polling();
    stopped.cut_after(500);
    stopped.cut_after(500);
    stopped.network_is_replaced();
    assert_eq!(stopped.last_wait(), 4);
}

#[test]
fn retry_after_of_a_gateway_is_kept() {
    let mut scenario = long_polling();
    scenario.wait(10_000);
    scenario.long_poll_is_cut(FailureKind::Intermediary, Some(7000));
    scenario.wait(7000);
    assert_eq!(scenario.poll_times(), [0, 500, 17_500]);
}

#[test]
fn response_of_the_proxy_is_no_cut() {
    for kind in FailureKind::ALL.into_iter().filter(|kind| !CUTS.contains(kind)) {
        if kind == FailureKind::OtherUser {
            continue;
        }
        let mut scenario = long_polling();
        scenario.wait(10_000);
        scenario.long_poll_is_cut(kind, Some(3000));
        assert_eq!(scenario.error_codes(), [(kind.code().to_owned(), true)]);
        scenario.wait(3000);
        scenario.short_poll_returns(Running, 20);
        scenario.wait(2000);
        assert_eq!(scenario.last_wait(), 25, "{kind}");
    }
}
