//! The provider, as the proxy calls it: one client, one budget.

mod answer;
mod budget;
mod claims;
mod client;
mod error;
mod governor;

pub(crate) use budget::{Budget, Permit};
pub(crate) use claims::Class;
pub(crate) use client::{Client, Fetched, Listed};
pub(crate) use error::UpstreamError;
