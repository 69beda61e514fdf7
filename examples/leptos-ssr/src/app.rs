use cr3dentials_embed::event::Complete;
use cr3dentials_embed::{Options, Verification, VerificationHandle, event};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::grants::is_granted;

/// Renders the whole document, on the server only.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width" />
                <title>"Harbor"</title>
                <link rel="icon" href="data:," />
                <link rel="stylesheet" href="/cr3dentials-embed.css" />
                <HydrationScripts options />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Renders the page: the verification, and the outcome once the server has decided.
#[component]
pub fn App() -> impl IntoView {
    let handle = VerificationHandle::new();
    let outcome = RwSignal::new("");
    let options = Options {
        proxy_url: "/api/verification".to_owned(),
        platform_id: Some(1),
        partner_name: Some("Harbor".to_owned()),
        ..Options::default()
    };
    // The event is only for display. The server decides about the loan.
    let on_complete = move |complete: Complete| {
        outcome.set("One moment …");
        spawn_local(async move {
            outcome.set(match is_granted(complete.session_id).await {
                Ok(true) => "Granted",
                Ok(false) => "Not granted",
                Err(_) => "We cannot decide right now. Please try again later.",
            });
        });
    };
    let on_error = |error: event::Error| leptos::logging::log!("{}: {}", error.code, error.message);
    view! {
        <h1>"Your loan at Harbor"</h1>
        <p>{move || handle.view().with(|view| format!("{} % verified", view.progress))}</p>
        <Verification options handle on_complete on_error />
        <p>
            <button type="button" on:click=move |_| handle.refresh()>"Check now"</button>
        </p>
        <p id="outcome" role="status">{outcome}</p>
    }
}
