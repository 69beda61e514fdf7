//! Tests of the crate through its public API.
#![allow(missing_docs, reason = "test names describe the tests")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]
#![allow(clippy::disallowed_methods, reason = "tests read fixtures and environment variables")]

mod backoff;
mod engine;
mod wire;
