//! The engine and the types on the wire, tested from outside.
#![allow(missing_docs, reason = "tests speak through their names")]

mod cases;
mod fixtures;
mod harness;
mod schedules;
mod traces;
