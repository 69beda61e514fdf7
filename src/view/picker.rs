use cr3dentials_core::contract::PlatformView;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::icons::SearchIcon;
use super::{Model, words};
use crate::browser::driver::Driver;
use crate::browser::focus;

/// What is known of the platforms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Offer {
    Loading,
    Failed,
    Some(Vec<PlatformView>),
}

/// A searchable list of the platforms, active ones first.
#[component]
pub(crate) fn Picker(model: Model) -> impl IntoView {
    let offer = model.offer;
    let load = move || {
        offer.set(Offer::Loading);
        let driver = model.driver.with_value(Driver::clone);
        leptos::task::spawn_local_scoped_with_cancellation(async move {
            let platforms = driver.platforms().await;
            // The picker may be gone by now.
            let _ = offer.try_set(match platforms {
                Ok(mut platforms) => {
                    platforms.sort_by_key(|platform| !platform.is_active);
                    Offer::Some(platforms)
                }
                Err(_) => Offer::Failed,
            });
        });
    };
    if offer.get_untracked() == Offer::Loading {
        load();
    }
    move || match offer.get() {
        Offer::Loading => view! { <Rows /> }.into_any(),
        Offer::Failed => view! {
            <p class="cr3d-actions">
                <button class="cr3d-button cr3d-primary" type="button" on:click=move |_| load()>
                    {move || model.text(words::TRY_AGAIN)}
                </button>
            </p>
        }
        .into_any(),
        Offer::Some(platforms) if platforms.is_empty() => view! {
            <p class="cr3d-empty">
                <strong>{move || model.text(words::NO_PLATFORMS.0)}</strong>" "
                {move || model.text(words::NO_PLATFORMS.1)}
            </p>
        }
        .into_any(),
        Offer::Some(platforms) => view! { <Choice model platforms /> }.into_any(),
    }
}

#[component]
fn Choice(model: Model, platforms: Vec<PlatformView>) -> impl IntoView {
    let query = model.query;
    let platforms = StoredValue::new(platforms);
    let found = Memo::new(move |_| {
        let wanted = query.get().trim().to_lowercase();
        let matches = |platform: &&PlatformView| platform.display_name.to_lowercase().contains(&wanted);
        platforms.with_value(|all| all.iter().filter(matches).cloned().collect::<Vec<_>>())
    });
    let list = NodeRef::<html::Div>::new();
    let by_arrows = move |event: KeyboardEvent| {
        let forward = event.key() == "ArrowDown";
        if let Some(list) = list.get_untracked().filter(|_| forward || event.key() == "ArrowUp") {
            event.prevent_default();
            focus::step(&list, "input, button:not(:disabled)", forward);
        }
    };
    view! {
        <div class="cr3d-picker" part="picker" node_ref=list on:keydown=by_arrows>
            <label class="cr3d-search">
                <SearchIcon />
                <span class="cr3d-hidden">{move || model.text(words::SEARCH)}</span>
                <input
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=move || model.text(words::SEARCH)
                    prop:value=move || query.get()
                    on:input:target=move |event| query.set(event.target().value())
                />
            </label>
            <ul class="cr3d-platforms">
                {move || found.get().into_iter().map(|platform| row(model, platform)).collect_view()}
            </ul>
            <p class="cr3d-empty" role="status">
                {move || found.get().is_empty().then(|| view! {
                    <strong>{model.text(words::NOTHING_FOUND).replace("{text}", query.get().trim())}</strong>" "
                    {model.text(words::TRY_ANOTHER_NAME)}
                })}
            </p>
        </div>
    }
}

fn row(model: Model, platform: PlatformView) -> impl IntoView {
    let active = platform.is_active;
    let name = platform.display_name.clone();
    let initial: String = name.chars().next().into_iter().collect();
    let description = platform.description.clone();
    let note = move || if active { description.clone() } else { Some(model.text(words::NOT_AVAILABLE)) };
    let icon = RwSignal::new(platform.icon.as_deref().map(|path| model.url(path)));
    view! {
        <li>
            <button
                class="cr3d-platform"
                type="button"
                disabled=!active
                on:click=move |_| model.pick(platform.clone())
            >
                {move || match icon.get() {
                    Some(url) => view! {
                        <img
                            class="cr3d-logo"
                            src=url
                            alt=""
                            width="32"
                            height="32"
                            on:error=move |_| icon.set(None)
                        />
                    }
                    .into_any(),
                    None => view! { <span class="cr3d-logo" aria-hidden="true">{initial.clone()}</span> }.into_any(),
                }}
                <span class="cr3d-platform-name">{name}</span>
                {move || note().map(|note| view! { <span class="cr3d-platform-note">{note}</span> })}
            </button>
        </li>
    }
}

/// The shape of the list that is about to come.
#[component]
fn Rows() -> impl IntoView {
    super::body::bones(&["cr3d-bone cr3d-bone-row"; 3])
}
