use leptos::prelude::*;

use super::Model;
use super::icons::{moving_icon, of_tone};
use super::parts::text;
use super::saying::{Said, say};

/// Draws the title and the line: what happens and what to do. A change of the title is announced once, politely.
pub(super) fn status(model: Model) -> impl IntoView {
    let title = model.seldom(|model| Some(said(model).title));
    let announcement = move || {
        let title = title.get();
        untrack(|| [&title, ". ", &said(model).line].concat())
    };
    view! {
        <div
            class="cr3d-status"
            part="status"
            data-tone=text(Box::new(move || said(model).tone.as_str().to_owned()))
        >
            <span class="cr3d-tone" aria-hidden="true">
                {moving_icon(Box::new(move || of_tone(said(model).tone).to_owned()))}
            </span>
            <div>
                <h3 class="cr3d-title" tabindex="-1">{text(Box::new(move || title.get()))}</h3>
                <p class="cr3d-line">{text(Box::new(move || said(model).line))}</p>
            </div>
        </div>
        <p class="cr3d-live" role="status">{text(Box::new(announcement))}</p>
    }
}

fn said(model: Model) -> Said {
    let by_click = model.begins_by_click().is_some();
    model.view(|view| say(view, &model.localizer(), by_click))
}
