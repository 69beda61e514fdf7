//! The CR3DENTIALS Partner API, played locally: for demos, tests and development.
//!
//! It follows the provider's documentation and needs neither a network nor a real account. Which test user signs in
//! decides how a verification ends; see [`test_users`].
//!
//! - [`spawn`] runs it on a port of this machine, [`app`] gives the router.
//! - [`world`] holds the rules, without any I/O.
//! - [`testing`] plays the person before the frame page.

mod openapi;
pub mod server;
pub mod testing;
mod users;
pub mod world;

pub use server::{Clock, Config, Running, Webhooks, app, spawn};
pub use users::{FrameTrouble, Lack, Outcome, Question, TEST_USERS_JSON, TestUser, test_users};
pub use world::{ApiKey, SWITCHES, Switch, Switches};
