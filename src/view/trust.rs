use cr3dentials_core::engine::Stage;
use leptos::prelude::*;

use super::icons::{self, icon};
use super::model::Model;
use super::parts::{named_paragraph, part, when};
use crate::i18n::texts;

/// Draws a line about how the password is handled. Hidden once the session has ended.
pub(super) fn trust(model: Model) -> impl IntoView {
    let ended = model.memo_flag(|view| matches!(view.stage, Stage::Ended(_)));
    part(Box::new(move || {
        when(!ended.get(), || {
            named_paragraph("cr3d-trust", Some("trust"), vec![icon(icons::LOCK), model.words(texts::TRUST)])
        })
    }))
}
