use leptos::prelude::*;

use super::model::Model;
use super::parts::{logo, part, when};
use crate::i18n::texts;

/// Draws the heading with the platform's icon.
pub(super) fn header(model: Model) -> impl IntoView {
    let url = model.memo_text(Model::icon);
    let draw_logo = move || {
        // One signal for each URL, so that an icon that cannot be loaded is removed.
        let shown = RwSignal::new(url.get());
        part(Box::new(move || when(!shown.with(String::is_empty), || logo(shown)))).into_any()
    };
    view! {
        <header class="cr3d-header" part="header">
            {part(Box::new(draw_logo))}
            <h2 class="cr3d-heading" prop:textContent=model.localized(texts::HEADER)></h2>
        </header>
    }
}
