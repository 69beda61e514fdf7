//! The demo page: Harbor, a lender, asks a driver to verify a ride-hailing account.
//!
//! Next to it are controls that a real page would not have: test users, switches, a playground for colors, and a log of
//! the events. Under `#gallery` the same page shows every state of the component side by side.

#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

mod bench;
mod gallery;
mod language;
mod playground;
mod scenes;

use cr3dentials_embed::core::engine::Event;
use cr3dentials_embed::event::Complete;
use cr3dentials_embed::{Mode, Options, StepTime, Theme, Verification, VerificationHandle};
use leptos::prelude::*;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsCast;

use bench::{Bench, LOG_LENGTH, Logged};
use playground::Look;

fn main() {
    let Some(app) = document().get_element_by_id("app").and_then(|app| app.dyn_into().ok()) else { return };
    let wants_gallery = window().location().hash().is_ok_and(|hash| hash == "#gallery");
    if wants_gallery {
        leptos::mount::mount_to(app, gallery::Gallery).forget();
    } else {
        leptos::mount::mount_to(app, Demo).forget();
    }
}

#[component]
fn Demo() -> impl IntoView {
    let log = RwSignal::new(Vec::<Logged>::new());
    let complete = RwSignal::new(None::<Complete>);
    let theme = RwSignal::new(Theme::Auto);
    let mode = RwSignal::new(Mode::Inline);
    let look = RwSignal::new(Look::default());
    let handle = VerificationHandle::new();
    Effect::new(move |_| {
        let theme = theme.get();
        if let Some(page) = document().document_element() {
            let _ = page.set_attribute("data-theme", theme.as_str());
        }
        if handle.is_mounted() {
            handle.set_theme(theme);
        }
    });
    Effect::new(move |_| {
        let mode = mode.get();
        if handle.is_mounted() {
            handle.set_mode(mode);
        }
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
                <div><dt>"Applicant"</dt><dd>"Amara Okafor"</dd></div>
            </dl>
            <div class="news" aria-live="polite">
                {move || complete.get().map(|_| view! {
                    <section class="received">
                        <h2>"Thank you, Amara"</h2>
                        <p>"Your account is verified. We look at your application now and write to you today."</p>
                    </section>
                })}
            </div>
            {move || (mode.get() == Mode::Modal).then(|| view! {
                <button class="verify" type="button" on:click=move |_| handle.open()>"Verify your account"</button>
            })}
            <div style=move || look.get().declarations("")>
                <Verify log complete handle />
            </div>
        </div>
        <Bench log theme mode look handle />
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
    let note = move |event: Event| log_event(log, event.name(), json(&event.detail()));
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
                // For display only. Harbor's server decides based on what the proxy reports to it.
                complete.set(Some(event));
            }
            on_partial=move |event| note(Event::Partial(event))
            on_error=move |event| note(Event::Error(event))
            on_end=move |event| note(Event::End(event))
            on_step=move |step: StepTime| log_event(log, "step", json(&step))
        />
    }
}

fn log_event(log: RwSignal<Vec<Logged>>, name: &'static str, detail: String) {
    let time = js_sys::Date::new_0().to_locale_time_string("en-GB").into();
    log.update(|log| {
        let number = log.last().map_or(0, |last| last.number + 1);
        log.push(Logged { number, time, name, detail });
        if log.len() > LOG_LENGTH {
            log.remove(0);
        }
    });
}

fn json(value: &impl Serialize) -> String {
    let value = value.serialize(&Serializer::json_compatible()).ok();
    value.and_then(|value| js_sys::JSON::stringify(&value).ok()).and_then(|text| text.as_string()).unwrap_or_default()
}
