//! The provider, as the proxy calls it: one client, one budget.

mod answer;
mod budget;
mod claims;
mod client;
mod error;
mod governor;

pub(crate) use budget::Budget;
pub(crate) use claims::Class;
pub(crate) use client::{Client, Fetched};
pub(crate) use error::UpstreamError;
