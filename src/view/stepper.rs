use cr3dentials_core::engine::{EndReason, Stage, Step, View};
use leptos::prelude::*;

use super::{Model, words};

/// The four steps and the bar that joins them. Neither goes back.
#[component]
pub(crate) fn Stepper(model: Model) -> impl IntoView {
    let place = Memo::new(move |_| model.view(|view| (view.step as usize, is_done(view))));
    let progress = Memo::new(move |_| model.view(shown_progress));
    let step_state = move |number: usize| {
        let (current, done) = place.get();
        if done || number < current {
            "done"
        } else if number == current {
            "current"
        } else {
            "todo"
        }
    };
    // Not a literal, for the reason that `bones` gives.
    let dot = "cr3d-dot";
    let steps = Step::ALL.map(|step| {
        let number = step as usize;
        view! {
            <li
                class="cr3d-step"
                data-state=move || step_state(number)
                aria-current=move || (step_state(number) == "current").then_some("step")
            >
                <span class=dot aria-hidden="true"></span>
                {move || model.text(words::STEPS[number])}
            </li>
        }
    });
    view! {
        <div class="cr3d-stepper" part="steps">
            <p class="cr3d-step-short">{move || model.words().step_of(place.get().0)}</p>
            <div
                class="cr3d-bar"
                part="bar"
                role="progressbar"
                aria-label=move || model.text(words::PROGRESS)
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || progress.get().to_string()
            >
                <div class="cr3d-bar-fill" style:--cr3d-progress=move || format!("{}%", progress.get())></div>
            </div>
            <ol class="cr3d-steps">{steps.into_iter().collect_view()}</ol>
        </div>
    }
}

fn is_done(view: &View) -> bool {
    matches!(&view.stage, Stage::Ended(end) if end.reason == EndReason::Completed)
}

/// A completed verification is whole, whatever number came with it.
fn shown_progress(view: &View) -> u8 {
    if is_done(view) { 100 } else { view.progress }
}
