//! Client of the provider's API, and the request budget of its key.

mod bodies;
mod budget;
mod client;
mod error;
mod fields;
mod platforms;
mod priority_queue;
mod rate_limiter;
mod response;

pub(crate) use bodies::{FetchedSession, ListItem};
pub(crate) use budget::{Budget, Permit, USER_PERMIT_TIMEOUT};
pub(crate) use client::Client;
pub(crate) use error::ProviderError;
pub(crate) use fields::{Fields, text};
pub(crate) use platforms::{Platforms, PlatformsError};
pub(crate) use priority_queue::Priority;
