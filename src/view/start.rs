use leptos::prelude::*;

use super::links::{privacy, support};
use super::parts::{Press, paragraph};
use super::{Model, picker, words};

/// What will happen, and the button that lets it.
pub(super) fn start(model: Model, platform_id: u64) -> AnyView {
    // The name and the icon, for the header. Without them it reads a little plainer.
    picker::load_for(model, Some(platform_id));
    vec![
        model.main_button(words::START, Press::Begin(platform_id)),
        paragraph("cr3d-links", vec![privacy(model), support(model)]),
    ]
    .into_any()
}
