//! Harness shared by several test packages: `server` for native and end-to-end tests, `page` for tests in a browser.
#![allow(missing_docs, missing_debug_implementations, reason = "a test harness")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

#[cfg(target_arch = "wasm32")]
pub mod page;
#[cfg(not(target_arch = "wasm32"))]
mod server;

#[cfg(not(target_arch = "wasm32"))]
pub use server::*;
