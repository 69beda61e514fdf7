use leptos::prelude::*;

use super::words::Text;
use super::{Model, words};
use crate::browser::page;

/// Where the partner says what becomes of the details.
pub(super) fn privacy(model: Model) -> AnyView {
    let url = model.driver.with_value(|driver| driver.options().privacy_url.clone());
    trusted(model, url, words::PRIVACY)
}

/// Where the partner helps.
pub(super) fn support(model: Model) -> AnyView {
    let url = model.driver.with_value(|driver| driver.options().support_url.clone());
    trusted(model, url, words::SUPPORT)
}

/// Nothing without an address that can be trusted.
fn trusted(model: Model, url: Option<String>, label: Text) -> AnyView {
    let url = url.and_then(|url| page::web_address(&url));
    url.map_or_else(|| ().into_any(), |url| link(model, url, label))
}

/// In a window of its own, so that nothing here is lost.
pub(super) fn link(model: Model, url: String, label: Text) -> AnyView {
    view! { <a class="cr3d-link" href=url target="_blank" rel="noopener">{model.say(label)}</a> }.into_any()
}
