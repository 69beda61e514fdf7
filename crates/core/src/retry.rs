//! When to try again: full-jitter exponential backoff, as a pure function of what went wrong so far.

use crate::time::Millis;

/// How long to wait between tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure.
    pub base: Millis,
    /// The longest wait there is.
    pub cap: Millis,
}

impl Backoff {
    /// The wait after `failures` failures in a row (1 for the first).
    ///
    /// A server that names a time is believed, up to `longest_honoured`. Otherwise the wait is random between nothing
    /// and the exponential step, so that clients that failed together do not return together. A caller that must not
    /// follow at once keeps its own least distance.
    pub fn delay(self, failures: u32, retry_after: Option<Millis>, random: u64, longest_honoured: Millis) -> Millis {
        if let Some(named) = retry_after {
            return named.min(longest_honoured);
        }
        let doublings = failures.saturating_sub(1).min(20);
        let step = self.base.0.saturating_mul(1 << doublings).min(self.cap.0);
        Millis(random % (step + 1))
    }
}

/// A small deterministic generator (SplitMix64): the seed comes from outside, so every run can be repeated.
///
/// For jitter and keys that only need to differ. Never for secrets.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// Starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
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
        fn a_wait_never_passes_its_step(failures in 1_u32.., random: u64) {
            let wait = BACKOFF.delay(failures, None, random, MINUTE);
            let doubled = 1000_u64.saturating_mul(1 << failures.saturating_sub(1).min(20));
            prop_assert!(wait.0 <= doubled.min(30_000));
        }

        #[test]
        fn a_named_time_is_honoured_within_reason(named: u64, random: u64) {
            let wait = BACKOFF.delay(1, Some(Millis(named)), random, MINUTE);
            prop_assert_eq!(wait, Millis(named.min(60_000)));
        }
    }

    #[test]
    fn waits_grow_until_the_cap() {
        let longest =
            |failures| (0..2000).map(|r| BACKOFF.delay(failures, None, r * 7919, MINUTE).0).max().unwrap_or(0);
        let waits: Vec<u64> = (1..=7).map(longest).collect();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert!(waits[6] > 29_000);
    }
}
