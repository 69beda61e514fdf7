//! What the component, the proxy and the sandbox have in common: the types on both wires and the rules of a
//! verification, with no clock, no network and no randomness of its own.
//!
//! - [`wire`]: the CR3DENTIALS Partner API, as the provider documents it.
//! - [`contract`]: what a browser and the partner's proxy say to each other.
//! - [`engine`]: the state machine behind every verification.
//! - [`retry`]: when to try again.
//! - [`time`]: the two clocks, as plain numbers.

pub mod contract;
pub mod engine;
#[cfg(feature = "openapi")]
mod openapi;
pub mod retry;
pub mod time;
pub mod wire;
