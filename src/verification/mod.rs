//! Connects options, engine and view: the component, its handle, and what both keep in the page.

mod component;
mod handle;
mod mount;

pub use component::Verification;
pub use handle::VerificationHandle;
pub(crate) use mount::MountedVerification;
