//! The engine and the types on the wire, tested from outside.
#![allow(missing_docs, reason = "tests speak through their names")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]
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
