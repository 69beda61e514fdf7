use cr3dentials_core::contract::PlatformView;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::icons::{self, icon};
use super::model::{Model, PlatformList};
use super::parts::{ButtonAction, logo, part, skeleton, strong_paragraph, text, when};
use crate::browser::focus;
use crate::i18n::{intl, texts};

/// Draws a searchable list of the platforms, active ones first.
pub(super) fn picker(model: Model) -> AnyView {
    model.prepare_picker();
    let draw = move || match model.platform_list() {
        PlatformList::Loading => skeleton(&["cr3d-bone cr3d-bone-row"; 3]),
        PlatformList::Failed => model.main_button(texts::TRY_AGAIN, ButtonAction::LoadPlatforms),
        PlatformList::Loaded(platforms) if platforms.is_empty() => {
            let (title, line) = texts::NO_PLATFORMS;
            strong_paragraph("cr3d-empty", Box::new(model.localized(title)), Box::new(model.localized(line)))
        }
        PlatformList::Loaded(_) => choice(model),
    };
    part(Box::new(draw)).into_any()
}

fn choice(model: Model) -> AnyView {
    let by_arrows = move |event: KeyboardEvent| {
        let forward = event.key() == "ArrowDown";
        if forward || event.key() == "ArrowUp" {
            event.prevent_default();
            focus::step(&event, "input, button:not(:disabled)", forward);
        }
    };
    let rows = move || {
        let (active, idle): (Vec<_>, Vec<_>) = found(model).into_iter().partition(|platform| platform.is_active);
        active.into_iter().chain(idle).map(|platform| row(model, platform)).collect::<Vec<_>>().into_any()
    };
    let nothing = move || {
        when(found(model).is_empty(), || {
            let title = move || model.text(texts::NOTHING_FOUND).replace("{text}", model.query().trim());
            strong_paragraph("cr3d-empty", Box::new(title), Box::new(model.localized(texts::TRY_ANOTHER_NAME)))
        })
    };
    view! {
        <div class="cr3d-picker" part="picker" on:keydown=by_arrows>
            <label class="cr3d-search">
                {icon(icons::SEARCH)}
                <span class="cr3d-hidden" prop:textContent=model.localized(texts::SEARCH)></span>
                <input
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=model.localized(texts::SEARCH)
                    value=text(Box::new(move || model.query_untracked()))
                    on:input:target=move |event| model.set_query(event.target().value())
                />
            </label>
            <ul class="cr3d-platforms">{part(Box::new(rows))}</ul>
            <div role="status">{part(Box::new(nothing))}</div>
        </div>
    }
    .into_any()
}

/// Returns the platforms whose name contains the search text.
fn found(model: Model) -> Vec<PlatformView> {
    let wanted = intl::lowercase(model.query().trim());
    let PlatformList::Loaded(mut platforms) = model.platform_list() else { return Vec::new() };
    platforms.retain(|platform| intl::lowercase(&platform.display_name).contains(&wanted));
    platforms
}

fn row(model: Model, platform: PlatformView) -> AnyView {
    let active = platform.is_active;
    let (name, description) = (platform.display_name.clone(), platform.description.clone());
    let note = move || if active { description.clone() } else { Some(model.text(texts::NOT_AVAILABLE)) };
    let icon = RwSignal::new(platform.icon.as_deref().and_then(|path| model.url(path)).unwrap_or_default());
    let initial: String = name.chars().take(1).collect();
    let draw_logo = move || {
        if icon.with(String::is_empty) {
            view! { <span class="cr3d-logo" aria-hidden="true" prop:textContent=initial.clone()></span> }.into_any()
        } else {
            logo(icon)
        }
    };
    view! {
        <li>
            <button
                class="cr3d-platform"
                type="button"
                disabled=!active
                on:click=model.on(ButtonAction::Pick(platform))
            >
                {part(Box::new(draw_logo))}
                <span class="cr3d-platform-name" prop:textContent=name></span>
                <span class="cr3d-platform-note" prop:textContent=text(Box::new(move || note().unwrap_or_default()))></span>
            </button>
        </li>
    }
    .into_any()
}
