//! Tests of the proxy with a real sandbox, real sockets and a real database.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod asking;
mod auth;
mod budget;
mod config;
#[cfg(unix)]
mod connections;
mod contract;
mod crash;
mod creating;
mod database;
mod forwarded;
mod frames;
mod harness;
mod listing;
mod odd_json;
mod outages;
mod program;
mod relay;
mod results;
mod settings;
mod tokens;
mod upstream;
mod webhooks;
