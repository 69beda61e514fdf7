use cr3dentials_core::engine::{FrameView, HostAction, Stage, View};
use leptos::prelude::*;

use super::links::link;
use super::model::Model;
use super::parts::{ButtonAction, paragraph, part, strong_paragraph, when, words};
use crate::i18n::texts;

/// Draws notices that do not interrupt the user: little time left, a link for when nothing is visible, a button to
/// start again when it takes long.
pub(super) fn notice(model: Model) -> impl IntoView {
    let expiring = model.memo_flag(|view| under_way(view) && view.minutes_left.is_some());
    let window = model.memo_text(window_of);
    let stuck =
        model.memo_flag(|view| under_way(view) && (view.slow || view.stalled || view.frame == FrameView::Unavailable));
    view! {
        {part(Box::new(move || when(expiring.get(), || time_left(model))))}
        {part(Box::new(move || when(!window.get().is_empty(), || other_window(model, window.get()))))}
        {part(Box::new(move || when(stuck.get(), || {
            let action = ButtonAction::Act(HostAction::StartAgain);
            paragraph("cr3d-notice", vec![model.button("cr3d-button", texts::START_AGAIN, action)])
        })))}
    }
}

fn under_way(view: &View) -> bool {
    matches!(view.stage, Stage::Creating | Stage::Live) && !view.elsewhere
}

fn window_of(model: Model) -> Option<String> {
    model.view(|view| view.window.as_ref().filter(|_| under_way(view)).map(|url| url.0.clone()))
}

fn time_left(model: Model) -> AnyView {
    let minutes = move || {
        let minutes = model.view(|view| view.minutes_left).unwrap_or_default();
        model.localizer().count(texts::MINUTES_LEFT, minutes)
    };
    strong_paragraph("cr3d-notice cr3d-expiring", Box::new(minutes), Box::new(model.localized(texts::EXPIRING)))
}

fn other_window(model: Model, url: String) -> AnyView {
    // The status already explains a frame that the page blocks.
    let lead = move || {
        let blocked = model.view(|view| view.frame == FrameView::Blocked);
        if blocked { String::new() } else { model.text(texts::NOTHING_THERE) + " " }
    };
    paragraph("cr3d-notice", vec![words(Box::new(lead)), link(model, url, texts::NEW_TAB)])
}
