//! The CR3DENTIALS Partner API, played locally: for demos, tests and development.
//!
//! It follows the provider's documentation and needs neither a network nor a real account. Which test user signs in
//! decides how a verification ends; see [`test_users`].
//!
//! - [`spawn`] runs it on a port of this machine, [`app`] gives the router.
//! - [`world`] holds the rules, without any I/O.
//! - [`testing`] plays the person before the frame page.

pub mod server;
pub mod testing;
mod users;
pub mod world;

pub use server::{Config, Running, app, spawn};
pub use users::{Outcome, TEST_USERS_JSON, TestUser, test_users};
