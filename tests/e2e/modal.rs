//! `mode="modal"`: a dialog over the page that restores focus and scrolling when it closes, and does not end the session.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::accessibility::{axe, press, tab_to};
use crate::harness::{Harness, run_test, until};
use crate::states::start;

/// Script that makes the page long, with a button at its end that opens the dialog.
const OPENER: &str = "
    document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"height: 3000px\">Long</p><button id=opener>Verify</button>');
    document.querySelector('#opener').onclick = () => document.querySelector('cr3dentials-verify').open();
    document.querySelector('#opener').scrollIntoView();";

pub(crate) async fn sessions(harness: &Harness) -> usize {
    harness.look("/sessions").await["sessions"].as_array().unwrap().len()
}

pub(crate) async fn is_open(harness: &Harness) -> bool {
    harness.browser.run("return deep('.cr3d').open").await == true
}

pub(crate) async fn ends(harness: &Harness) -> Value {
    harness.browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.reason)").await
}

/// Presses Escape wherever the focus is, with the same effect as a user's key press.
pub(crate) async fn escape(harness: &Harness) {
    press(harness, "" + Key::Escape).await;
}

/// Opens the dialog by its button and counts the loads of its frame.
async fn open(harness: &Harness) {
    start(harness, json!({"platform-id": "1", "mode": "modal"})).await;
    harness.browser.run(OPENER).await;
    harness.browser.click("#opener").await;
    harness.browser.enter_frame_at("#username").await;
    harness.browser.leave_frame().await;
    harness.browser.wait_for_text(".cr3d-title", "Your turn").await;
    harness.browser.run("window.loads = 0; deep('iframe').addEventListener('load', () => loads++)").await;
}

#[test]
fn dialog_opens_hides_and_changes_mode_without_frame_reload() {
    run_test("modal", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({"platform-id": "1", "mode": "modal"})).await;
        assert!(!is_open(&harness).await);
        assert_eq!(sessions(&harness).await, 0, "a session was created before the dialog was opened");
        open(&harness).await;
        assert_eq!(browser.run("return deep('.cr3d').matches(':modal')").await, true);
        let scrolled = browser.run("return scrollY").await;
        assert!(scrolled.as_f64() > Some(1000.0), "{scrolled}");
        axe(&harness, "the dialog").await;
        // The close button gets the focus first.
        press(&harness, "" + Key::Tab).await;
        assert_eq!(browser.run("return document.activeElement.shadowRoot.activeElement.className").await, "cr3d-close");

        // During sign-in, closing asks for confirmation, once.
        escape(&harness).await;
        browser.wait_for_text(".cr3d-leave", "Stop verifying?").await;
        axe(&harness, "the question").await;
        assert!(is_open(&harness).await);
        press(&harness, "" + Key::Enter).await;
        until("no confirmation", || async { browser.text(".cr3d-leave").await.is_none().then_some(()) }).await;
        escape(&harness).await;
        until("a hidden dialog", || async { (!is_open(&harness).await).then_some(()) }).await;
        assert_eq!(browser.run("return document.activeElement.id").await, "opener", "the focus was not restored");
        assert_eq!(browser.run("return scrollY").await, scrolled, "the scroll position changed");
        assert_eq!(ends(&harness).await, json!([]), "hiding ended the session");

        browser.click("#opener").await;
        assert!(is_open(&harness).await);
        let element = "document.querySelector('cr3dentials-verify')";
        browser.run(&format!("{element}.mode = 'inline'")).await;
        until("no dialog over the page", || async {
            browser.run("return deep('.cr3d').matches(':modal')").await.as_bool().filter(|modal| !modal).map(drop)
        })
        .await;
        browser.run(&format!("{element}.mode = 'bare'")).await;
        assert_eq!(browser.run("return deep('.cr3d-title').checkVisibility()").await, false);
        browser.run(&format!("{element}.mode = 'modal'")).await;
        assert_eq!(browser.run("return deep('.cr3d').matches(':modal')").await, true);
        assert_eq!(browser.run("return loads").await, 0, "the frame was loaded again");
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        browser.click(".cr3d-close").await;
        assert!(!is_open(&harness).await);
        assert_eq!(ends(&harness).await, json!(["completed"]));
        assert_eq!(sessions(&harness).await, 1);
    });
}

#[test]
fn confirmed_close_ends_the_session_once() {
    run_test("modal_close", |harness| async move {
        let browser = &harness.browser;
        open(&harness).await;
        browser.click(".cr3d-close").await;
        browser.wait_for_text(".cr3d-leave", "You would have to start again").await;
        tab_to(&harness, ".cr3d-leave .cr3d-button:last-child").await;
        press(&harness, "" + Key::Enter).await;
        until("a closed dialog", || async { (!is_open(&harness).await).then_some(()) }).await;
        assert_eq!(ends(&harness).await, json!(["closed"]));
        assert_eq!(browser.run("return document.activeElement.id").await, "opener");
        // Opening it again starts a new session.
        browser.click("#opener").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(ends(&harness).await, json!(["closed", "completed"]));
        assert_eq!(sessions(&harness).await, 2);
    });
}

#[test]
fn page_dialog_keeps_its_focus() {
    run_test("modal_page_dialog", |harness| async move {
        let browser = &harness.browser;
        open(&harness).await;
        let own = "document.body.insertAdjacentHTML('beforeend', '<dialog id=own><button id=mine>Mine</button></dialog>'); \
            document.querySelector('#own').showModal()";
        browser.run(own).await;
        assert_eq!(browser.run("return document.activeElement.id").await, "mine");
        press(&harness, "" + Key::Tab).await;
        let focused = browser.run("return document.activeElement.tagName").await;
        assert_ne!(focused, "CR3DENTIALS-VERIFY", "the focus was pulled back");
        browser.run("document.querySelector('#own').close()").await;
        assert!(is_open(&harness).await);
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn leaving_the_page_during_sign_in_warns_once() {
    run_test("leaving", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({"platform-id": "1"})).await;
        let warns = "const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); \
            return event.defaultPrevented";
        browser.wait_for_text(".cr3d-title", "Opening").await;
        assert_eq!(browser.run(warns).await, false, "the page warns before there is something to lose");
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run(warns).await, true);
        browser.run("document.querySelector('cr3dentials-verify').refresh()").await;
        assert_eq!(browser.run(warns).await, false, "the page warns twice");
    });
}
