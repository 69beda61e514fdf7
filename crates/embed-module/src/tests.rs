//! Tests of the functions that JavaScript calls: what they draw, adopt, emit and leave behind, without a server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::cell::RefCell;
use std::rc::Rc;

use cr3dentials_embed::internals;
use cr3dentials_test_support::page::{NOWHERE, document, find, place, text, until};
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlDialogElement;

use crate::Handle;

wasm_bindgen_test_configure!(run_in_browser);

const EMBED_URL: &str = "http://127.0.0.1:9/verify/1?token=a";

/// Creates a shell as the host of the element does. Returns its dialog.
fn shell() -> HtmlDialogElement {
    let shell = internals::create_shell(&place()).unwrap();
    let dialog: HtmlDialogElement = Reflect::get(&shell, &"dialog".into()).unwrap().unchecked_into();
    Reflect::set(&dialog, &"shell".into(), &shell).unwrap();
    find(&dialog, ".cr3d-view").unwrap().set_text_content(Some("wait"));
    dialog
}

/// Mounts into the shell of this dialog.
fn mount(dialog: &HtmlDialogElement, options: JsValue, listener: Function) -> Result<Handle, JsValue> {
    crate::mount(Reflect::get(dialog, &"shell".into()).unwrap(), options, listener)
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

/// Records the names of the events. `step` is left out: it reports a duration.
fn listener() -> (Rc<RefCell<Vec<String>>>, Function) {
    let events = Rc::new(RefCell::new(Vec::new()));
    let closure = {
        let events = Rc::clone(&events);
        Closure::<dyn Fn(String, JsValue)>::new(move |name: String, _| {
            if name != "step" {
                events.borrow_mut().push(name);
            }
        })
    };
    (events, closure.into_js_value().unchecked_into())
}

/// Mounts and starts.
fn mount_with(shell: &HtmlDialogElement, options: JsValue, listener: Function) -> Handle {
    let handle = mount(shell, options, listener).unwrap();
    handle.start();
    handle
}

#[wasm_bindgen_test]
async fn without_a_platform_the_picker_offers_a_retry() {
    let shell = shell();
    let json = format!(r#"{{"proxyUrl": "{NOWHERE}", "start": {{"kind": "new"}}}}"#);
    let handle = mount_with(&shell, options(&json), listener().1);
    assert_eq!(text(&shell, ".cr3d-title"), "Which account do you want to verify?");
    until("a button", || text(&shell, ".cr3d-primary") == "Try again").await;
    handle.destroy();
}

#[wasm_bindgen_test]
fn iframe_of_the_host_is_adopted_without_a_reload() {
    let shell = shell();
    let iframe = document().create_element("iframe").unwrap();
    iframe.set_attribute("src", EMBED_URL).unwrap();
    find(&shell, ".cr3d-frame").unwrap().append_child(&iframe).unwrap();
    let (events, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    assert!(find(&shell, "iframe").unwrap().is_same_node(Some(&iframe)));
    assert_eq!(*events.borrow(), ["status", "ready"]);
    handle.destroy();
}

#[wasm_bindgen_test]
fn created_iframe_has_a_title_and_a_sandbox() {
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
fn loading_text_of_the_host_is_replaced() {
    let shell = shell();
    let handle = mount_with(&shell, given(), listener().1);
    assert_eq!(text(&shell, ".cr3d-title"), "Opening a secure window");
    assert!(!shell.text_content().unwrap().contains("wait"));
    handle.destroy();
}

#[wasm_bindgen_test]
fn destroy_is_silent_idempotent_and_empties_the_shell() {
    let shell = shell();
    let (events, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    let before = events.borrow().len();
    handle.destroy();
    handle.destroy();
    handle.refresh();
    assert_eq!(find(&shell, ".cr3d-view").unwrap().child_element_count(), 0);
    assert!(find(&shell, "iframe").is_none());
    assert_eq!(events.borrow().len(), before);
    assert!(handle.state().is_null());
}

#[wasm_bindgen_test]
fn repeated_close_emits_one_end_as_the_last_event() {
    let shell = shell();
    let (events, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    handle.close();
    handle.close();
    assert_eq!(events.borrow().iter().filter(|name| *name == "end").count(), 1);
    assert_eq!(events.borrow().last().map(String::as_str), Some("end"));
    assert!(find(&shell, "iframe").is_none());
    handle.destroy();
}

#[wasm_bindgen_test]
async fn unreachable_server_emits_one_error_and_keeps_the_frame() {
    let shell = shell();
    let (events, listener) = listener();
    let handle = mount_with(&shell, given(), listener);
    until("two failures", || text(&shell, ".cr3d-title") == "Reconnecting").await;
    assert_eq!(events.borrow().iter().filter(|name| *name == "error").count(), 1);
    assert!(find(&shell, "iframe").is_some());
    handle.destroy();
}

#[wasm_bindgen_test]
fn destroy_inside_an_event_is_safe() {
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
fn destroy_inside_end_cancels_the_restart() {
    let shell = shell();
    let (events, handle) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(None::<Handle>)));
    let closure = {
        let (events, handle) = (Rc::clone(&events), Rc::clone(&handle));
        Closure::<dyn Fn(String, JsValue)>::new(move |name: String, _| {
            if let ("end", Some(handle)) = (name.as_str(), &*handle.borrow()) {
                handle.destroy();
            }
            if name != "step" {
                events.borrow_mut().push(name);
            }
        })
    };
    handle.replace(Some(mount_with(&shell, given(), closure.into_js_value().unchecked_into())));
    if let Some(handle) = &*handle.borrow() {
        handle.start_again();
        assert!(handle.state().is_null());
    }
    assert_eq!(*events.borrow(), ["status", "ready", "end"]);
    assert_eq!(text(&shell, ".cr3d-view"), "");
}

#[wasm_bindgen_test]
fn invalid_options_and_shell_are_rejected_with_a_message() {
    let listener = listener().1;
    let wrong = options(r#"{"proxyUrl": 7, "start": {"kind": "new"}}"#);
    assert!(mount(&shell(), wrong, listener.clone()).is_err());
    let empty: HtmlDialogElement = document().create_element("dialog").unwrap().unchecked_into();
    let error = crate::mount(empty.into(), given(), listener).unwrap_err();
    assert!(error.as_string().unwrap().contains("shell"));
}

#[wasm_bindgen_test]
fn theme_changes_while_running() {
    let shell = shell();
    let handle = mount_with(&shell, given(), listener().1);
    assert_eq!(shell.get_attribute("data-theme").as_deref(), Some("auto"));
    handle.update(options(r#"{"theme": "dark", "mode": "inline"}"#)).unwrap();
    assert_eq!(shell.get_attribute("data-theme").as_deref(), Some("dark"));
    assert!(handle.update(options(r#"{"theme": "blue"}"#)).is_err());
    handle.destroy();
}

#[wasm_bindgen_test]
fn fifty_mounts_leave_no_elements_in_the_page() {
    let body = document().body().unwrap();
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
fn mount_emits_and_draws_nothing_before_start() {
    let shell = shell();
    let (events, listener) = listener();
    let handle = mount(&shell, given(), listener).unwrap();
    assert!(events.borrow().is_empty());
    assert!(find(&shell, "iframe").is_none());
    assert_eq!(text(&shell, ".cr3d-view"), "wait");
    handle.start();
    assert_eq!(*events.borrow(), ["status", "ready"]);
    assert!(find(&shell, "iframe").is_some());
    handle.start();
    assert_eq!(*events.borrow(), ["status", "ready"]);
    handle.destroy();
}

#[wasm_bindgen_test]
fn destroy_inside_the_first_event_draws_nothing() {
    let shell = shell();
    let (events, handle) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(None::<Handle>)));
    let closure = {
        let (events, handle) = (Rc::clone(&events), Rc::clone(&handle));
        Closure::<dyn Fn(String, JsValue)>::new(move |name: String, _| {
            if let Some(handle) = &*handle.borrow() {
                handle.destroy();
            }
            if name != "step" {
                events.borrow_mut().push(name);
            }
        })
    };
    handle.replace(Some(mount(&shell, given(), closure.into_js_value().unchecked_into()).unwrap()));
    if let Some(handle) = &*handle.borrow() {
        handle.start();
        assert!(handle.state().is_null());
    }
    assert_eq!(*events.borrow(), ["status"]);
    assert!(find(&shell, "iframe").is_none());
}

#[wasm_bindgen_test]
fn start_after_destroy_does_nothing() {
    let shell = shell();
    let (events, listener) = listener();
    let handle = mount(&shell, given(), listener).unwrap();
    handle.destroy();
    handle.start();
    assert!(events.borrow().is_empty());
    assert!(find(&shell, "iframe").is_none());
}

#[wasm_bindgen_test]
async fn create_interrupted_by_a_removal_is_repeated_with_its_key() {
    let fetch = "window.keys = [];
        const real = window.fetch;
        window.fetch = (url, init) => {
            const key = init.headers['Idempotency-Key'];
            if (!key) return real(url, init);
            keys.push(key);
            return new Promise((_, reject) => init.signal.addEventListener('abort', () => reject(init.signal.reason)));
        }";
    js_sys::eval(fetch).unwrap();
    let json = format!(
        r#"{{"proxyUrl": "{NOWHERE}", "platformId": 1, "resumeKey": "interrupted", "start": {{"kind": "new"}}}}"#
    );
    let sent = |count: u32| move || js_sys::eval("keys.length").unwrap() == count;
    for count in 1..=2 {
        let handle = mount_with(&shell(), options(&json), listener().1);
        until("a create", sent(count)).await;
        handle.destroy();
    }
    assert!(js_sys::eval("keys[0] && keys[0] === keys[1]").unwrap().is_truthy());
}

#[wasm_bindgen_test]
fn refusal_of_the_create_that_the_host_sent_is_reported() {
    let shell = shell();
    let (events, listener) = listener();
    let json = format!(
        r#"{{"proxyUrl": "{NOWHERE}", "platformId": 1, "resumeKey": "refused", "start": {{
            "kind": "new", "failure": {{"kind": "forbidden", "retryAfter": null}}}}}}"#
    );
    let handle = mount_with(&shell, options(&json), listener);
    assert_eq!(*events.borrow(), ["error"]);
    assert_eq!(text(&shell, ".cr3d-title"), "You cannot start this here");
    handle.destroy();
}

#[wasm_bindgen_test]
fn page_code_that_throws_does_not_stop_the_start() {
    let refuse = "window.debug = console.debug;
        console.debug = () => { throw new Error('no') };
        Object.defineProperty(navigator, 'onLine', { configurable: true, get() { throw new Error('no') } })";
    js_sys::eval(refuse).unwrap();
    let shell = shell();
    let (events, listener) = listener();
    let options = given();
    js_sys::Reflect::set(&options, &"debug".into(), &JsValue::TRUE).unwrap();
    let handle = mount_with(&shell, options, listener);
    js_sys::eval("console.debug = debug; delete navigator.onLine").unwrap();
    assert_eq!(*events.borrow(), ["status", "ready"]);
    handle.destroy();
}
