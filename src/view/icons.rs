//! Icons: one set of strokes, drawn here, in the color of the text around them.

use leptos::prelude::*;

use super::parts::text;
use super::status_text::Tone;

/// Strokes of a padlock, for the trust line.
pub(super) const LOCK: &str = "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z";
/// Strokes of a magnifying glass, for the search field.
pub(super) const SEARCH: &str = "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l4.5 4.5";

/// Returns the strokes of the icon for a tone.
pub(super) fn of_tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Working => "M12 3a9 9 0 1 0 9 9",
        Tone::YourTurn => "M9 5l7 7-7 7",
        Tone::Good => "M5 12.5l4.5 4.5L19 7.5",
        Tone::Attention => "M12 7v6M12 16.6v.2",
        Tone::Bad => "M7 7l10 10M17 7L7 17",
    }
}

/// Draws an icon with these strokes.
pub(super) fn icon(strokes: &'static str) -> AnyView {
    moving_icon(Box::new(move || strokes.to_owned()))
}

/// Draws an icon whose strokes change.
pub(super) fn moving_icon(strokes: Box<dyn Fn() -> String + Send + Sync>) -> AnyView {
    view! {
        <svg class="cr3d-icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=text(strokes) />
        </svg>
    }
    .into_any()
}
