use leptos::prelude::*;

use super::icons::{self, icon};
use super::model::Model;
use super::parts::{ButtonAction, logo, part, when};
use crate::i18n::texts;

/// Draws the heading with the platform's icon and, in a modal dialog, the close button: first in tab order, because Esc
/// inside the frame does not reach us.
pub(super) fn header(model: Model) -> impl IntoView {
    let url = model.memo_text(Model::icon);
    let draw_logo = move || {
        // One signal for each URL, so that an icon that cannot be loaded is removed.
        let shown = RwSignal::new(url.get());
        part(Box::new(move || when(!shown.with(String::is_empty), || logo(shown)))).into_any()
    };
    view! {
        <header class="cr3d-header" part="header">
            <button
                class="cr3d-close"
                part="close"
                type="button"
                aria-label=model.localized(texts::CLOSE)
                on:click=model.on(ButtonAction::Leave)
            >
                {icon(icons::CLOSE)}
            </button>
            {part(Box::new(draw_logo))}
            <h2 class="cr3d-heading">{model.localized(texts::HEADER)}</h2>
        </header>
    }
}
