//! Engine and sandbox together: a page, a relay that only passes on, and the provider's rules with every fault that they
//! can play. Thousands of seeded runs in simulated time; `CR3D_RUNS` says how many.
//!
//! The relay is the least that a partner could build: it holds no question and hides no failure. What holds here holds
//! before any backend.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod chaos;
mod page;
mod person;
mod relay;

use page::Page;

/// Runs when nothing is said: a few seconds' worth.
const RUNS: u64 = 400;

/// A run's length in whims of chance.
const WHIMS: usize = 60;

#[test]
fn every_run_ends_each_session_once_and_truthfully() {
    let runs = std::env::var("CR3D_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(RUNS);
    let mut ends = std::collections::BTreeMap::<String, u64>::new();
    for seed in 0..runs {
        let play = std::panic::catch_unwind(|| {
            let mut page = Page::new(seed);
            for _ in 0..WHIMS {
                page.live_until_the_next_whim();
                chaos::strike(&mut page);
            }
            page.calm_down();
            page.ends()
        });
        let told = play.unwrap_or_else(|_| panic!("the run with seed {seed} broke a law"));
        for reason in told {
            *ends.entry(reason).or_default() += 1;
        }
    }
    println!("{runs} runs ended as {ends:?}");
    for reason in ["Completed", "Partial", "Failed", "Cancelled", "Expired", "Terminated", "Closed"] {
        assert!(runs < RUNS || ends.contains_key(reason), "no run ended as {reason}: {ends:?}");
    }
}
