//! Rate limiter for the API key: pure rules that take the time as an argument.
//!
//! It uses the generic cell rate algorithm (GCRA), slightly below the provider's limit. With a burst of B and an
//! interval of T, any window of W holds at most B + W/T requests: with [`BURST`] and [`INTERVAL`], 115 of the 120 that
//! are allowed in 60 s. The rest covers requests that arrive closer together than they were sent. A rate limiter starts
//! without its burst, so a restart cannot spend the window twice.

use cr3dentials_core::retry::Backoff;
use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::RATE_LIMIT_WINDOW_SECS;

/// Maximum number of requests without a pause after an idle time.
const BURST: u64 = 12;

/// Average time between two requests in steady operation.
const INTERVAL: Millis = Millis(580);

/// Window of the provider's limit, and the longest wait that any of its responses can cause.
const WINDOW: Millis = Millis::from_secs(RATE_LIMIT_WINDOW_SECS);

/// Backoff after a 429 without a `Retry-After` or reset time.
const BACKOFF: Backoff = Backoff { base: Millis(2_000), cap: WINDOW };

/// Rate limit headers of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RateLimitHeaders {
    /// Requests left in the window.
    pub(crate) remaining: Option<u64>,
    /// Time until the window resets.
    pub(crate) reset_in: Option<Millis>,
    /// Time from `Retry-After`.
    pub(crate) retry_after: Option<Millis>,
}

/// Limits requests to the key's rate limit.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    /// Time at which the requests so far are paid for, at one per [`INTERVAL`].
    paid_until: Millis,
    /// Earliest time of the next request after a 429.
    blocked_until: Millis,
    /// The provider's count: remaining requests, and the time when its window ends.
    allowance: Option<(u64, Millis)>,
    /// Number of consecutive responses with 429.
    rejections: u32,
    /// Requests without a response yet, which the provider's count may not include.
    in_flight: u64,
}

impl RateLimiter {
    /// Creates a rate limiter that has just spent its burst.
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            paid_until: now + Self::tolerance(),
            blocked_until: Millis(0),
            allowance: None,
            rejections: 0,
            in_flight: 0,
        }
    }

    /// Counts one request, which must be sent now.
    ///
    /// # Errors
    /// Returns the time at which to try again, later than `now`.
    pub(crate) fn take(&mut self, now: Millis) -> Result<(), Millis> {
        let next = self.next(now);
        if next > now {
            return Err(next);
        }
        self.paid_until = self.paid_until.max(now) + INTERVAL;
        if let Some((left, _)) = &mut self.allowance {
            *left = left.saturating_sub(1);
        }
        self.in_flight += 1;
        Ok(())
    }

    /// Records the response to a request, or that there will be none.
    pub(crate) fn settle(&mut self, now: Millis, limits: RateLimitHeaders, rate_limited: bool, random: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let (Some(remaining), Some(reset_in)) = (limits.remaining, limits.reset_in) {
            let until = now + reset_in.min(WINDOW);
            // An overtaken response holds an older, larger count of the same window.
            if self.allowance.is_none_or(|(_, known)| until.0 + 500 >= known.0) {
                self.allowance = Some((remaining.saturating_sub(self.in_flight), until));
            }
        }
        if rate_limited {
            self.rejections = self.rejections.saturating_add(1);
            let named = limits.retry_after.or(limits.reset_in);
            let wait = BACKOFF.delay(self.rejections, named, random, WINDOW).max(Millis(1_000));
            self.blocked_until = self.blocked_until.max(now + wait);
        } else {
            self.rejections = 0;
        }
    }

    /// Returns the earliest time of the next request.
    fn next(&self, now: Millis) -> Millis {
        let earned = self.paid_until.since(Self::tolerance()).max(self.blocked_until);
        match self.allowance {
            Some((0, until)) if until > now => earned.max(until),
            _ => earned,
        }
    }

    fn tolerance() -> Millis {
        Millis(INTERVAL.0 * (BURST - 1))
    }
}

#[cfg(test)]
mod tests {
    use cr3dentials_core::wire::RATE_LIMIT_REQUESTS;
    use proptest::prelude::*;

    use super::*;

    /// Returns the maximum number of requests within any 60 s, both ends included.
    fn busiest_window(sent: &[u64]) -> usize {
        let in_window = |from: usize| sent[from..].iter().take_while(|at| **at <= sent[from] + WINDOW.0).count();
        (0..sent.len()).map(in_window).max().unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        /// Each step waits and then tries several requests, over some minutes in total, with occasional restarts.
        #[test]
        fn no_schedule_exceeds_the_limit(
            steps in prop::collection::vec((0_u64..4_000, 1_usize..40, 0_u8..50), 1..400)
        ) {
            let mut now = Millis(1_000_000);
            let mut rate_limiter = RateLimiter::new(now);
            let mut sent = Vec::new();
            for (pause, tries, event) in steps {
                now = now + Millis(pause);
                if event == 0 {
                    rate_limiter = RateLimiter::new(now);
                }
                for _ in 0..tries {
                    if rate_limiter.take(now).is_ok() {
                        sent.push(now.0);
                        rate_limiter.settle(now, RateLimitHeaders::default(), false, 0);
                    }
                }
            }
            prop_assert!(busiest_window(&sent) <= RATE_LIMIT_REQUESTS as usize);
        }

        #[test]
        fn a_refusal_returns_a_later_time_that_succeeds(pauses in prop::collection::vec(0_u64..2_000, 1..100)) {
            let mut now = Millis(0);
            let mut rate_limiter = RateLimiter::new(now);
            for pause in pauses {
                now = now + Millis(pause);
                while rate_limiter.take(now).is_ok() {}
                let Err(at) = rate_limiter.take(now) else { unreachable!("just refused") };
                prop_assert!(at > now);
                prop_assert!(rate_limiter.take(at).is_ok());
                now = at;
            }
        }

        #[test]
        fn no_response_blocks_longer_than_a_window(remaining: u64, reset: u64, retry: u64, random: u64) {
            let now = Millis(5_000);
            let mut rate_limiter = RateLimiter::new(now);
            prop_assert!(rate_limiter.take(now).is_ok());
            let limits = RateLimitHeaders {
                remaining: Some(remaining),
                reset_in: Some(Millis(reset)),
                retry_after: Some(Millis(retry)),
            };
            rate_limiter.settle(now, limits, true, random);
            prop_assert!(rate_limiter.take(now + WINDOW).is_ok());
        }
    }

    #[test]
    fn constant_demand_gets_most_of_the_budget() {
        let mut rate_limiter = RateLimiter::new(Millis(0));
        let granted = (0..60_000_u64).filter(|now| rate_limiter.take(Millis(*now)).is_ok()).count();
        assert!((100..=120).contains(&granted), "{granted}");
    }

    #[test]
    fn a_new_rate_limiter_has_no_burst() {
        let mut rate_limiter = RateLimiter::new(Millis(0));
        assert_eq!(rate_limiter.take(Millis(0)), Ok(()));
        assert_eq!(rate_limiter.take(Millis(0)), Err(INTERVAL));
    }

    #[test]
    fn a_lower_count_of_the_provider_applies_until_its_window_ends() {
        let now = Millis(600_000);
        let mut rate_limiter = RateLimiter::new(Millis(0));
        for _ in 0..3 {
            assert_eq!(rate_limiter.take(now), Ok(()));
        }
        // Two more requests are in flight, so none of the two remaining is left.
        let limits = RateLimitHeaders { remaining: Some(2), reset_in: Some(Millis(9_000)), retry_after: None };
        rate_limiter.settle(now, limits, false, 0);
        assert_eq!(rate_limiter.take(now), Err(now + Millis(9_000)));
        assert_eq!(rate_limiter.take(now + Millis(9_000)), Ok(()));
    }

    #[test]
    fn a_429_blocks_all_requests_for_its_retry_after() {
        let now = Millis(600_000);
        let mut rate_limiter = RateLimiter::new(Millis(0));
        assert_eq!(rate_limiter.take(now), Ok(()));
        rate_limiter.settle(
            now,
            RateLimitHeaders { retry_after: Some(Millis(7_000)), ..RateLimitHeaders::default() },
            true,
            0,
        );
        assert_eq!(rate_limiter.take(now), Err(now + Millis(7_000)));
    }
}
