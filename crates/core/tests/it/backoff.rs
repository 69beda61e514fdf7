//! Waits between two attempts.

use cr3dentials_core::retry::{Backoff, Jitter};
use cr3dentials_core::time::Millis;

const BACKOFF: Backoff = Backoff { base: Millis(1000), cap: Millis(30_000) };
const LONGEST: Millis = Millis(120_000);

#[test]
fn wait_is_random_up_to_a_step_that_doubles() {
    for (failures, step) in [(1, 1000), (2, 2000), (3, 4000), (4, 8000), (5, 16_000), (6, 30_000), (40, 30_000)] {
        let wait = |random| BACKOFF.delay(failures, None, random, LONGEST).0;
        assert_eq!(wait(0), 0, "after {failures} failures");
        assert_eq!(wait(step / 2), step / 2, "after {failures} failures");
        assert_eq!(wait(step), step, "the whole step after {failures} failures");
        assert_eq!(wait(step + 1), 0, "never more than the step after {failures} failures");
    }
}

#[test]
fn named_time_replaces_the_random_wait_up_to_a_limit() {
    for (named, wait) in [(0, 0), (45_000, 45_000), (120_000, 120_000), (600_000, 120_000)] {
        assert_eq!(BACKOFF.delay(3, Some(Millis(named)), 17, LONGEST), Millis(wait));
    }
}

/// The first numbers of SplitMix64 for this seed, as published.
#[test]
fn jitter_is_the_published_generator() {
    let mut jitter = Jitter::new(1_234_567);
    let numbers: Vec<u64> = (0..5).map(|_| jitter.next_u64()).collect();
    assert_eq!(
        numbers,
        [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
    );
}
