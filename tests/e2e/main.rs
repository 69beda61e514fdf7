//! End-to-end tests of the whole product in a real browser: the optimized page and element, the proxy and the sandbox.
//!
//! `cargo xtask test e2e` builds the files they need and runs them. A failing test saves a screenshot and logs in
//! `target/e2e`.
#![allow(missing_docs, reason = "test names describe the tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod accessibility;
mod background;
mod bench;
mod browser;
mod demo;
mod ends;
mod failures;
mod full_flow;
mod gallery;
mod harness;
mod identity;
mod languages;
mod lifecycle;
mod messages;
mod modal;
mod options;
mod phone;
mod sandbox;
mod site;
mod start;
mod states;
mod tabs;
mod users;
