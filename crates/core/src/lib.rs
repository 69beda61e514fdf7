//! Code shared by the component, the proxy and the sandbox: the types of both APIs and the rules of a verification.
//! It does no I/O: time and a random seed are passed in.
//!
//! - [`wire`]: the CR3DENTIALS Partner API, as the provider documents it.
//! - [`contract`]: the HTTP contract between a browser and the partner's proxy.
//! - [`engine`]: the state machine behind every verification.
//! - [`retry`]: exponential backoff with jitter.
//! - [`time`]: monotonic and wall-clock time as plain numbers.

pub mod contract;
pub mod engine;
#[cfg(feature = "openapi")]
mod openapi;
pub mod retry;
pub mod time;
pub mod wire;
