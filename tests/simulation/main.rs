//! Simulation of engine and sandbox together: a page, a relay that only forwards, and the provider's rules with every fault
//! that the sandbox can simulate. Seeded random runs in simulated time; `CR3D_RUNS` sets their number.
//!
//! The relay is the simplest backend a partner could build: it has no long polls and hides no failure. Properties that
//! hold with it hold with any backend.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod chaos;
mod page;
mod relay;
mod user;

use page::Page;

/// Default number of runs, which take a few seconds.
const RUNS: u64 = 400;

/// Number of random events in a run.
const EVENTS: usize = 60;

#[test]
fn every_run_ends_each_session_once_with_the_true_reason() {
    let runs = std::env::var("CR3D_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(RUNS);
    let mut ends = std::collections::BTreeMap::<String, u64>::new();
    for seed in 0..runs {
        let run = std::panic::catch_unwind(|| {
            let mut page = Page::new(seed);
            for _ in 0..EVENTS {
                page.run_until_next_event();
                chaos::random_event(&mut page);
            }
            page.calm_down();
            page.ends()
        });
        let reasons = run.unwrap_or_else(|_| panic!("the run with seed {seed} violated an invariant"));
        for reason in reasons {
            *ends.entry(reason).or_default() += 1;
        }
    }
    println!("{runs} runs ended as {ends:?}");
    for reason in ["Completed", "Partial", "Failed", "Cancelled", "Expired", "Terminated", "Closed"] {
        assert!(runs < RUNS || ends.contains_key(reason), "no run ended as {reason}: {ends:?}");
    }
}
