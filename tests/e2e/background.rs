//! A user leaves the tab for three minutes, to find a code on their phone, and comes back.

use serde_json::json;

use crate::browser::Browser;
use crate::harness::{run_test, until};
use crate::states::start;

/// Brings the page to the front, as a user does who comes from another tab. A page frozen by a devtools command stays
/// hidden when it is resumed, and a hidden page gets no clicks.
async fn comes_back(browser: &Browser) {
    let here = browser.driver.window().await.unwrap();
    let there = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(there).await.unwrap();
    browser.driver.close_window().await.unwrap();
    browser.driver.switch_to_window(here).await.unwrap();
    until("a visible page", || async {
        (browser.run("return document.visibilityState").await == "visible").then_some(())
    })
    .await;
}

#[test]
fn after_three_minutes_away_the_page_polls_at_once() {
    run_test("away", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({"platform-id": "1"})).await;
        browser.sign_in("otp").await;
        browser.enter_frame_at("#code").await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let id = browser.run("return events.find(e => e.name === 'cr3d-ready').detail.sessionId").await;
        browser.run("window.loads = 0; deep('iframe').mark = 'mine'; deep('iframe').addEventListener('load', () => loads++)").await;
        let events = browser.run("return events.length").await;

        browser.devtools("Page.setWebLifecycleState", json!({"state": "frozen"})).await;
        until("the long poll to be aborted", || async { (harness.record.open() == 0).then_some(()) }).await;
        let before = harness.fresh_polls();
        // Advances both clocks of the page by three minutes.
        browser.run("jump.mono += 180_000; jump.wall += 180_000").await;
        browser.devtools("Page.setWebLifecycleState", json!({"state": "active"})).await;
        comes_back(browser).await;
        until("an immediate status request", || async { (harness.fresh_polls() > before).then_some(()) }).await;

        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        assert_eq!(
            browser.run("return [deep('iframe').mark, loads]").await,
            json!(["mine", 0]),
            "the frame was touched"
        );
        assert_eq!(browser.run("return events.length").await, events, "an event was emitted meanwhile");
        browser.type_code("123456").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(browser.run("return events.at(-1).detail.sessionId").await, id);
    });
}

#[test]
fn page_restored_from_the_back_forward_cache_continues() {
    run_test("bfcache", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        // A page with a leave warning is not cached; this user has seen the warning already.
        browser
            .run(
                "dispatchEvent(new Event('beforeunload', {cancelable: true})); window.kept = true; \
            document.querySelector('cr3dentials-verify').refresh()",
            )
            .await;
        browser.open(&format!("{}/forger.html", harness.origin)).await;
        let before = harness.fresh_polls();
        browser.driver.back().await.unwrap();
        until("an immediate status request", || async { (harness.fresh_polls() > before).then_some(()) }).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let ends = browser.run("return events.filter(e => e.name === 'cr3d-end').length").await;
        assert_eq!(ends, 1);
        let reasons = "return JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons ?? null)";
        assert_eq!(browser.run("return !!window.kept").await, true, "{}", browser.run(reasons).await);
    });
}

#[test]
fn clock_ten_minutes_off_does_not_expire_the_session() {
    run_test("wrong_clock", |harness| async move {
        let browser = &harness.browser;
        for wrong in [-600_000, 600_000] {
            browser.open(&format!("{}/states.html", harness.origin)).await;
            until("the page", || async { browser.run("return !!window.start").await.as_bool().filter(|ready| *ready) })
                .await;
            browser
                .run(&format!("jump.wall = {wrong}; start({{'proxy-url': '/api/verification', 'platform-id': '1'}})"))
                .await;
            browser.sign_in("success").await;
            browser.wait_for_text(".cr3d-title", "Verified").await;
            let names = browser.run("return events.map(e => e.name)").await.to_string();
            assert!(!names.contains("expiring"), "{names}");
        }
    });
}
