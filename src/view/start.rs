use leptos::prelude::*;

use super::links::{privacy, support};
use super::model::Model;
use super::parts::{ButtonAction, paragraph};
use crate::i18n::texts;

/// Draws the start button and the links to privacy and help.
pub(super) fn start(model: Model, platform_id: u64) -> AnyView {
    // Name and icon for the header, which has a more general text without them.
    model.load_platform(platform_id);
    vec![
        model.main_button(texts::START, ButtonAction::Start(platform_id)),
        paragraph("cr3d-links", vec![privacy(model), support(model)]),
    ]
    .into_any()
}
