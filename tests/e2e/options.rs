//! What can be set, what can be changed, and what is said about the rest.

use serde_json::json;

use crate::stage::{play, until};
use crate::states::{session, start};

const ELEMENT: &str = "document.querySelector('cr3dentials-verify')";

#[test]
fn what_must_not_change_warns_by_name_and_what_may_does() {
    play("options", |stage| async move {
        let browser = &stage.browser;
        session(&stage).await;
        for (change, name) in [
            ("setAttribute('platform-id', '7')", "platform-id"),
            ("proxyUrl = '/elsewhere'", "proxyUrl"),
            ("platformId = 2", "platformId"),
            ("sessionId = 'another'", "sessionId"),
            ("resumeKey = 'other'", "resumeKey"),
        ] {
            browser.run(&format!("{ELEMENT}.{change}")).await;
            let console = browser.console().await;
            let said = format!("\\\"{name}\\\" was changed after the start");
            assert!(console.contains(&said) && console.contains("Take the element out"), "{change}: {console}");
        }
        browser.run(&format!("Object.assign({ELEMENT}, {{theme: 'dark', partnerName: 'Hafen', mode: 'bare'}})")).await;
        let seen = "const dialog = deep('dialog'); return [dialog.dataset.theme, dialog.dataset.mode]";
        assert_eq!(browser.run(seen).await, json!(["dark", "bare"]));
        assert!(!browser.console().await.contains("was changed after"));
    });
}

#[test]
fn calls_before_it_is_ready_are_explained_and_do_nothing() {
    play("calls_early", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({})).await;
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
fn debug_explains_each_decision_and_gives_no_secret_away() {
    play("debug", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({"platform-id": "1", "debug": ""})).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let stored = stage.record.exchanges();
        let created: serde_json::Value =
            stored.iter().find(|e| e.method == "POST").map(|e| serde_json::from_str(&e.body).unwrap()).unwrap();
        let console = browser.console().await;
        for part in [
            "start given → save, claim, status, mount, ready",
            "frame hint →",
            "claimed ours",
            "complete, drop, forget, end",
            "[check COMPLETED]",
        ] {
            assert!(console.contains(part), "{part} is not in {console}");
        }
        for secret in ["clientToken", "embedUrl"] {
            let secret = created["data"][secret].as_str().unwrap();
            assert!(!console.contains(secret), "{secret} is in the log");
        }
        // Without it, nothing.
        start(&stage, json!({"platform-id": "1"})).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert!(!browser.console().await.contains("cr3d "));
    });
}

#[test]
fn telemetry_says_how_long_each_step_took_and_where_people_stop() {
    play("telemetry", |stage| async move {
        let browser = &stage.browser;
        browser.open(&format!("{}/states.html", stage.origin)).await;
        until("the page", || async { browser.run("return !!window.start").await.as_bool().filter(|ready| *ready) })
            .await;
        browser.run("window.steps = []; window.properties = {telemetry: step => steps.push(step)}").await;
        let begin = "start({'proxy-url': '/api/verification', 'platform-id': '1'})";
        browser.run(begin).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        // Steps that nobody saw are left out; each begins where the one before it ended.
        let path =
            "return [steps[0].step, steps.every((s, n) => n === 0 || steps[n - 1].next === s.step), steps.at(-1).next]";
        assert_eq!(browser.run(path).await, json!(["connect", true, "completed"]));
        let sane = "return steps.every(s => s.millis >= 0 && s.millis < 60000 && s.sessionId === steps[0].sessionId)";
        assert_eq!(browser.run(sane).await, true);

        browser.run("steps.length = 0").await;
        browser.run(begin).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        browser.run("document.querySelector('main').replaceChildren()").await;
        let last = until("the step that was left", || async {
            browser.run("return steps.at(-1) ?? null").await.as_object().cloned().filter(|step| step["next"] == "left")
        })
        .await;
        assert_eq!(last["step"], "sign-in");
    });
}

#[test]
fn the_page_s_title_calls_the_user_only_where_that_is_wanted() {
    play("page_title", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({"platform-id": "1", "page-title": ""})).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run("return document.title").await, "Your turn · One state at a time");
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(browser.run("return document.title").await, "One state at a time");
        start(&stage, json!({"platform-id": "1"})).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run("return document.title").await, "One state at a time");
    });
}

#[test]
fn the_frame_gets_the_height_it_asks_for_within_bounds_and_its_colour_scheme() {
    play("auto_resize", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({"platform-id": "1", "auto-resize": "", "frame-color-scheme": "dark"})).await;
        browser.enter_frame_at("#username").await;
        let says = |height: &str| format!("parent.postMessage({{type: 'resize', height: {height}}}, '*')");
        for (asked, given) in [("700", 700), ("99999", 1200), ("1", 320), ("-5", 320)] {
            browser.run(&says(asked)).await;
            browser.leave_frame().await;
            let height = "return deep('iframe').getBoundingClientRect().height";
            until(&format!("{asked} px"), || async { (browser.run(height).await == given).then_some(()) }).await;
            browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        }
        for nonsense in ["'700'", "NaN", "null", "{}", "1n"] {
            browser.run(&says(nonsense)).await;
        }
        browser.leave_frame().await;
        assert_eq!(browser.run("return deep('iframe').getBoundingClientRect().height").await, 320);
        assert_eq!(browser.run("return getComputedStyle(deep('iframe')).colorScheme").await, "dark");
        // Where it is not allowed nothing moves.
        start(&stage, json!({"platform-id": "1"})).await;
        browser.enter_frame_at("#username").await;
        browser.run(&says("700")).await;
        browser.leave_frame().await;
        assert_eq!(browser.run("return deep('iframe').getBoundingClientRect().height").await, 560);
        assert_eq!(browser.run("return getComputedStyle(deep('iframe')).colorScheme").await, "light");
    });
}
