use cr3dentials_core::engine::{EndReason, Stage, Step, View};
use leptos::prelude::*;

use super::model::Model;
use super::parts::{part, text, when};
use crate::i18n::texts;

/// Draws the four steps and the progress bar. Neither goes back. Both are hidden until a platform is chosen.
pub(super) fn stepper(model: Model) -> impl IntoView {
    let picking = model.memo_flag(|view| view.stage == Stage::Idle);
    part(Box::new(move || when(!picking.get(), || steps(model))))
}

fn steps(model: Model) -> AnyView {
    let progress = move || model.view(shown_progress).to_string();
    let short = move || model.localizer().step_of(model.view(|view| view.step as usize));
    let items: Vec<_> = Step::ALL.map(|step| step_item(model, step as usize)).into();
    view! {
        <div class="cr3d-stepper" part="steps">
            <p class="cr3d-step-short" prop:textContent=text(Box::new(short))></p>
            <div
                class="cr3d-bar"
                part="bar"
                role="progressbar"
                aria-label=model.localized(texts::PROGRESS)
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=text(Box::new(progress))
            >
                <div class="cr3d-bar-fill" style:--cr3d-progress=text(Box::new(move || progress() + "%"))></div>
            </div>
            <ol class="cr3d-steps">{items}</ol>
        </div>
    }
    .into_any()
}

fn step_item(model: Model, number: usize) -> AnyView {
    let state = move || {
        let (current, done) = model.view(|view| (view.step as usize, is_done(view)));
        let names = ["done", "current", "todo"];
        names[if done || number < current { 0 } else { 1 + usize::from(number > current) }].to_owned()
    };
    let is_current = move || if state() == "current" { "step" } else { "false" }.to_owned();
    // Not a literal; `skeleton` has the reason.
    let dot = "cr3d-dot";
    view! {
        <li class="cr3d-step" data-state=text(Box::new(state)) aria-current=text(Box::new(is_current))>
            <span class=dot aria-hidden="true"></span>
            {model.words(texts::STEPS[number])}
        </li>
    }
    .into_any()
}

fn is_done(view: &View) -> bool {
    matches!(&view.stage, Stage::Ended(end) if end.reason == EndReason::Completed)
}

/// Returns the progress to draw: always 100 for a completed verification.
fn shown_progress(view: &View) -> u8 {
    if is_done(view) { 100 } else { view.progress }
}
