//! The component in a browser, without a server: what it draws, adopts, tells and leaves behind.
//!
//! The proxy's address leads nowhere, so every request fails. What needs a server is in `tests/e2e`.
#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, reason = "tests speak through their names")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::cell::RefCell;
use std::rc::Rc;

use cr3dentials_embed::{Handle, Options, Verification, VerificationHandle, event, mount};
use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlDialogElement, HtmlElement};

wasm_bindgen_test_configure!(run_in_browser);

const NOWHERE: &str = "http://127.0.0.1:9";
const EMBED_URL: &str = "http://127.0.0.1:9/verify/1?token=a";

/// A fresh element in the page.
fn place() -> HtmlElement {
    let document = leptos::prelude::document();
    let place = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&place).unwrap();
    place.unchecked_into()
}

/// A shell as the element's host makes it.
fn shell() -> HtmlDialogElement {
    let place = place();
    place.set_inner_html(
        r#"<dialog class="cr3d"><div class="cr3d-view">wait</div><div class="cr3d-frame"></div></dialog>"#,
    );
    place.first_element_child().unwrap().unchecked_into()
}

fn find(root: &Element, selector: &str) -> Option<Element> {
    root.query_selector(selector).unwrap()
}

fn text(root: &Element, selector: &str) -> String {
    find(root, selector).and_then(|found| found.text_content()).unwrap_or_default()
}

fn options(json: &str) -> JsValue {
    js_sys::JSON::parse(json).unwrap()
}

fn given() -> JsValue {
    options(&format!(
        r#"{{"proxyUrl": "{NOWHERE}", "partnerName": "Harbor", "start": {{"kind": "given", "created": {{
            "sessionId": "s1", "embedUrl": "{EMBED_URL}", "status": "CREATED", "clientToken": "t"}}}}}}"#
    ))
}

/// Remembers the names of the events. How long the steps took is no event.
fn listener() -> (Rc<RefCell<Vec<String>>>, Function) {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let closure = {
        let heard = Rc::clone(&heard);
        Closure::<dyn Fn(String, JsValue)>::new(move |name: String, _| {
            if name != "step" {
                heard.borrow_mut().push(name);
            }
        })
    };
    (heard, closure.into_js_value().unchecked_into())
}

/// The one way to wait: until `condition` holds.
async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..400 {
        if condition() {
            return;
        }
        let turn = Promise::new(&mut |done, _| {
            let window = leptos::prelude::window();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&done, 25).unwrap();
        });
        JsFuture::from(turn).await.unwrap();
    }
    panic!("waited in vain for {what}");
}

fn mount_with(shell: &HtmlDialogElement, options: JsValue, listener: Function) -> Handle {
    mount(shell.clone(), options, listener).unwrap()
}

#[wasm_bindgen_test]
async fn without_a_platform_it_shows_the_picker_and_a_way_on_when_that_fails() {
    let shell = shell();
    let json = format!(r#"{{"proxyUrl": "{NOWHERE}", "start": {{"kind": "new"}}}}"#);
    let handle = mount_with(&shell, options(&json), listener().1);
    assert_eq!(text(&shell, ".cr3d-title"), "Which account do you want to verify?");
    until("a button", || text(&shell, ".cr3d-primary") == "Try again").await;
    handle.destroy();
}

#[wasm_bindgen_test]
fn it_adopts_the_hosts_iframe_and_does_not_load_it_again() {
    let shell = shell();
    let iframe = leptos::prelude::document().create_element("iframe").unwrap();
    iframe.set_attribute("src", EMBED_URL).unwrap();
    find(&shell, ".cr3d-frame").unwrap().append_child(&iframe).unwrap();
    let (heard, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    assert!(find(&shell, "iframe").unwrap().is_same_node(Some(&iframe)));
    assert_eq!(*heard.borrow(), ["status", "ready"]);
    handle.destroy();
}

#[wasm_bindgen_test]
fn an_iframe_that_it_makes_is_titled_and_restrained() {
    let shell = shell();
    let handle = mount_with(&shell, given(), listener().1);
    let iframe = find(&shell, "iframe").unwrap();
    let attribute = |name: &str| iframe.get_attribute(name).unwrap_or_default();
    assert_eq!(attribute("title"), "Account verification");
    assert_eq!(attribute("referrerpolicy"), "strict-origin");
    assert_eq!(attribute("sandbox"), "allow-scripts allow-same-origin allow-forms allow-popups");
    assert_eq!(attribute("src"), EMBED_URL);
    handle.destroy();
}

#[wasm_bindgen_test]
fn what_the_host_said_while_it_loaded_is_replaced() {
    let shell = shell();
    let handle = mount_with(&shell, given(), listener().1);
    assert_eq!(text(&shell, ".cr3d-title"), "Opening a secure window");
    assert!(!shell.text_content().unwrap().contains("wait"));
    handle.destroy();
}

#[wasm_bindgen_test]
fn destroy_empties_the_shell_silently_and_twice_is_once() {
    let shell = shell();
    let (heard, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    let before = heard.borrow().len();
    handle.destroy();
    handle.destroy();
    handle.refresh();
    assert_eq!(find(&shell, ".cr3d-view").unwrap().child_element_count(), 0);
    assert!(find(&shell, "iframe").is_none());
    assert_eq!(heard.borrow().len(), before);
    assert!(handle.state().is_null());
}

#[wasm_bindgen_test]
fn close_ends_it_once_and_the_end_is_last() {
    let shell = shell();
    let (heard, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    handle.close();
    handle.close();
    assert_eq!(heard.borrow().iter().filter(|name| *name == "end").count(), 1);
    assert_eq!(heard.borrow().last().map(String::as_str), Some("end"));
    assert!(find(&shell, "iframe").is_none());
    handle.destroy();
}

#[wasm_bindgen_test]
async fn a_server_that_is_away_costs_one_error_and_not_the_frame() {
    let shell = shell();
    let (heard, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    until("two failures", || text(&shell, ".cr3d-title") == "Reconnecting").await;
    assert_eq!(heard.borrow().iter().filter(|name| *name == "error").count(), 1);
    assert!(find(&shell, "iframe").is_some());
    handle.destroy();
}

#[wasm_bindgen_test]
fn a_destroy_inside_an_event_is_safe() {
    let shell = shell();
    let handle: Rc<RefCell<Option<Handle>>> = Rc::default();
    let closure = {
        let handle = Rc::clone(&handle);
        Closure::<dyn Fn(String, JsValue)>::new(move |name: String, _| {
            if name == "end"
                && let Some(handle) = &*handle.borrow()
            {
                handle.destroy();
            }
        })
    };
    let mounted = mount_with(&shell, given(), closure.into_js_value().unchecked_into());
    handle.replace(Some(mounted));
    if let Some(handle) = &*handle.borrow() {
        handle.close();
        assert!(handle.state().is_null());
    }
    assert_eq!(find(&shell, ".cr3d-view").unwrap().child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn a_callback_can_close_what_it_is_told_about() {
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
    // The create fails, its error closes the verification, and the close is told once.
    until("the end", || ends.get_untracked() == 1).await;
    assert_eq!(errors.get_untracked(), 1);
    assert_eq!(storage.get_item(key).unwrap(), None);
    drop(app);
    assert_eq!(place.child_element_count(), 0);
}

#[wasm_bindgen_test]
fn a_destroy_inside_the_end_stops_the_new_start_that_caused_it() {
    let shell = shell();
    let (heard, handle) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(None::<Handle>)));
    let closure = {
        let (heard, handle) = (Rc::clone(&heard), Rc::clone(&handle));
        Closure::<dyn Fn(String, JsValue)>::new(move |name: String, _| {
            if let ("end", Some(handle)) = (name.as_str(), &*handle.borrow()) {
                handle.destroy();
            }
            if name != "step" {
                heard.borrow_mut().push(name);
            }
        })
    };
    handle.replace(Some(mount_with(&shell, given(), closure.into_js_value().unchecked_into())));
    if let Some(handle) = &*handle.borrow() {
        handle.start_again();
        assert!(handle.state().is_null());
    }
    assert_eq!(*heard.borrow(), ["status", "ready", "end"]);
    assert_eq!(shell.text_content().as_deref(), Some(""));
}

#[wasm_bindgen_test]
fn what_cannot_be_used_is_refused_with_words() {
    let listener = listener().1;
    let wrong = options(r#"{"proxyUrl": 7, "start": {"kind": "new"}}"#);
    assert!(mount(shell(), wrong, listener.clone()).is_err());
    let empty: HtmlDialogElement = leptos::prelude::document().create_element("dialog").unwrap().unchecked_into();
    let error = mount(empty, given(), listener).unwrap_err();
    assert!(error.as_string().unwrap().contains("cr3d-view"));
}

#[wasm_bindgen_test]
fn the_theme_changes_while_it_runs() {
    let shell = shell();
    let handle = mount_with(&shell, given(), listener().1);
    assert_eq!(shell.get_attribute("data-theme").as_deref(), Some("auto"));
    handle.update(options(r#"{"theme": "dark", "mode": "inline"}"#)).unwrap();
    assert_eq!(shell.get_attribute("data-theme").as_deref(), Some("dark"));
    assert!(handle.update(options(r#"{"theme": "blue"}"#)).is_err());
    handle.destroy();
}

#[wasm_bindgen_test]
async fn two_on_a_page_and_inside_another_app_do_not_meet() {
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
fn fifty_mounts_leave_nothing_in_the_page() {
    let body = leptos::prelude::document().body().unwrap();
    let count = || body.query_selector_all("*").unwrap().length();
    let before = count();
    for _ in 0..50 {
        let shell = shell();
        let handle = mount_with(&shell, given(), listener().1);
        handle.destroy();
        shell.parent_element().unwrap().remove();
    }
    assert_eq!(count(), before);
}

#[wasm_bindgen_test]
async fn it_stands_twice_in_another_app_and_takes_nothing_from_it() {
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
