//! The WebAssembly module of the npm package: `cr3dentials_embed` with exports for JavaScript.
//!
//! It is a separate crate so that an app which depends on the library gets none of these exports, and so that the
//! library can leave the choice of how Leptos renders to each app. `npm/src/cr3dentials_embed.d.ts` has the types of
//! the exports.

mod export;
mod panics;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

pub use export::{Handle, mount};
