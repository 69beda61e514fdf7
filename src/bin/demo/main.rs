//! The demo's page: Harbor, a lender, asks a driver to verify a ride-hailing account.
//!
//! Beside the page stands a bench that no partner would build: test users, a theme switch, and a log of the events.

use cr3dentials_embed::core::engine::Event;
use cr3dentials_embed::event::Complete;
use cr3dentials_embed::{Options, Theme, Verification, VerificationHandle};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsCast;

/// The one source of the test users, which the sandbox reads too.
const TEST_USERS: &str = include_str!("../../crates/sandbox/test-users.json");

/// Entries kept in the log.
const LOG_LENGTH: usize = 200;

fn main() {
    let Some(app) = document().get_element_by_id("app").and_then(|app| app.dyn_into().ok()) else { return };
    leptos::mount::mount_to(app, Demo).forget();
}

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

/// One line of the log.
#[derive(Clone, Debug)]
struct Logged {
    number: usize,
    time: String,
    name: &'static str,
    detail: String,
}

#[component]
fn Demo() -> impl IntoView {
    let log = RwSignal::new(Vec::<Logged>::new());
    let complete = RwSignal::new(None::<Complete>);
    let theme = RwSignal::new(Theme::Auto);
    let handle = VerificationHandle::new();
    Effect::new(move |_| {
        let theme = theme.get();
        if let Some(page) = document().document_element() {
            let _ = page.set_attribute("data-theme", theme.as_str());
        }
        handle.set_theme(theme);
    });
    view! {
        <div class="application">
            <div>
                <p class="crumbs">"Driver loan, step 3 of 4"</p>
                <h1>"Show us your driving income"</h1>
                <p class="lead">
                    "You asked for a loan for your next car. Verify the account that you drive with, and we can answer \
                     today, without payslips."
                </p>
            </div>
            <dl class="facts">
                <div><dt>"Amount"</dt><dd>"$8,500"</dd></div>
                <div><dt>"Term"</dt><dd>"24 months"</dd></div>
                <div><dt>"Applicant"</dt><dd>"Amira Haddad"</dd></div>
            </dl>
            <div class="news" aria-live="polite">
                {move || complete.get().map(|_| view! {
                    <section class="received">
                        <h2>"Thank you, Amira"</h2>
                        <p>"Your account is verified. We look at your application now and write to you today."</p>
                    </section>
                })}
            </div>
            <Verify log complete handle />
        </div>
        <Bench log theme />
    }
}

#[component]
fn Verify(
    log: RwSignal<Vec<Logged>>,
    complete: RwSignal<Option<Complete>>,
    handle: VerificationHandle,
) -> impl IntoView {
    let options = Options {
        proxy_url: "/api/verification".to_owned(),
        partner_name: Some("Harbor".to_owned()),
        ..Options::default()
    };
    let note = move |event: Event| write_down(log, &event);
    view! {
        <Verification
            options
            handle
            on_ready=move |event| note(Event::Ready(event))
            on_status=move |event| note(Event::Status(event))
            on_progress=move |event| note(Event::Progress(event))
            on_action=move |event| note(Event::Action(event))
            on_expiring=move |event| note(Event::Expiring(event))
            on_complete=move |event: Complete| {
                note(Event::Complete(event.clone()));
                // For display. Harbor's server decides by what the proxy tells it.
                complete.set(Some(event));
            }
            on_partial=move |event| note(Event::Partial(event))
            on_error=move |event| note(Event::Error(event))
            on_end=move |event| note(Event::End(event))
        />
    }
}

fn write_down(log: RwSignal<Vec<Logged>>, event: &Event) {
    let detail = match event {
        Event::Ready(event) => json(event),
        Event::Status(event) => json(event),
        Event::Progress(event) => json(event),
        Event::Action(event) => json(event),
        Event::Expiring(event) => json(event),
        Event::Complete(event) => json(event),
        Event::Partial(event) => json(event),
        Event::Error(event) => json(event),
        Event::End(event) => json(event),
    };
    let time = js_sys::Date::new_0().to_locale_time_string("en-GB").into();
    log.update(|log| {
        let number = log.last().map_or(0, |last| last.number + 1);
        log.push(Logged { number, time, name: event.name(), detail });
        if log.len() > LOG_LENGTH {
            log.remove(0);
        }
    });
}

fn json(value: &impl Serialize) -> String {
    let value = value.serialize(&Serializer::json_compatible()).ok();
    value.and_then(|value| js_sys::JSON::stringify(&value).ok()).and_then(|text| text.as_string()).unwrap_or_default()
}

#[component]
fn Bench(log: RwSignal<Vec<Logged>>, theme: RwSignal<Theme>) -> impl IntoView {
    let users: Vec<TestUser> = js_sys::JSON::parse(TEST_USERS)
        .ok()
        .and_then(|users| serde_wasm_bindgen::from_value(users).ok())
        .unwrap_or_default();
    let themes = [(Theme::Auto, "Device"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];
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
                <summary>"Theme"</summary>
                <fieldset class="switch" aria-label="Theme">
                    {themes.map(|(choice, label)| view! {
                        <label>
                            <input
                                type="radio"
                                name="theme"
                                prop:checked=move || theme.get() == choice
                                on:change=move |_| theme.set(choice)
                            />
                            {label}
                        </label>
                    }).into_iter().collect_view()}
                </fieldset>
            </details>
            <details open>
                <summary>"Events"</summary>
                <Log log />
            </details>
        </aside>
    }
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

/// Something to copy with a click.
fn chip(text: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let label = text.clone();
    let name = format!("Copy {text}");
    let copy = move |_| {
        // Only a secure page has a clipboard. The promise is not awaited: what cannot be copied can still be read.
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
