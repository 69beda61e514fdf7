use cr3dentials_core::engine::{FrameView, HostAction};
use leptos::prelude::*;

use super::{Model, words};

/// What is worth a quiet line while the user works: little time left, a way out when nothing is seen, a new start
/// when it takes long.
#[component]
pub(crate) fn Notice(model: Model) -> impl IntoView {
    let minutes = Memo::new(move |_| model.view(|view| view.minutes_left));
    let window = Memo::new(move |_| model.view(|view| view.window.as_ref().map(|url| url.0.clone())));
    let blocked = Memo::new(move |_| model.view(|view| view.frame == FrameView::Blocked));
    let stuck =
        Memo::new(move |_| model.view(|view| view.slow || view.stalled || view.frame == FrameView::Unavailable));
    view! {
        {move || minutes.get().map(|minutes| view! {
            <p class="cr3d-notice" data-tone="attention">
                <strong>{move || model.words().count(words::MINUTES_LEFT, minutes)}</strong>" "
                {move || model.text(words::EXPIRING)}
            </p>
        })}
        {move || window.get().map(|url| view! {
            <p class="cr3d-notice">
                {move || (!blocked.get()).then(|| model.text(words::NOTHING_THERE))}" "
                <a class="cr3d-link" href=url target="_blank" rel="noopener">{move || model.text(words::NEW_TAB)}</a>
            </p>
        })}
        {move || stuck.get().then(|| view! {
            <p class="cr3d-notice">
                <button class="cr3d-button" type="button" on:click=move |_| model.act(HostAction::StartAgain)>
                    {move || model.text(words::START_AGAIN)}
                </button>
            </p>
        })}
    }
}
