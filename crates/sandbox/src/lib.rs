//! A local simulator of the CR3DENTIALS Partner API for demos, tests and development.
//!
//! It follows the provider's documentation and needs neither a network nor a real account. The test user who signs in
//! decides how a verification ends; see [`test_users`].
//!
//! - [`spawn`] runs it on a local port, [`app`] returns the axum router.
//! - [`world`] holds the rules, without any I/O.
//! - [`testing`] simulates the user of the frame page.

pub mod server;
pub mod testing;
mod users;
pub mod world;

pub use server::{Clock, Config, Running, Webhooks, app, spawn};
pub use users::{FrameTrouble, Lack, Outcome, Question, TEST_USERS_JSON, TestUser, test_users};
pub use world::{ApiKey, SWITCHES, Switch, Switches};
