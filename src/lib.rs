//! Account verification by CR3DENTIALS inside your web app: a status view around the provider's iframe that keeps
//! working through reloads and network failures, and ignores forged messages.
//!
//! In a Leptos app it is one component:
//!
//! ```
//! use cr3dentials_embed::event::Complete;
//! use cr3dentials_embed::{Options, Verification};
//! use leptos::prelude::*;
//!
//! #[component]
//! fn Apply() -> impl IntoView {
//!     let options = Options { proxy_url: "/api/verification".into(), platform_id: Some(1), ..Options::default() };
//!     view! { <Verification options on_complete=|done: Complete| leptos::logging::log!("{} is done", done.session_id) /> }
//! }
//! ```
//!
//! Everywhere else, use the custom element `<cr3dentials-verify>` of the npm package, which is built from this crate.
//!
//! Events are for display only. Base decisions on your server on a result or a webhook of the proxy.
//!
//! # Features
//!
//! `csr`, `hydrate` and `ssr` turn on Leptos's features of the same names. None is on by default: each build of your app
//! turns on one, here or on `leptos`.
//!
//! # Server side
//!
//! A server renders an empty element, on any thread. The verification starts once the browser has mounted or hydrated
//! it; the example `leptos-ssr` is a complete app.

mod browser;
mod headers;
mod i18n;
#[doc(hidden)]
pub mod internals;
mod options;
mod telemetry;
mod verification;
mod view;

pub use cr3dentials_core as core;
pub use cr3dentials_core::engine::event;
pub use headers::Headers;
pub use i18n::Strings;
pub use options::{Credentials, FrameColorScheme, Mode, Options, Theme};
pub use telemetry::StepTime;
pub use verification::{Verification, VerificationHandle};

/// The style sheet, for pages that do not link `style/component.css` themselves.
pub const STYLE: &str = include_str!("../style/component.css");
