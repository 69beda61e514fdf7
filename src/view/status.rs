use cr3dentials_core::engine::Stage;
use leptos::html;
use leptos::prelude::*;

use super::Model;
use super::icons::ToneIcon;
use super::saying::say;

/// The title and the line: what happens and what to do. A change of the title is announced once, politely.
#[component]
pub(crate) fn Status(model: Model) -> impl IntoView {
    let by_click = model.begins_by_click().is_some();
    let said = Memo::new(move |_| model.view(|view| say(view, &model.words(), by_click)));
    let tone = Memo::new(move |_| said.get().tone);
    let title = Memo::new(move |_| said.get().title);
    let heading = NodeRef::<html::H3>::new();
    keep_focus(model, heading);
    view! {
        <div class="cr3d-status" part="status" data-tone=move || tone.get().as_str()>
            <span class="cr3d-tone" aria-hidden="true"><ToneIcon tone=Signal::from(tone) /></span>
            <div>
                <h3 class="cr3d-title" tabindex="-1" node_ref=heading>{move || title.get()}</h3>
                <p class="cr3d-line">{move || said.get().line}</p>
            </div>
        </div>
        <p class="cr3d-live" role="status">{move || announcement(&title.get(), &said.get_untracked().line)}</p>
    }
}

/// The frame that had the focus is gone: the focus goes to the words that say why, not to the top of the page.
fn keep_focus(model: Model, heading: NodeRef<html::H3>) {
    Effect::new(move |_| {
        let ended = model.view(|view| matches!(view.stage, Stage::Ended(_)));
        if let Some(heading) = heading.get()
            && ended
            && model.driver.with_value(|driver| driver.take_focus())
        {
            let _ = heading.focus();
        }
    });
}

fn announcement(title: &str, line: &str) -> String {
    format!("{title}. {line}")
}
