//! The card around the frame, drawn from the engine's view. Each file draws one part of it.

mod body;
mod header;
mod icons;
mod leave;
mod links;
mod model;
mod notice;
mod parts;
mod picker;
mod start;
mod status;
mod status_text;
mod stepper;
mod trust;

use leptos::prelude::*;

pub(crate) use model::{Model, PlatformList, Wording};

/// Draws everything around the iframe.
pub(crate) fn card(model: Model) -> AnyView {
    vec![
        header::header(model).into_any(),
        leave::leave(model).into_any(),
        stepper::stepper(model).into_any(),
        status::status(model).into_any(),
        notice::notice(model).into_any(),
        body::body(model).into_any(),
        trust::trust(model).into_any(),
    ]
    .into_any()
}
