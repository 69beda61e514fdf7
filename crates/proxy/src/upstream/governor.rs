//! How many requests the key has left: pure rules, the time comes in.
//!
//! GCRA, somewhat below what the provider allows. With a burst of B and a distance of T, any window of W holds at most
//! B + W/T requests; [`BURST`] and [`DISTANCE`] make that 115 of 120 in 60 s, and the rest covers requests that the
//! network brings closer together than they were sent. A governor starts without its burst, so a restart cannot spend
//! the window twice.

use cr3dentials_core::retry::Backoff;
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::RATE_LIMIT_WINDOW_SECS;

/// Requests that may follow one another at once after a quiet time.
const BURST: u64 = 12;

/// The steady distance between two requests.
const DISTANCE: Millis = Millis(580);

/// No correction by the provider makes us wait longer than one window.
const WINDOW: Millis = Millis::from_secs(RATE_LIMIT_WINDOW_SECS);

/// For a 429 that names no time.
const BACKOFF: Backoff = Backoff { base: Millis(2_000), cap: WINDOW };

/// What the provider said about the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Requests left in the window.
    pub(crate) remaining: Option<u64>,
    /// Time until the window resets.
    pub(crate) reset_in: Option<Millis>,
    /// `Retry-After`.
    pub(crate) retry_after: Option<Millis>,
}

/// Counts requests against the key's limit.
#[derive(Debug)]
pub(crate) struct Governor {
    /// When the requests so far will have been paid for, at one each [`DISTANCE`].
    paid_until: Millis,
    /// After a 429: nothing before this.
    blocked_until: Millis,
    /// The provider's own count: so many, until then.
    allowance: Option<(u64, Millis)>,
    /// Answers with 429, in a row.
    refusals: u32,
    /// Requests without an answer yet: the provider's count may not hold them.
    in_flight: u64,
}

impl Governor {
    /// One that has just spent its burst.
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            paid_until: now + Self::tolerance(),
            blocked_until: Millis(0),
            allowance: None,
            refusals: 0,
            in_flight: 0,
        }
    }

    /// Takes one request, to be sent now.
    ///
    /// # Errors
    /// The time to ask again at, later than `now`.
    pub(crate) fn take(&mut self, now: Millis) -> Result<(), Millis> {
        let next = self.next(now);
        if next > now {
            return Err(next);
        }
        self.paid_until = self.paid_until.max(now) + DISTANCE;
        if let Some((left, _)) = &mut self.allowance {
            *left = left.saturating_sub(1);
        }
        self.in_flight += 1;
        Ok(())
    }

    /// An answer came, or none will.
    pub(crate) fn settle(&mut self, now: Millis, limits: Limits, refused: bool, random: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let (Some(remaining), Some(reset_in)) = (limits.remaining, limits.reset_in) {
            let until = now + reset_in.min(WINDOW);
            // An answer that was overtaken tells an older, larger count of the same window.
            if self.allowance.is_none_or(|(_, known)| until.0 + 500 >= known.0) {
                self.allowance = Some((remaining.saturating_sub(self.in_flight), until));
            }
        }
        if refused {
            self.refusals = self.refusals.saturating_add(1);
            let named = limits.retry_after.or(limits.reset_in);
            let wait = BACKOFF.delay(self.refusals, named, random, WINDOW).max(Millis(1_000));
            self.blocked_until = self.blocked_until.max(now + wait);
        } else {
            self.refusals = 0;
        }
    }

    /// The earliest time for the next request.
    fn next(&self, now: Millis) -> Millis {
        let earned = self.paid_until.since(Self::tolerance()).max(self.blocked_until);
        match self.allowance {
            Some((0, until)) if until > now => earned.max(until),
            _ => earned,
        }
    }

    fn tolerance() -> Millis {
        Millis(DISTANCE.0 * (BURST - 1))
    }
}

#[cfg(test)]
mod tests {
    use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;
    use proptest::prelude::*;

    use super::*;

    /// The most requests within any 60 s, both ends included.
    fn busiest_window(sent: &[u64]) -> usize {
        let in_window = |from: usize| sent[from..].iter().take_while(|at| **at <= sent[from] + WINDOW.0).count();
        (0..sent.len()).map(in_window).max().unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Steps of waiting, each followed by as many tries as given, over some minutes; now and then a restart.
        #[test]
        fn no_schedule_passes_the_limit(
            steps in prop::collection::vec((0_u64..4_000, 1_usize..40, 0_u8..50), 1..400)
        ) {
            let mut now = Millis(1_000_000);
            let mut governor = Governor::new(now);
            let mut sent = Vec::new();
            for (pause, tries, event) in steps {
                now = now + Millis(pause);
                if event == 0 {
                    governor = Governor::new(now);
                }
                for _ in 0..tries {
                    if governor.take(now).is_ok() {
                        sent.push(now.0);
                        governor.settle(now, Limits::default(), false, 0);
                    }
                }
            }
            prop_assert!(busiest_window(&sent) <= RATE_LIMIT_REQUESTS as usize);
        }

        #[test]
        fn a_refusal_names_a_later_time_that_holds(pauses in prop::collection::vec(0_u64..2_000, 1..100)) {
            let mut now = Millis(0);
            let mut governor = Governor::new(now);
            for pause in pauses {
                now = now + Millis(pause);
                while governor.take(now).is_ok() {}
                let Err(at) = governor.take(now) else { unreachable!("just refused") };
                prop_assert!(at > now);
                prop_assert!(governor.take(at).is_ok());
                now = at;
            }
        }

        #[test]
        fn no_word_of_the_provider_blocks_longer_than_a_window(remaining: u64, reset: u64, retry: u64, random: u64) {
            let now = Millis(5_000);
            let mut governor = Governor::new(now);
            prop_assert!(governor.take(now).is_ok());
            let limits =
                Limits { remaining: Some(remaining), reset_in: Some(Millis(reset)), retry_after: Some(Millis(retry)) };
            governor.settle(now, limits, true, random);
            prop_assert!(governor.take(now + WINDOW).is_ok());
        }
    }

    #[test]
    fn a_steady_hunger_gets_most_of_the_budget() {
        let mut governor = Governor::new(Millis(0));
        let granted = (0..60_000_u64).filter(|now| governor.take(Millis(*now)).is_ok()).count();
        assert!((100..=120).contains(&granted), "{granted}");
    }

    #[test]
    fn a_restart_has_no_burst() {
        let mut governor = Governor::new(Millis(0));
        assert_eq!(governor.take(Millis(0)), Ok(()));
        assert_eq!(governor.take(Millis(0)), Err(DISTANCE));
    }

    #[test]
    fn the_providers_lower_count_is_believed_until_its_window_ends() {
        let now = Millis(600_000);
        let mut governor = Governor::new(Millis(0));
        for _ in 0..3 {
            assert_eq!(governor.take(now), Ok(()));
        }
        // Two more are under way, so of the two that are left none is.
        let limits = Limits { remaining: Some(2), reset_in: Some(Millis(9_000)), retry_after: None };
        governor.settle(now, limits, false, 0);
        assert_eq!(governor.take(now), Err(now + Millis(9_000)));
        assert_eq!(governor.take(now + Millis(9_000)), Ok(()));
    }

    #[test]
    fn a_429_stops_everything_for_as_long_as_it_says() {
        let now = Millis(600_000);
        let mut governor = Governor::new(Millis(0));
        assert_eq!(governor.take(now), Ok(()));
        governor.settle(now, Limits { retry_after: Some(Millis(7_000)), ..Limits::default() }, true, 0);
        assert_eq!(governor.take(now), Err(now + Millis(7_000)));
    }
}
