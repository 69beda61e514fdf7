use cr3dentials_core::engine::Stage;
use leptos::prelude::*;

use super::icons::LockIcon;
use super::{Model, words};

/// One quiet line about where the password goes. Not needed once it is over.
#[component]
pub(crate) fn Trust(model: Model) -> impl IntoView {
    let line = Memo::new(move |_| model.text(words::TRUST));
    let over = Memo::new(move |_| model.view(|view| matches!(view.stage, Stage::Ended(_))));
    view! {
        {move || (!over.get()).then(|| view! {
            <p class="cr3d-trust" part="trust"><LockIcon />{move || line.get()}</p>
        })}
    }
}
