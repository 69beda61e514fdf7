use leptos::prelude::*;

use super::icons::CloseIcon;
use super::{Model, words};
use crate::browser::driver::Driver;

/// What this is about, with the platform's icon, and over the page the control that closes it: first in tab order,
/// because Esc in the frame does not reach us.
#[component]
pub(crate) fn Header(model: Model) -> impl IntoView {
    let title = Memo::new(move |_| model.text(words::HEADER));
    let icon = Memo::new(move |_| model.icon());
    let leave = move |_| model.driver.with_value(Driver::clone).leave();
    view! {
        <header class="cr3d-header" part="header">
            <button
                class="cr3d-close"
                part="close"
                type="button"
                aria-label=move || model.text(words::CLOSE)
                on:click=leave
            >
                <CloseIcon />
            </button>
            {move || icon.get().map(|url| view! { <img class="cr3d-logo" src=url alt="" width="32" height="32" /> })}
            <h2 class="cr3d-heading">{move || title.get()}</h2>
        </header>
    }
}
