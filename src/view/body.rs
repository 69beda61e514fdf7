use cr3dentials_core::engine::{EndReason, FrameView, HostAction, Stage, View};
use leptos::prelude::*;

use super::links::Support;
use super::picker::Picker;
use super::start::Start;
use super::words::Text;
use super::{Model, words};

/// What stands in the frame's place while there is no frame.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Picker,
    Start(u64),
    Skeleton,
    Frame,
    TryAgain,
    Elsewhere,
    Over(EndReason),
}

/// The picker, the shape of the window to come, or what to do at the end.
#[component]
pub(crate) fn Body(model: Model) -> impl IntoView {
    let by_click = model.begins_by_click();
    let place = Memo::new(move |_| model.view(|view| place(view, by_click)));
    move || match place.get() {
        Place::Picker => view! { <Picker model /> }.into_any(),
        Place::Start(platform_id) => view! { <Start model platform_id /> }.into_any(),
        Place::Skeleton => view! { <Skeleton /> }.into_any(),
        Place::Frame => ().into_any(),
        Place::TryAgain => again(model, words::TRY_AGAIN, HostAction::Refresh).into_any(),
        Place::Elsewhere => again(model, words::USE_HERE, HostAction::UseHere).into_any(),
        Place::Over(reason) => over(model, reason).into_any(),
    }
}

fn place(view: &View, by_click: Option<u64>) -> Place {
    match &view.stage {
        Stage::Idle => by_click.map_or(Place::Picker, Place::Start),
        Stage::NotStarted(_) => Place::TryAgain,
        Stage::Ended(end) => Place::Over(end.reason.clone()),
        Stage::Live if view.elsewhere => Place::Elsewhere,
        Stage::Live if view.frame != FrameView::None || view.stalled => Place::Frame,
        Stage::Creating | Stage::Live | Stage::Destroyed => Place::Skeleton,
    }
}

fn over(model: Model, reason: EndReason) -> impl IntoView {
    let code = match &reason {
        EndReason::Failed { code } => code.clone(),
        _ => None,
    };
    let code = code.map(|code| view! { <p class="cr3d-code" part="code"><code>{code}</code></p> });
    let label = match &reason {
        EndReason::Completed | EndReason::Partial => None,
        EndReason::Failed { .. } => Some(words::TRY_AGAIN),
        _ => Some(words::START_AGAIN),
    };
    let button = label.map(|label| again(model, label, HostAction::StartAgain));
    let help = matches!(reason, EndReason::Failed { .. } | EndReason::Terminated);
    let help = help.then(|| view! { <p class="cr3d-links"><Support model /></p> });
    view! { {code} {button} {help} }
}

fn again(model: Model, label: Text, action: HostAction) -> impl IntoView {
    view! {
        <p class="cr3d-actions">
            <button class="cr3d-button cr3d-primary" type="button" on:click=move |_| model.act(action)>
                {move || model.text(label)}
            </button>
        </p>
    }
}

/// The shape of the window that is about to open.
#[component]
fn Skeleton() -> impl IntoView {
    bones(&["cr3d-bone cr3d-bone-bar", "cr3d-bone cr3d-bone-title", "cr3d-bone", "cr3d-bone", "cr3d-bone"])
}

/// The shape of something that is not there yet. Made from a list: elements that are all literal become one piece of
/// HTML text, which a page with Trusted Types does not let in.
pub(super) fn bones(classes: &'static [&'static str]) -> impl IntoView {
    let bones: Vec<_> = classes.iter().map(|class| view! { <div class=*class></div> }).collect();
    view! { <div class="cr3d-skeleton" aria-hidden="true">{bones}</div> }
}
