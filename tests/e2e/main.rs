//! The whole product in a real browser: the optimised page and element, the proxy, the sandbox, clicks and typing.
//!
//! `cargo xtask test e2e` builds what they need and runs them. A test that fails leaves a screenshot and the logs in
//! `target/e2e`, and says so.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, reason = "tests speak through their names")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod away;
mod bench;
mod browser;
mod demo;
mod ends;
mod gallery;
mod identity;
mod languages;
mod life;
mod look;
mod messages;
mod modal;
mod options;
mod phone;
mod sandbox;
mod site;
mod stage;
mod start;
mod states;
mod tabs;
mod troubles;
mod users;
mod walk;
