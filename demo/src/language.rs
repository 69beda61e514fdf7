//! Language switch. Strings are fetched when a language is chosen.

use cr3dentials_embed::Strings;
use gloo_net::http::Request;
use leptos::prelude::*;

const LANGUAGES: [(&str, &str); 9] = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("hi", "हिन्दी"),
    ("ja", "日本語"),
    ("pt-BR", "Português (Brasil)"),
    ("ar", "العربية"),
    ("zh-Hans", "简体中文"),
];

/// Draws the list of languages; `choose` receives the strings of the chosen one.
#[component]
pub(crate) fn LanguageSwitch(choose: impl Fn(Strings) + Copy + 'static) -> impl IntoView {
    let change = move |lang: String| {
        leptos::task::spawn_local(async move {
            if let Some(strings) = load(&lang).await {
                choose(strings);
            }
        });
    };
    view! {
        <label class="language">
            "Language"
            <select on:change:target=move |event| change(event.target().value())>
                {LANGUAGES.map(|(lang, name)| view! { <option value=lang lang=lang>{name}</option> }).collect_view()}
            </select>
        </label>
    }
}

async fn load(lang: &str) -> Option<Strings> {
    if lang == "en" {
        // Built in.
        return Some(Strings::default());
    }
    let file = Request::get(&format!("locales/{lang}.json")).send().await.ok()?.text().await.ok()?;
    Strings::parse(lang, &file)
}
