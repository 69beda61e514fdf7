use leptos::prelude::*;

use super::{Model, words};

/// The platform's icon and what this is about.
#[component]
pub(crate) fn Header(model: Model) -> impl IntoView {
    let title = Memo::new(move |_| model.text(words::HEADER));
    let icon = Memo::new(move |_| model.icon());
    view! {
        <header class="cr3d-header" part="header">
            {move || icon.get().map(|url| view! { <img class="cr3d-logo" src=url alt="" width="32" height="32" /> })}
            <h2 class="cr3d-heading">{move || title.get()}</h2>
        </header>
    }
}
