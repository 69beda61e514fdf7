use cr3dentials_core::engine::{EndReason, FrameView, HostAction, Stage, View};
use leptos::prelude::*;

use super::links::support;
use super::model::Model;
use super::parts::{ButtonAction, named_paragraph, paragraph, part, skeleton, when};
use super::picker::picker;
use super::start::start;
use crate::i18n::texts;

/// Content of the frame's place; the frame itself is drawn elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Picker,
    Start(u64),
    Skeleton,
    Frame,
    TryAgain,
    OtherTab,
    Ended(EndReason),
}

/// Draws the picker, a skeleton of the frame, or the actions at the end.
pub(super) fn body(model: Model) -> impl IntoView {
    let start_screen = model.start_screen_platform();
    let content = Memo::new(move |_| model.view(|view| content_of(view, start_screen)));
    part(Box::new(move || match content.get() {
        Content::Picker => picker(model),
        Content::Start(platform_id) => start(model, platform_id),
        Content::Skeleton => {
            skeleton(&["cr3d-bone cr3d-bone-bar", "cr3d-bone cr3d-bone-title", "cr3d-bone", "cr3d-bone", "cr3d-bone"])
        }
        Content::Frame => ().into_any(),
        Content::TryAgain => model.main_button(texts::TRY_AGAIN, ButtonAction::Act(HostAction::Refresh)),
        Content::OtherTab => model.main_button(texts::USE_HERE, ButtonAction::Act(HostAction::UseHere)),
        Content::Ended(reason) => ended(model, &reason),
    }))
}

fn content_of(view: &View, start_screen: Option<u64>) -> Content {
    match &view.stage {
        Stage::Idle => start_screen.map_or(Content::Picker, Content::Start),
        Stage::NotStarted(_) => Content::TryAgain,
        Stage::Ended(end) => Content::Ended(end.reason.clone()),
        Stage::Live if view.elsewhere => Content::OtherTab,
        Stage::Live if view.frame != FrameView::None || view.stalled => Content::Frame,
        Stage::Creating | Stage::Live | Stage::Destroyed => Content::Skeleton,
    }
}

fn ended(model: Model, reason: &EndReason) -> AnyView {
    let code = match reason {
        EndReason::Failed { code } => code.clone(),
        _ => None,
    };
    let label = match reason {
        EndReason::Completed | EndReason::Partial => None,
        EndReason::Failed { .. } => Some(texts::TRY_AGAIN),
        _ => Some(texts::START_AGAIN),
    };
    let start_again = ButtonAction::Act(HostAction::StartAgain);
    let needs_help = matches!(reason, EndReason::Failed { .. } | EndReason::Terminated);
    vec![
        code.map_or_else(|| ().into_any(), error_code),
        label.map_or_else(|| ().into_any(), |label| model.main_button(label, start_again)),
        when(needs_help, || paragraph("cr3d-links", vec![support(model)])),
    ]
    .into_any()
}

fn error_code(code: String) -> AnyView {
    named_paragraph("cr3d-code", Some("code"), vec![view! { <code prop:textContent=code></code> }.into_any()])
}
