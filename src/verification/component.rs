//! The `<Verification/>` component: mounts a verification and passes its events to callbacks.
#![allow(unreachable_pub, reason = "the component macro makes what it generates public")]

use cr3dentials_core::engine::{Event, Problem, View, event};
use leptos::html;
use leptos::prelude::*;

use super::handle::VerificationHandle;
use super::mount::{MountedVerification, start_of};
use crate::browser::driver::ComponentEvent;
use crate::browser::page_lifecycle;
use crate::browser::partner_client::PartnerClient;
use crate::browser::shell::Shell;
use crate::options::{Mode, Options};
use crate::telemetry::StepTime;

/// Account verification: the provider's iframe with a status view around it.
///
/// Callbacks are for display only; grant access on your server. Options are read once, on mount; the handle changes
/// what may change later. A page may contain several verifications, and they do not affect the app around them.
///
/// ```
/// use cr3dentials_embed::{Mode, Options, Verification, VerificationHandle};
/// use leptos::prelude::*;
///
/// #[component]
/// fn Apply() -> impl IntoView {
///     let handle = VerificationHandle::new();
///     let options = Options {
///         proxy_url: "/api/verification".into(),
///         platform_id: Some(1),
///         mode: Mode::Modal,
///         ..Options::default()
///     };
///     view! {
///         <button on:click=move |_| handle.open()>"Verify your account"</button>
///         <p>{move || handle.view().with(|view| format!("{} %", view.progress))}</p>
///         <Verification options handle />
///     }
/// }
/// ```
#[component]
pub fn Verification(
    /// Settings; only `proxy_url` is required.
    options: Options,
    /// Called when the session's frame is shown.
    #[prop(optional, into)]
    on_ready: Option<Callback<event::Ready>>,
    /// Called when the status of the session changes.
    #[prop(optional, into)]
    on_status: Option<Callback<event::Status>>,
    /// Called when the progress changes, 0–100; it never decreases.
    #[prop(optional, into)]
    on_progress: Option<Callback<event::Progress>>,
    /// Called when the user must act.
    #[prop(optional, into)]
    on_action: Option<Callback<event::Action>>,
    /// Called when the session expires soon.
    #[prop(optional, into)]
    on_expiring: Option<Callback<event::Expiring>>,
    /// Called when the session ends as `COMPLETED`, and only then.
    #[prop(optional, into)]
    on_complete: Option<Callback<event::Complete>>,
    /// Called when the session ends as `PARTIAL_COMPLETE`.
    #[prop(optional, into)]
    on_partial: Option<Callback<event::Partial>>,
    /// Called on an error; the session continues unless `on_end` follows.
    #[prop(optional, into)]
    on_error: Option<Callback<event::Error>>,
    /// Called last for each session, with the reason of its end.
    #[prop(optional, into)]
    on_end: Option<Callback<event::End>>,
    /// Called when a step has ended, with its duration and what came next.
    #[prop(optional, into)]
    on_step: Option<Callback<StepTime>>,
    /// Controls the verification from outside, and exposes what is shown.
    #[prop(optional)]
    handle: Option<VerificationHandle>,
) -> impl IntoView {
    let handle = handle.unwrap_or_default();
    let place = NodeRef::<html::Div>::new();
    let emit = move |event: ComponentEvent| match event {
        ComponentEvent::Event(Event::Ready(event)) => run(on_ready, event),
        ComponentEvent::Event(Event::Status(event)) => run(on_status, event),
        ComponentEvent::Event(Event::Progress(event)) => run(on_progress, event),
        ComponentEvent::Event(Event::Action(event)) => run(on_action, event),
        ComponentEvent::Event(Event::Expiring(event)) => run(on_expiring, event),
        ComponentEvent::Event(Event::Complete(event)) => run(on_complete, event),
        ComponentEvent::Event(Event::Partial(event)) => run(on_partial, event),
        ComponentEvent::Event(Event::Error(event)) => run(on_error, event),
        ComponentEvent::Event(Event::End(event)) => run(on_end, event),
        ComponentEvent::Step(step) => run(on_step, step),
    };
    place.on_load(move |place| {
        if let Some(problem) = options.problem() {
            let error = event::Error::new(None, &Problem::BadOptions(problem), false);
            return emit(ComponentEvent::Event(Event::Error(error)));
        }
        let Some(shell) = Shell::create(&place) else { return };
        let on_view = move |view: &View| handle.set_view(view);
        handle.attach(MountedVerification::new(
            shell,
            options.clone(),
            PartnerClient::default(),
            start_of(&options),
            on_view,
            emit,
        ));
        // A modal dialog starts when it is first opened.
        if options.mode != Mode::Modal {
            page_lifecycle::when_shown(move || handle.start());
        }
    });
    on_cleanup(move || {
        if let Some(mounted) = handle.detach() {
            mounted.unmount();
        }
    });
    view! { <div class="cr3d-host" node_ref=place></div> }
}

/// Runs a callback, if it is there and its owner is not disposed.
fn run<T: 'static>(callback: Option<Callback<T>>, event: T) {
    if let Some(callback) = callback {
        callback.try_run(event);
    }
}
