//! The icons: one stroke set, drawn here, coloured by the text around them.

use leptos::prelude::*;

use super::saying::Tone;

/// The icon of a tone.
#[component]
pub(crate) fn ToneIcon(#[prop(into)] tone: Signal<Tone>) -> impl IntoView {
    let path = move || match tone.get() {
        Tone::Working => "M12 3a9 9 0 1 0 9 9",
        Tone::YourTurn => "M9 5l7 7-7 7",
        Tone::Good => "M5 12.5l4.5 4.5L19 7.5",
        Tone::Attention => "M12 7v6M12 16.6v.2",
        Tone::Bad => "M7 7l10 10M17 7L7 17",
    };
    view! { <Icon path=Signal::derive(path) /> }
}

/// A padlock, for the trust line.
#[component]
pub(crate) fn LockIcon() -> impl IntoView {
    view! { <Icon path="M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z" /> }
}

/// A magnifying glass, for the search field.
#[component]
pub(crate) fn SearchIcon() -> impl IntoView {
    view! { <Icon path="M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l4.5 4.5" /> }
}

/// A cross, for the control that closes.
#[component]
pub(crate) fn CloseIcon() -> impl IntoView {
    view! { <Icon path="M6 6l12 12M18 6L6 18" /> }
}

#[component]
fn Icon(#[prop(into)] path: Signal<&'static str>) -> impl IntoView {
    view! {
        <svg class="cr3d-icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=move || path.get() />
        </svg>
    }
}
