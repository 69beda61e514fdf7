//! Tests of the engine and of the wire types through the crate's public API.
#![allow(missing_docs, reason = "test names describe the tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]
#![allow(clippy::disallowed_methods, reason = "tests read fixtures and environment variables")]

mod backoff;
mod cases;
mod creating;
mod expiry;
mod fixtures;
mod frame_failures;
mod frames;
mod harness;
mod idempotency_keys;
mod names;
mod poll_failures;
mod polling;
mod reports;
mod scenario;
mod schedules;
mod tab_ownership;
mod traces;
mod view_state;
