use leptos::prelude::*;

use super::model::Model;
use super::parts::{ButtonAction, part, when};
use crate::i18n::texts;

/// Draws the question whether to stop, in its own row, so that it does not cover the frame.
pub(super) fn leave(model: Model) -> impl IntoView {
    let shown = Memo::new(move |_| model.is_confirming_leave());
    part(Box::new(move || when(shown.get(), || confirmation(model))))
}

fn confirmation(model: Model) -> AnyView {
    view! {
        <div class="cr3d-leave" part="leave" role="group" aria-labelledby="cr3d-leave">
            <p id="cr3d-leave">
                <strong prop:textContent=model.localized(texts::STOP.0)></strong>
                " "
                {model.words(texts::STOP.1)}
            </p>
            {model.button("cr3d-button cr3d-primary", texts::KEEP_GOING, ButtonAction::Stay)}
            {model.button("cr3d-button", texts::CLOSE, ButtonAction::Leave)}
        </div>
    }
    .into_any()
}
