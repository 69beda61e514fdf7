//! Phones: the sheet fills the visible height, in portrait and landscape, with a keyboard, and with a Back button.

use serde_json::{Value, json};

use crate::accessibility::axe;
use crate::harness::{Harness, run_test, until};
use crate::modal::{ends, escape, is_open};
use crate::states::{CUT_OFF, keep_part, start};

async fn hold(harness: &Harness, width: u32, height: u32) {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": true});
    harness.browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    harness.browser.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true})).await;
}

async fn open(harness: &Harness) {
    start(harness, json!({"platform-id": "1", "mode": "modal"})).await;
    harness.browser.run("window.sameP = true; document.querySelector('cr3dentials-verify').open()").await;
    harness.browser.enter_frame_at("#username").await;
    harness.browser.leave_frame().await;
    harness.browser.wait_for_text(".cr3d-title", "Your turn").await;
}

async fn keep(harness: &Harness, name: &str) {
    if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
        let page = "return {x: 0, y: 0, width: innerWidth, height: innerHeight, scale: 1}";
        keep_part(harness, page, std::path::PathBuf::from(folder).join(format!("{name}.webp"))).await;
    }
}

#[test]
fn sheet_fills_the_screen_and_frame_the_rest() {
    run_test("phone", |harness| async move {
        let browser = &harness.browser;
        hold(&harness, 360, 640).await;
        open(&harness).await;
        let sheet = "const {x, y, width, height} = deep('.cr3d').getBoundingClientRect(); return [x, y, width, height]";
        assert_eq!(browser.run(sheet).await, json!([0, 0, 360, 640]));
        let frame = browser.run("return deep('iframe').getBoundingClientRect().height").await;
        assert!(frame.as_f64() > Some(320.0), "the frame is too small: {frame}");
        let fits =
            "const box = deep('iframe').getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight";
        assert_eq!(browser.run(fits).await, true);
        assert_eq!(browser.run(CUT_OFF).await, json!([]));
        axe(&harness, "upright").await;
        keep(&harness, "phone-upright").await;

        hold(&harness, 640, 360).await;
        until("the sheet in landscape", || async {
            (browser.run(sheet).await == json!([0, 0, 640, 360])).then_some(())
        })
        .await;
        assert_eq!(browser.run(fits).await, true);
        let frame = browser.run("return deep('iframe').getBoundingClientRect().height").await;
        assert!(frame.as_f64() > Some(200.0), "too small in landscape: {frame}");
        assert_eq!(browser.run(CUT_OFF).await, json!([]));
        keep(&harness, "phone-on-its-side").await;

        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

/// Makes the browser one that closes no dialogs by Back, as on iPhones.
async fn forget_close_watchers(harness: &Harness) {
    let without = json!({"source": "delete window.CloseWatcher"});
    harness.browser.devtools("Page.addScriptToEvaluateOnNewDocument", without).await;
}

#[test]
fn back_button_closes_the_sheet_not_the_page() {
    run_test("phone_back", |harness| async move {
        let browser = &harness.browser;
        hold(&harness, 360, 640).await;
        forget_close_watchers(&harness).await;
        open(&harness).await;
        let entries = browser.run("return history.length").await;
        browser.run("history.back()").await;
        browser.wait_for_text(".cr3d-leave", "Stop verifying?").await;
        assert!(is_open(&harness).await, "it closed without a confirmation");
        keep(&harness, "phone-leaving").await;
        browser.run("history.back()").await;
        until("a closed sheet", || async { (!is_open(&harness).await).then_some(()) }).await;
        assert_eq!(browser.run("return window.sameP").await, true, "the page was left");
        assert_eq!(ends(&harness).await, json!([]));

        // If it is hidden in another way, its history entry loses the mark and stays: the page may be navigating.
        let element = "document.querySelector('cr3dentials-verify')";
        browser.run(&format!("{element}.open()")).await;
        until("the sheet's history entry", || async {
            browser.run("return !!history.state?.cr3d").await.as_bool().filter(|ours| *ours)
        })
        .await;
        escape(&harness).await;
        until("an entry without the mark", || async {
            browser.run("return !history.state?.cr3d").await.as_bool().filter(|unmarked| *unmarked)
        })
        .await;
        assert!(!is_open(&harness).await);
        assert_eq!(browser.run("return history.length").await, entries);

        // The next sheet uses the entry again.
        browser.run(&format!("{element}.open()")).await;
        assert_eq!(browser.run("return history.state?.cr3d").await, true);
        browser.run(&format!("{element}.hide()")).await;
        assert_eq!(browser.run("return history.state?.cr3d").await, Value::Null);
        assert_eq!(browser.run("return history.length").await, entries);

        // A new entry of the page is no way back.
        browser.run(&format!("{element}.open(); location.hash = 'more'")).await;
        until("the page's entry", || async {
            browser.run("return location.hash").await.as_str().filter(|hash| *hash == "#more").map(drop)
        })
        .await;
        assert!(is_open(&harness).await, "the page's own navigation hid the sheet");
        assert_eq!(browser.run("return window.sameP").await, true);
    });
}

/// Opens the sheet, which must leave the page's history as it is.
async fn expect_no_entry(harness: &Harness) {
    let open = "window.entries = history.length; document.querySelector('cr3dentials-verify').open()";
    harness.browser.run(open).await;
    until("an open sheet", || async { is_open(harness).await.then_some(()) }).await;
    assert_eq!(harness.browser.run("return [history.length - entries, history.state]").await, json!([0, null]));
}

#[test]
fn sheet_adds_no_history_entry_where_it_needs_none() {
    run_test("phone_history", |harness| async move {
        hold(&harness, 360, 640).await;
        // This browser closes dialogs by Back itself.
        start(&harness, json!({"platform-id": "1", "mode": "modal"})).await;
        expect_no_entry(&harness).await;

        // The page keeps Back for itself.
        forget_close_watchers(&harness).await;
        start(&harness, json!({"platform-id": "1", "mode": "modal", "back-button": "false"})).await;
        expect_no_entry(&harness).await;
    });
}

#[test]
fn sheet_fits_above_the_keyboard() {
    run_test("phone_keyboard", |harness| async move {
        let browser = &harness.browser;
        hold(&harness, 360, 640).await;
        // Emulation cannot open a keyboard. A page notices one as a smaller visual viewport.
        let viewport = "const fake = Object.assign(new EventTarget(), {scale: 1, height: 640, width: 360, offsetTop: 0}); \
            Object.defineProperty(window, 'visualViewport', {value: fake});";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": viewport})).await;
        open(&harness).await;
        browser.run("Object.assign(visualViewport, {height: 320, offsetTop: 12}); visualViewport.dispatchEvent(new Event('resize'))").await;
        let sheet = "const {y, height} = deep('.cr3d').getBoundingClientRect(); return [y, height]";
        assert_eq!(browser.run(sheet).await, json!([12, 320]));
        keep(&harness, "phone-keyboard").await;
        // A user who zooms in wants to see a part of the page, so the layout does not change.
        browser.run("Object.assign(visualViewport, {height: 100, scale: 2}); visualViewport.dispatchEvent(new Event('resize'))").await;
        assert_eq!(browser.run(sheet).await, json!([12, 320]));
        browser.run("Object.assign(visualViewport, {height: 640, scale: 1, offsetTop: 0}); visualViewport.dispatchEvent(new Event('resize'))").await;
        assert_eq!(browser.run(sheet).await, json!([0, 640]));
    });
}

#[test]
fn web_view_without_storage_resumes_by_attributes() {
    run_test("web_view", |harness| async move {
        let browser = &harness.browser;
        let without = "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no', 'SecurityError') }}); \
            Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }}); \
            window.open = () => null; \
            const send = fetch; window.fetch = async (...given) => { const response = await send(...given); \
            if (given[1]?.method === 'POST') window.created ??= (await response.clone().json()).data; return response };";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": without})).await;
        let url = format!("{}/states.html", harness.origin);
        let begin = "const element = document.createElement('cr3dentials-verify'); \
            const {start, ...attributes} = {'proxy-url': '/api/verification', 'platform-id': 1, ...arguments_}; \
            for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value); \
            document.querySelector('main').replaceChildren(element)";
        let begin_with = |attributes: serde_json::Value| begin.replace("arguments_", &attributes.to_string());
        browser.open(&url).await;
        browser.run(&begin_with(json!({}))).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let created = browser.run("return window.created").await;

        browser.open(&url).await;
        let known = json!({"session-id": created["sessionId"], "client-token": created["clientToken"]});
        browser.run(&begin_with(known)).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let id = browser.run("return events.at(-1).detail.sessionId").await;
        assert_eq!(id, created["sessionId"], "another session was started");
    });
}
