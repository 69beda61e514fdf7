//! On a phone: a sheet as high as what can be seen, upright and on its side, with a keyboard, and a Back button.

use serde_json::json;

use crate::look::axe;
use crate::modal::{ends, escape, is_open};
use crate::stage::{Stage, play, until};
use crate::states::{CUT_OFF, keep_part, start};

async fn hold(stage: &Stage, width: u32, height: u32) {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": true});
    stage.browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    stage.browser.devtools("Emulation.setTouchEmulationEnabled", json!({"enabled": true})).await;
}

async fn open(stage: &Stage) {
    start(stage, json!({"platform-id": "1", "mode": "modal"})).await;
    stage.browser.run("window.sameP = true; document.querySelector('cr3dentials-verify').open()").await;
    stage.browser.enter_frame_at("#username").await;
    stage.browser.leave_frame().await;
    stage.browser.wait_for_text(".cr3d-title", "Your turn").await;
}

async fn keep(stage: &Stage, name: &str) {
    if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
        let page = "return {x: 0, y: 0, width: innerWidth, height: innerHeight, scale: 1}";
        keep_part(stage, page, std::path::PathBuf::from(folder).join(format!("{name}.webp"))).await;
    }
}

#[test]
fn the_sheet_fills_the_screen_and_the_frame_gets_what_is_left() {
    play("phone", |stage| async move {
        let browser = &stage.browser;
        hold(&stage, 360, 640).await;
        open(&stage).await;
        let sheet = "const {x, y, width, height} = deep('.cr3d').getBoundingClientRect(); return [x, y, width, height]";
        assert_eq!(browser.run(sheet).await, json!([0, 0, 360, 640]));
        let frame = browser.run("return deep('iframe').getBoundingClientRect().height").await;
        assert!(frame.as_f64() > Some(320.0), "the frame is the largest thing: {frame}");
        let fits =
            "const box = deep('iframe').getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight";
        assert_eq!(browser.run(fits).await, true);
        assert_eq!(browser.run(CUT_OFF).await, json!([]));
        axe(&stage, "upright").await;
        keep(&stage, "phone-upright").await;

        hold(&stage, 640, 360).await;
        until("the sheet on its side", || async {
            (browser.run(sheet).await == json!([0, 0, 640, 360])).then_some(())
        })
        .await;
        assert_eq!(browser.run(fits).await, true);
        let frame = browser.run("return deep('iframe').getBoundingClientRect().height").await;
        assert!(frame.as_f64() > Some(200.0), "on its side: {frame}");
        assert_eq!(browser.run(CUT_OFF).await, json!([]));
        keep(&stage, "phone-on-its-side").await;

        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn the_back_button_closes_the_sheet_and_not_the_page() {
    play("phone_back", |stage| async move {
        let browser = &stage.browser;
        hold(&stage, 360, 640).await;
        open(&stage).await;
        let entries = browser.run("return history.length").await;
        browser.run("history.back()").await;
        browser.wait_for_text(".cr3d-leave", "Stop verifying?").await;
        assert!(is_open(&stage).await, "it asks first");
        keep(&stage, "phone-leaving").await;
        browser.run("history.back()").await;
        until("a closed sheet", || async { (!is_open(&stage).await).then_some(()) }).await;
        assert_eq!(browser.run("return window.sameP").await, true, "the page is still there");
        assert_eq!(ends(&stage).await, json!([]));

        // Hidden by the user in another way, it takes its entry along.
        let element = "document.querySelector('cr3dentials-verify')";
        browser.run(&format!("{element}.open()")).await;
        until("our entry", || async {
            browser.run("return !!history.state?.cr3d").await.as_bool().filter(|ours| *ours)
        })
        .await;
        escape(&stage).await;
        until("the page's entry", || async {
            browser.run("return !history.state?.cr3d").await.as_bool().filter(|theirs| *theirs)
        })
        .await;
        assert!(!is_open(&stage).await);
        assert_eq!(browser.run("return history.length").await, entries);
        assert_eq!(browser.run("return window.sameP").await, true);

        // Hidden by the page, which may be on its way elsewhere, it goes nowhere, and uses the entry again.
        browser.run(&format!("{element}.open(); {element}.hide(); window.isOver = false; deep('.cr3d').addEventListener('close', () => isOver = true)")).await;
        until("the end of hiding", || async { browser.run("return isOver").await.as_bool().filter(|closed| *closed) })
            .await;
        browser.run(&format!("{element}.open()")).await;
        assert_eq!(browser.run("return history.state?.cr3d").await, true);
        assert_eq!(browser.run("return history.length").await, entries);
    });
}

#[test]
fn the_sheet_follows_what_the_keyboard_leaves_room_for() {
    play("phone_keyboard", |stage| async move {
        let browser = &stage.browser;
        hold(&stage, 360, 640).await;
        // No emulation opens a keyboard; what a page sees of one is a smaller visual viewport.
        let viewport = "const fake = Object.assign(new EventTarget(), {scale: 1, height: 640, width: 360, offsetTop: 0}); \
            Object.defineProperty(window, 'visualViewport', {value: fake});";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": viewport})).await;
        open(&stage).await;
        browser.run("Object.assign(visualViewport, {height: 320, offsetTop: 12}); visualViewport.dispatchEvent(new Event('resize'))").await;
        let sheet = "const {y, height} = deep('.cr3d').getBoundingClientRect(); return [y, height]";
        assert_eq!(browser.run(sheet).await, json!([12, 320]));
        keep(&stage, "phone-keyboard").await;
        // Who zooms in wants to see a part of it: nothing is laid out anew.
        browser.run("Object.assign(visualViewport, {height: 100, scale: 2}); visualViewport.dispatchEvent(new Event('resize'))").await;
        assert_eq!(browser.run(sheet).await, json!([12, 320]));
        browser.run("Object.assign(visualViewport, {height: 640, scale: 1, offsetTop: 0}); visualViewport.dispatchEvent(new Event('resize'))").await;
        assert_eq!(browser.run(sheet).await, json!([0, 640]));
    });
}

#[test]
fn a_web_view_without_storage_or_popups_resumes_by_attributes() {
    play("web_view", |stage| async move {
        let browser = &stage.browser;
        let without = "Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no', 'SecurityError') }}); \
            Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }}); \
            window.open = () => null; \
            const ask = fetch; window.fetch = async (...given) => { const answer = await ask(...given); \
            if (given[1]?.method === 'POST') window.created ??= (await answer.clone().json()).data; return answer };";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": without})).await;
        let url = format!("{}/states.html", stage.origin);
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
        assert_eq!(id, created["sessionId"], "the same session went on");
    });
}
