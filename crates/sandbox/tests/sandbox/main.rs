//! The sandbox over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod support;

mod api;
mod control;
mod frame;
mod secrets;
mod server;
mod walk;
mod webhooks;
