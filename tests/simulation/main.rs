//! Simulation of engine and sandbox together: a page, a relay that only forwards, and the provider's rules with every fault
//! that the sandbox can simulate. Seeded random runs in simulated time; `CR3D_RUNS` sets their
//! number: `CR3D_RUNS=10000 cargo test -p cr3dentials-simulation-tests`.
//!
//! The relay is the simplest backend a partner could build: it hides no failure, and in some runs it holds no request.
//! Properties that hold with it hold with any backend. In front of it may be a gateway that cuts long polls, or responds
//! in its place.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod chaos;
mod gateway;
mod page;
mod relay;
mod user;

use cr3dentials_core::time::Millis;
use gateway::Gateway;
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

#[test]
fn gateway_that_cuts_long_polls_is_neither_shown_nor_reported() {
    for (cut_secs, closes) in [(2, false), (5, true), (10, false), (10, true), (24, false)] {
        let mut page = Page::behind(Gateway::cutting(Millis::from_secs(cut_secs), closes));
        for step in 0..40 {
            // The user thinks for long, and once they wait for the code.
            page.pass(if step == 5 { 75_000 } else { 11_000 });
            page.user_acts_as("otp");
        }
        assert!(!page.has_reconnected(), "cut after {cut_secs} s");
        assert!(page.errors().is_empty(), "cut after {cut_secs} s: {:?}", page.errors());
        assert!(page.has_ended());
        assert_eq!(page.ends(), ["Completed"], "cut after {cut_secs} s");
    }
}
