//! Tests of the sandbox, over real sockets and by its contract.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod harness;

mod api;
mod api_keys;
mod contract;
mod control;
mod docs;
mod faults;
mod frame_page;
mod frame_stream;
mod program;
mod reproducible_runs;
mod secrets;
mod server;
mod switches;
mod test_users;
mod webhook_tls;
mod webhooks;
