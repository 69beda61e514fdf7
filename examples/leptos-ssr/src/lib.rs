//! A lender's page, rendered on the server and hydrated in the browser.

mod app;
mod grants;

pub use app::{App, shell};
#[cfg(feature = "ssr")]
pub use grants::Backend;

/// Hydrates the server-rendered page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
