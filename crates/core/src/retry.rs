//! Exponential backoff with full jitter, as a pure function of the failures so far.

use crate::time::Millis;

/// Bounds of the exponential backoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Maximum delay after the first failure; doubles with each further one.
    pub base: Millis,
    /// Upper bound of every delay.
    pub cap: Millis,
}

impl Backoff {
    /// Returns the delay after `failures` consecutive failures (1 for the first).
    ///
    /// A `Retry-After` from the server is used as it is, up to `max_retry_after`. Otherwise the delay is random between
    /// zero and the exponential step, so that clients that failed together do not retry together. The delay can be
    /// zero: a caller that needs a minimum interval enforces it itself.
    pub fn delay(self, failures: u32, retry_after: Option<Millis>, random: u64, max_retry_after: Millis) -> Millis {
        if let Some(requested) = retry_after {
            return requested.min(max_retry_after);
        }
        let doublings = failures.saturating_sub(1).min(20);
        let step = self.base.0.saturating_mul(1 << doublings).min(self.cap.0);
        Millis(random % (step + 1))
    }
}

/// A small deterministic random number generator (SplitMix64). The caller provides the seed, so runs are repeatable.
///
/// Suitable for jitter and for keys that only have to be distinct. Never for secrets.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// Creates a generator from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BACKOFF: Backoff = Backoff { base: Millis(1000), cap: Millis(30_000) };
    const MINUTE: Millis = Millis(60_000);

    proptest! {
        #[test]
        fn delays_never_exceed_their_step(failures in 1_u32.., random: u64) {
            let wait = BACKOFF.delay(failures, None, random, MINUTE);
            let doubled = 1000_u64.saturating_mul(1 << failures.saturating_sub(1).min(20));
            prop_assert!(wait.0 <= doubled.min(30_000));
        }

        #[test]
        fn retry_after_is_used_up_to_the_maximum(requested: u64, random: u64) {
            let wait = BACKOFF.delay(1, Some(Millis(requested)), random, MINUTE);
            prop_assert_eq!(wait, Millis(requested.min(60_000)));
        }
    }

    #[test]
    fn delays_grow_up_to_the_cap() {
        let longest =
            |failures| (0..2000).map(|r| BACKOFF.delay(failures, None, r * 7919, MINUTE).0).max().unwrap_or(0);
        let waits: Vec<u64> = (1..=7).map(longest).collect();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert!(waits[6] > 29_000);
    }
}
