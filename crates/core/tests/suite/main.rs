//! The engine and the types on the wire, tested from outside.
#![allow(missing_docs, reason = "tests speak through their names")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod cases;
mod fixtures;
mod harness;
mod schedules;
mod traces;
