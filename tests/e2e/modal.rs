//! `mode="modal"`: a dialog over the page that gives everything back when it closes, and ends nothing by itself.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::look::{axe, press, tab_to};
use crate::stage::{Stage, play, until};
use crate::states::start;

/// A long page with a button at its end that opens the dialog.
const OPENER: &str = "
    document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"height: 3000px\">Long</p><button id=opener>Verify</button>');
    document.querySelector('#opener').onclick = () => document.querySelector('cr3dentials-verify').open();
    document.querySelector('#opener').scrollIntoView();";

pub(crate) async fn sessions(stage: &Stage) -> usize {
    stage.look("/sessions").await["sessions"].as_array().unwrap().len()
}

pub(crate) async fn is_open(stage: &Stage) -> bool {
    stage.browser.run("return deep('.cr3d').open").await == true
}

pub(crate) async fn ends(stage: &Stage) -> Value {
    stage.browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.reason)").await
}

/// Presses a key wherever the focus is; `Escape` does what a person's does.
pub(crate) async fn escape(stage: &Stage) {
    press(stage, "" + Key::Escape).await;
}

/// Opens the dialog by its button and counts the loads of its frame.
async fn open(stage: &Stage) {
    start(stage, json!({"platform-id": "1", "mode": "modal"})).await;
    stage.browser.run(OPENER).await;
    stage.browser.click("#opener").await;
    stage.browser.enter_frame_at("#username").await;
    stage.browser.leave_frame().await;
    stage.browser.wait_for_text(".cr3d-title", "Your turn").await;
    stage.browser.run("window.loads = 0; deep('iframe').addEventListener('load', () => loads++)").await;
}

#[test]
fn it_opens_hides_and_changes_without_touching_the_frame() {
    play("modal", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({"platform-id": "1", "mode": "modal"})).await;
        assert!(!is_open(&stage).await);
        assert_eq!(sessions(&stage).await, 0, "nothing is created before it is opened");
        open(&stage).await;
        assert_eq!(browser.run("return deep('.cr3d').matches(':modal')").await, true);
        let scrolled = browser.run("return scrollY").await;
        assert!(scrolled.as_f64() > Some(1000.0), "{scrolled}");
        axe(&stage, "the dialog").await;
        // The close control is the first stop.
        press(&stage, "" + Key::Tab).await;
        assert_eq!(browser.run("return document.activeElement.shadowRoot.activeElement.className").await, "cr3d-close");

        // In the middle of signing in, leaving asks, once.
        escape(&stage).await;
        browser.wait_for_text(".cr3d-leave", "Stop verifying?").await;
        axe(&stage, "the question").await;
        assert!(is_open(&stage).await);
        press(&stage, "" + Key::Enter).await;
        until("no question", || async { browser.text(".cr3d-leave").await.is_none().then_some(()) }).await;
        escape(&stage).await;
        until("a hidden dialog", || async { (!is_open(&stage).await).then_some(()) }).await;
        assert_eq!(browser.run("return document.activeElement.id").await, "opener", "the focus is given back");
        assert_eq!(browser.run("return scrollY").await, scrolled, "the page is where it was");
        assert_eq!(ends(&stage).await, json!([]), "hiding ends nothing");

        browser.click("#opener").await;
        assert!(is_open(&stage).await);
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
        assert!(!is_open(&stage).await);
        assert_eq!(ends(&stage).await, json!(["completed"]));
        assert_eq!(sessions(&stage).await, 1);
    });
}

#[test]
fn closing_it_for_good_is_asked_about_and_ends_it_once() {
    play("modal_close", |stage| async move {
        let browser = &stage.browser;
        open(&stage).await;
        browser.click(".cr3d-close").await;
        browser.wait_for_text(".cr3d-leave", "You would have to start again").await;
        tab_to(&stage, ".cr3d-leave .cr3d-button:last-child").await;
        press(&stage, "" + Key::Enter).await;
        until("a closed dialog", || async { (!is_open(&stage).await).then_some(()) }).await;
        assert_eq!(ends(&stage).await, json!(["closed"]));
        assert_eq!(browser.run("return document.activeElement.id").await, "opener");
        // Opened again, another one begins.
        browser.click("#opener").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(ends(&stage).await, json!(["closed", "completed"]));
        assert_eq!(sessions(&stage).await, 2);
    });
}

#[test]
fn a_dialog_of_the_page_s_own_is_left_alone() {
    play("modal_war", |stage| async move {
        let browser = &stage.browser;
        open(&stage).await;
        let own = "document.body.insertAdjacentHTML('beforeend', '<dialog id=own><button id=mine>Mine</button></dialog>'); \
            document.querySelector('#own').showModal()";
        browser.run(own).await;
        assert_eq!(browser.run("return document.activeElement.id").await, "mine");
        press(&stage, "" + Key::Tab).await;
        let focused = browser.run("return document.activeElement.tagName").await;
        assert_ne!(focused, "CR3DENTIALS-VERIFY", "the focus was pulled back");
        browser.run("document.querySelector('#own').close()").await;
        assert!(is_open(&stage).await);
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn whoever_leaves_the_page_while_signing_in_is_asked_once() {
    play("leaving", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({"platform-id": "1"})).await;
        let asks = "const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); \
            return event.defaultPrevented";
        browser.wait_for_text(".cr3d-title", "Opening").await;
        assert_eq!(browser.run(asks).await, false, "there is nothing to lose yet");
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run(asks).await, true);
        browser.run("document.querySelector('cr3dentials-verify').refresh()").await;
        assert_eq!(browser.run(asks).await, false, "once is enough");
    });
}
