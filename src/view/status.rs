use leptos::prelude::*;

use super::icons::{moving_icon, of_tone};
use super::model::Model;
use super::parts::text;
use super::status_text::{StatusText, status_text};

/// Draws the title and the line: what happens and what to do. A change of the title is announced once, politely.
pub(super) fn status(model: Model) -> impl IntoView {
    let title = model.memo_text(|model| Some(current(model).title));
    let announcement = move || {
        let title = title.get();
        untrack(|| [&title, ". ", &current(model).line].concat())
    };
    view! {
        <div
            class="cr3d-status"
            part="status"
            data-tone=text(Box::new(move || current(model).tone.as_str().to_owned()))
        >
            <span class="cr3d-tone" aria-hidden="true">
                {moving_icon(Box::new(move || of_tone(current(model).tone).to_owned()))}
            </span>
            <div>
                <h3 class="cr3d-title" tabindex="-1" prop:textContent=text(Box::new(move || title.get()))></h3>
                <p class="cr3d-line" prop:textContent=text(Box::new(move || current(model).line))></p>
            </div>
        </div>
        <p class="cr3d-live" role="status" prop:textContent=text(Box::new(announcement))></p>
    }
}

fn current(model: Model) -> StatusText {
    let start_screen = model.start_screen_platform().is_some();
    model.view(|view| status_text(view, &model.localizer(), start_screen))
}
