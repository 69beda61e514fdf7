//! The component in a browser, without a server: what it draws, emits and leaves behind.
//!
//! The proxy's address leads nowhere, so every request fails. Tests that need a server are in `tests/e2e`, tests of
//! what JavaScript calls in `crates/embed-module`.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, reason = "test names are the documentation")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use cr3dentials_embed::{Options, Verification, VerificationHandle, event};
use cr3dentials_test_support::page::{NOWHERE, place, text, until};
use leptos::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn callback_can_close_the_verification() {
    let place = place();
    let (errors, ends) = (RwSignal::new(0), RwSignal::new(0));
    let key = "cr3d:again";
    let storage = leptos::prelude::window().session_storage().unwrap().unwrap();
    let app = leptos::mount::mount_to(place.clone(), move || {
        let handle = VerificationHandle::new();
        let options = Options {
            proxy_url: NOWHERE.to_owned(),
            platform_id: Some(1),
            resume_key: Some("again".to_owned()),
            ..Options::default()
        };
        let on_error = move |_: event::Error| {
            errors.update(|errors| *errors += 1);
            handle.close();
        };
        let on_end = move |_: event::End| ends.update(|ends| *ends += 1);
        view! { <Verification options handle on_error on_end /> }
    });
    // The create request fails, its error closes the verification, and the end is reported once.
    until("the end", || ends.get_untracked() == 1).await;
    assert_eq!(errors.get_untracked(), 1);
    assert_eq!(storage.get_item(key).unwrap(), None);
    drop(app);
    assert_eq!(place.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn two_verifications_on_a_page_are_independent() {
    let place = place();
    let shown = RwSignal::new(true);
    let app = leptos::mount::mount_to(place.clone(), move || {
        let of = |name: &str| Options {
            proxy_url: NOWHERE.to_owned(),
            resume_key: Some(name.to_owned()),
            ..Options::default()
        };
        view! {
            <p>"around it"</p>
            {move || shown.get().then(|| view! { <Verification options=of("a") /> })}
            <Verification options=of("b") />
        }
    });
    let count = |selector: &str| place.query_selector_all(selector).unwrap().length();
    until("both", || count(".cr3d-title") == 2).await;
    shown.set(false);
    until("one", || count(".cr3d-title") == 1).await;
    drop(app);
    assert_eq!(place.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn handles_follow_their_own_verification() {
    #[derive(Clone)]
    struct Theirs;

    let place = place();
    let (first, second) = (RwSignal::new(None), RwSignal::new(None));
    let shown = RwSignal::new(true);
    let app = leptos::mount::mount_to(place.clone(), move || {
        provide_context(Theirs);
        let options = || Options { proxy_url: NOWHERE.to_owned(), ..Options::default() };
        let handles = (VerificationHandle::new(), VerificationHandle::new());
        first.set(Some(handles.0));
        second.set(Some(handles.1));
        view! {
            <p class="progress">{move || handles.0.view().with(|view| view.progress)}</p>
            {move || shown.get().then(|| view! { <Verification options=options() handle=handles.0 /> })}
            <Verification options=options() handle=handles.1 />
        }
    });
    until("two pickers", || place.query_selector_all(".cr3d-title").unwrap().length() == 2).await;
    let (first, second) = (first.get_untracked().unwrap(), second.get_untracked().unwrap());
    assert!(first.is_mounted() && second.is_mounted());
    assert_eq!(text(&place, ".progress"), "0");
    shown.set(false);
    until("one of them", || place.query_selector_all("dialog").unwrap().length() == 1).await;
    assert!(!first.is_mounted() && second.is_mounted());
    first.refresh();
    drop(app);
    assert_eq!(place.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn prerendered_page_starts_nothing_before_it_is_shown() {
    let evaluate = |script: &str| js_sys::eval(script).unwrap();
    evaluate("Object.defineProperty(document, 'prerendering', { value: true, configurable: true })");
    let place = place();
    let errors = RwSignal::new(0);
    let app = leptos::mount::mount_to(place.clone(), move || {
        let options = Options { proxy_url: NOWHERE.to_owned(), platform_id: Some(1), ..Options::default() };
        let on_error = move |_: event::Error| errors.update(|errors| *errors += 1);
        view! { <Verification options on_error /> }
    });
    until("the dialog", || place.query_selector("dialog").unwrap().is_some()).await;
    assert_eq!(place.query_selector(".cr3d-title").unwrap(), None, "it has started");
    evaluate("delete document.prerendering; document.dispatchEvent(new Event('prerenderingchange'))");
    until("the failure of its create", || errors.get_untracked() > 0).await;
    drop(app);
    assert_eq!(place.child_element_count(), 0);
}
