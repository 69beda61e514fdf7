//! Tests of the sandbox over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod support;

mod api;
mod control;
mod docs;
mod faults;
mod frame;
mod keys;
mod program;
mod receiver;
mod rules;
mod same;
mod secrets;
mod server;
mod stream;
mod switches;
mod tls;
mod walk;
mod webhooks;
