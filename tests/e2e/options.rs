//! Options and calls: those that may change, those that may not, and the warnings about them.

use serde_json::json;

use crate::harness::{run_test, until};
use crate::states::{session, start};

const ELEMENT: &str = "document.querySelector('cr3dentials-verify')";

#[test]
fn changing_a_fixed_option_warns_and_a_mutable_one_applies() {
    run_test("options", |harness| async move {
        let browser = &harness.browser;
        session(&harness).await;
        for (change, name) in [
            ("setAttribute('platform-id', '7')", "platform-id"),
            ("proxyUrl = '/elsewhere'", "proxyUrl"),
            ("platformId = 2", "platformId"),
            ("sessionId = 'another'", "sessionId"),
            ("resumeKey = 'other'", "resumeKey"),
        ] {
            browser.run(&format!("{ELEMENT}.{change}")).await;
            let console = browser.console().await;
            let warning = format!("\\\"{name}\\\" was changed after the start");
            assert!(console.contains(&warning) && console.contains("Insert the element again"), "{change}: {console}");
        }
        browser.run(&format!("Object.assign({ELEMENT}, {{theme: 'dark', partnerName: 'Hafen', mode: 'bare'}})")).await;
        let seen = "const dialog = deep('dialog'); return [dialog.dataset.theme, dialog.dataset.mode]";
        assert_eq!(browser.run(seen).await, json!(["dark", "bare"]));
        assert!(!browser.console().await.contains("was changed after"));
    });
}

#[test]
fn calls_before_ready_warn_and_do_nothing() {
    run_test("calls_early", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({})).await;
        let early = "const element = document.createElement('cr3dentials-verify'); \
            for (const call of ['refresh', 'remount', 'startAgain', 'close', 'hide', 'open']) element[call](); \
            return element.state";
        assert_eq!(browser.run(early).await, json!({"stage": "idle"}));
        let console = browser.console().await;
        for call in ["refresh", "remount", "startAgain", "close", "hide", "open"] {
            assert!(console.contains(&format!("{call}() does nothing before")), "{call}: {console}");
        }
    });
}

#[test]
fn debug_logs_each_decision_without_secrets() {
    run_test("debug", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({"platform-id": "1", "debug": ""})).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let stored = harness.record.exchanges();
        let created: serde_json::Value =
            stored.iter().find(|e| e.method == "POST").map(|e| serde_json::from_str(&e.body).unwrap()).unwrap();
        let console = browser.console().await;
        for part in [
            "start given → save, acquire ownership, status, mount, ready",
            "frame hint →",
            "ownership this tab",
            "complete, drop, forget, end",
            "[check COMPLETED]",
        ] {
            assert!(console.contains(part), "{part} is not in {console}");
        }
        for secret in ["clientToken", "embedUrl"] {
            let secret = created["data"][secret].as_str().unwrap();
            assert!(!console.contains(secret), "{secret} is in the log");
        }
        // Without `debug`, nothing is logged.
        start(&harness, json!({"platform-id": "1"})).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert!(!browser.console().await.contains("cr3d "));
    });
}

#[test]
fn telemetry_reports_step_durations_and_abandonment() {
    run_test("telemetry", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/states.html", harness.origin)).await;
        until("the page", || async { browser.run("return !!window.start").await.as_bool().filter(|ready| *ready) })
            .await;
        browser.run("window.steps = []; window.properties = {telemetry: step => steps.push(step)}").await;
        let begin = "start({'proxy-url': '/api/verification', 'platform-id': '1'})";
        browser.run(begin).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        // Steps that were never visible are left out; each starts where the previous one ended.
        let path =
            "return [steps[0].step, steps.every((s, n) => n === 0 || steps[n - 1].next === s.step), steps.at(-1).next]";
        assert_eq!(browser.run(path).await, json!(["connect", true, "completed"]));
        let sane = "return steps.every(s => s.millis >= 0 && s.millis < 60000 && s.sessionId === steps[0].sessionId)";
        assert_eq!(browser.run(sane).await, true);

        browser.run("steps.length = 0").await;
        browser.run(begin).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        browser.run("document.querySelector('main').replaceChildren()").await;
        let last = until("the step at which the user left", || async {
            browser.run("return steps.at(-1) ?? null").await.as_object().cloned().filter(|step| step["next"] == "left")
        })
        .await;
        assert_eq!(last["step"], "sign-in");
    });
}

#[test]
fn page_title_changes_only_with_the_page_title_option() {
    run_test("page_title", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({"platform-id": "1", "page-title": ""})).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run("return document.title").await, "Your turn · One state at a time");
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(browser.run("return document.title").await, "One state at a time");
        start(&harness, json!({"platform-id": "1"})).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run("return document.title").await, "One state at a time");
    });
}

#[test]
fn frame_height_is_clamped_and_color_scheme_is_applied() {
    run_test("auto_resize", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({"platform-id": "1", "auto-resize": "", "frame-color-scheme": "dark"})).await;
        browser.enter_frame_at("#username").await;
        let resize = |height: &str| format!("parent.postMessage({{type: 'resize', height: {height}}}, '*')");
        for (requested, applied) in [("700", 700), ("99999", 1200), ("1", 320), ("-5", 320)] {
            browser.run(&resize(requested)).await;
            browser.leave_frame().await;
            let height = "return deep('iframe').getBoundingClientRect().height";
            until(&format!("{requested} px"), || async { (browser.run(height).await == applied).then_some(()) }).await;
            browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        }
        for invalid in ["'700'", "NaN", "null", "{}", "1n"] {
            browser.run(&resize(invalid)).await;
        }
        browser.leave_frame().await;
        assert_eq!(browser.run("return deep('iframe').getBoundingClientRect().height").await, 320);
        assert_eq!(browser.run("return getComputedStyle(deep('iframe')).colorScheme").await, "dark");
        // Without `auto-resize`, the height does not change.
        start(&harness, json!({"platform-id": "1"})).await;
        browser.enter_frame_at("#username").await;
        browser.run(&resize("700")).await;
        browser.leave_frame().await;
        assert_eq!(browser.run("return deep('iframe').getBoundingClientRect().height").await, 560);
        assert_eq!(browser.run("return getComputedStyle(deep('iframe')).colorScheme").await, "light");
    });
}
