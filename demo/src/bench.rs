//! Demo controls that a real page would not have: test users, switches and an event log.

use cr3dentials_embed::{Mode, Theme, VerificationHandle};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use serde::Deserialize;

use crate::language::LanguageSwitch;
use crate::playground::{Look, Playground};

/// The list of test users, which the sandbox reads too.
const TEST_USERS: &str = include_str!("../../crates/sandbox/test-users.json");

/// Maximum number of entries in the log.
pub(crate) const LOG_LENGTH: usize = 200;

/// A test user, as `crates/sandbox/test-users.json` lists it.
#[derive(Clone, Debug, Deserialize)]
struct TestUser {
    name: String,
    code: Option<String>,
    question: Option<Question>,
    early: Option<bool>,
    summary: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Question {
    answer: String,
}

/// One entry of the log.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) number: usize,
    pub(crate) time: String,
    pub(crate) name: &'static str,
    pub(crate) detail: String,
}

#[component]
pub(crate) fn Bench(
    log: RwSignal<Vec<Logged>>,
    theme: RwSignal<Theme>,
    mode: RwSignal<Mode>,
    look: RwSignal<Look>,
    handle: VerificationHandle,
) -> impl IntoView {
    let users: Vec<TestUser> = js_sys::JSON::parse(TEST_USERS)
        .ok()
        .and_then(|users| serde_wasm_bindgen::from_value(users).ok())
        .unwrap_or_default();
    view! {
        <aside class="bench" aria-label="Demo controls">
            <p class="bench-title">"Demo controls, not part of the page"</p>
            <details open>
                <summary>"Test users"</summary>
                <p class="hint">
                    "Click a name to copy it, then sign in with it in the window; any password will do. Those that are \
                     chosen early are chosen at the sandbox's console, whose address is in the terminal."
                </p>
                <ul class="users" tabindex="0" aria-label="Test users">
                    {users.into_iter().map(user).collect_view()}
                </ul>
            </details>
            <details open>
                <summary>"Language, theme and mode"</summary>
                <LanguageSwitch choose=move |strings| handle.set_strings(strings) />
                {switch("Theme", theme, [(Theme::Auto, "Device"), (Theme::Light, "Light"), (Theme::Dark, "Dark")])}
                {switch("Mode", mode, [(Mode::Inline, "Inline"), (Mode::Modal, "Modal"), (Mode::Bare, "Bare")])}
            </details>
            <details>
                <summary>"Colors and shapes"</summary>
                <Playground look />
            </details>
            <details open>
                <summary>"Events"</summary>
                <Log log />
            </details>
            <p class="hint"><a href="#gallery" on:click=to_gallery>"Every state, side by side"</a></p>
        </aside>
    }
}

/// Opens the gallery, which is another page at the same address.
fn to_gallery(event: MouseEvent) {
    event.prevent_default();
    let location = window().location();
    let _ = location.set_hash("gallery");
    let _ = location.reload();
}

/// Draws a choice of one, as a row of radio buttons.
pub(crate) fn switch<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    value: RwSignal<T>,
    choices: impl IntoIterator<Item = (T, &'static str)>,
) -> impl IntoView {
    let radio = move |(choice, label)| {
        view! {
            <label>
                <input
                    type="radio"
                    name=name
                    prop:checked=move || value.get() == choice
                    on:change=move |_| value.set(choice)
                />
                {label}
            </label>
        }
    };
    view! { <fieldset class="switch" aria-label=name>{choices.into_iter().map(radio).collect_view()}</fieldset> }
}

fn user(user: TestUser) -> impl IntoView {
    view! {
        <li class="user">
            <span class="user-keys">
                {chip(user.name)}
                {user.code.map(chip)}
                {user.question.map(|question| chip(question.answer))}
                {user.early.map(|_| view! { <span class="early">"early"</span> })}
            </span>
            <p>{user.summary}</p>
        </li>
    }
}

/// Draws a button that copies its text.
fn chip(text: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let label = text.clone();
    let name = format!("Copy {text}");
    let copy = move |_| {
        // Only a secure page has a clipboard. The promise is not awaited: a text that was not copied can still be read.
        if !window().is_secure_context() {
            return;
        }
        let _ = window().navigator().clipboard().write_text(&text);
        copied.set(true);
        set_timeout(move || copied.set(false), std::time::Duration::from_secs(1));
    };
    view! {
        <button class="chip" type="button" aria-label=name on:click=copy>
            {move || if copied.get() { "Copied".to_owned() } else { label.clone() }}
        </button>
    }
}

#[component]
fn Log(log: RwSignal<Vec<Logged>>) -> impl IntoView {
    view! {
        <ol class="log" tabindex="0" aria-label="Events, newest first">
            <For each=move || log.get().into_iter().rev() key=|line| line.number let:line>
                <li data-event=line.name>
                    <time>{line.time}</time>
                    <strong>{line.name}</strong>
                    <code>{line.detail}</code>
                </li>
            </For>
        </ol>
        {move || log.with(Vec::is_empty).then(|| view! { <p class="hint">"Nothing yet."</p> })}
    }
}
