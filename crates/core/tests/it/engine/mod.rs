//! Tests of the engine.
//!
//! - `schedules` checks the invariants on random schedules, and `traces` replays recorded runs.
//! - `lifecycle` has whole runs on the same `harness`, which checks every invariant after each input.
//! - The other files test one rule each, in the words of `scenario`. Add new tests there.

mod creating;
mod cut_long_polls;
mod expiry;
mod extremes;
mod frame_failures;
mod frames;
mod harness;
mod idempotency_keys;
mod lifecycle;
mod names;
mod poll_failures;
mod polling;
mod reports;
mod scenario;
mod schedules;
mod tab_ownership;
mod traces;
mod view_state;
