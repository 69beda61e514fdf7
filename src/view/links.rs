use leptos::prelude::*;

use super::model::Model;
use crate::browser::url;
use crate::i18n::texts::{self, Text};

/// Draws the link to the partner's explanation of how the details are used.
pub(super) fn privacy(model: Model) -> AnyView {
    let url = model.driver().options().privacy_url.clone();
    web_link(model, url, texts::PRIVACY)
}

/// Draws the link to the partner's help.
pub(super) fn support(model: Model) -> AnyView {
    let url = model.driver().options().support_url.clone();
    web_link(model, url, texts::SUPPORT)
}

/// Draws a link if `url` is HTTP or HTTPS, otherwise nothing.
fn web_link(model: Model, url: Option<String>, label: Text) -> AnyView {
    let url = url.and_then(|url| url::web_url(&url));
    url.map_or_else(|| ().into_any(), |url| link(model, url, label))
}

/// Draws a link that opens in a new window, so that nothing in this one is lost.
pub(super) fn link(model: Model, url: String, label: Text) -> AnyView {
    let label = model.localized(label);
    view! { <a class="cr3d-link" href=url target="_blank" rel="noopener" prop:textContent=label></a> }.into_any()
}
