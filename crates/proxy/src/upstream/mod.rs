//! Client of the provider's API, and the request budget of its key.

mod answer;
mod bodies;
mod budget;
mod claims;
mod client;
mod error;
mod fields;
mod governor;

pub(crate) use bodies::{DATA_TOO_LARGE, DATA_UNREADABLE, Fetched, Listed};
pub(crate) use budget::{Budget, Permit};
pub(crate) use claims::Class;
pub(crate) use client::Client;
pub(crate) use error::UpstreamError;
pub(crate) use fields::{Fields, text};
