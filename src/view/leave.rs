use leptos::html;
use leptos::prelude::*;

use super::{Model, words};
use crate::browser::driver::Driver;

/// Whether the user really wants to stop: in its own row, not over the frame.
#[component]
pub(crate) fn Leave(model: Model) -> impl IntoView {
    let asking = Memo::new(move |_| model.picture.with(|picture| picture.leaving));
    move || asking.get().then(|| view! { <Question model /> })
}

#[component]
fn Question(model: Model) -> impl IntoView {
    let keep_going = NodeRef::<html::Button>::new();
    keep_going.on_load(|button| {
        let _ = button.focus();
    });
    let act = move |act: fn(&Driver)| move |_| act(&model.driver.with_value(Driver::clone));
    view! {
        <div class="cr3d-leave" part="leave" role="group" aria-labelledby="cr3d-leave">
            <p id="cr3d-leave"><strong>{move || model.text(words::STOP.0)}</strong>" "{move || model.text(words::STOP.1)}</p>
            <button class="cr3d-button cr3d-primary" type="button" node_ref=keep_going on:click=act(Driver::stay)>
                {move || model.text(words::KEEP_GOING)}
            </button>
            <button class="cr3d-button" type="button" on:click=act(Driver::leave)>
                {move || model.text(words::CLOSE)}
            </button>
        </div>
    }
}
