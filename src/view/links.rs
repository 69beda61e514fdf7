use leptos::prelude::*;

use super::words::Text;
use super::{Model, words};
use crate::browser::page;

/// Where the partner says what becomes of the details.
#[component]
pub(crate) fn Privacy(model: Model) -> impl IntoView {
    let url = model.driver.with_value(|driver| driver.options().privacy_url.clone());
    link(model, url, words::PRIVACY)
}

/// Where the partner helps.
#[component]
pub(crate) fn Support(model: Model) -> impl IntoView {
    let url = model.driver.with_value(|driver| driver.options().support_url.clone());
    link(model, url, words::SUPPORT)
}

/// In a window of its own, so that nothing here is lost; nothing without an address that can be trusted.
fn link(model: Model, url: Option<String>, label: Text) -> impl IntoView {
    url.and_then(|url| page::web_address(&url)).map(|url| {
        view! { <a class="cr3d-link" href=url target="_blank" rel="noopener">{move || model.text(label)}</a> }
    })
}
