//! Tests of the proxy with a real sandbox, real sockets and a real database.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod client_tokens;
mod config;
#[cfg(unix)]
mod connection_limits;
mod contract;
mod crash_recovery;
mod database_lease;
mod embed_urls;
mod list_refresh;
mod mock_provider;
mod other_machines;
mod outages;
mod program;
mod request_budget;
mod results;
mod session_creation;
mod startup;
mod status_polls;
mod unreadable_json;
mod user_auth;
mod webhook_receiver;
mod webhooks;
