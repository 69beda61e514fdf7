use cr3dentials_core::engine::{EndReason, FrameView, HostAction, Stage, View};
use leptos::prelude::*;

use super::Model;
use super::links::support;
use super::parts::{Press, named_paragraph, only, paragraph, part};
use super::picker::picker;
use super::start::start;
use crate::i18n::texts;

/// Content of the frame's place; the frame itself is drawn elsewhere.
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

/// Draws the picker, a skeleton of the frame, or the actions at the end.
pub(super) fn body(model: Model) -> impl IntoView {
    let by_click = model.begins_by_click();
    let now = Memo::new(move |_| model.view(|view| place(view, by_click)));
    part(Box::new(move || match now.get() {
        Place::Picker => picker(model),
        Place::Start(platform_id) => start(model, platform_id),
        Place::Skeleton => {
            bones(&["cr3d-bone cr3d-bone-bar", "cr3d-bone cr3d-bone-title", "cr3d-bone", "cr3d-bone", "cr3d-bone"])
        }
        Place::Frame => ().into_any(),
        Place::TryAgain => model.main_button(texts::TRY_AGAIN, Press::Act(HostAction::Refresh)),
        Place::Elsewhere => model.main_button(texts::USE_HERE, Press::Act(HostAction::UseHere)),
        Place::Over(reason) => over(model, &reason),
    }))
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

fn over(model: Model, reason: &EndReason) -> AnyView {
    let code = match reason {
        EndReason::Failed { code } => code.clone(),
        _ => None,
    };
    let label = match reason {
        EndReason::Completed | EndReason::Partial => None,
        EndReason::Failed { .. } => Some(texts::TRY_AGAIN),
        _ => Some(texts::START_AGAIN),
    };
    let again = Press::Act(HostAction::StartAgain);
    let needs_help = matches!(reason, EndReason::Failed { .. } | EndReason::Terminated);
    vec![
        code.map_or_else(|| ().into_any(), quote),
        label.map_or_else(|| ().into_any(), |label| model.main_button(label, again)),
        only(needs_help, || paragraph("cr3d-links", vec![support(model)])),
    ]
    .into_any()
}

fn quote(code: String) -> AnyView {
    named_paragraph("cr3d-code", Some("code"), vec![view! { <code>{code}</code> }.into_any()])
}

/// Draws a skeleton of something that is still loading. Built from a list: elements that are all literal become one
/// piece of HTML text, which a page with Trusted Types rejects.
pub(super) fn bones(classes: &'static [&'static str]) -> AnyView {
    let bones: Vec<_> = classes.iter().map(|class| view! { <div class=*class></div> }.into_any()).collect();
    view! { <div class="cr3d-skeleton" aria-hidden="true">{bones}</div> }.into_any()
}
