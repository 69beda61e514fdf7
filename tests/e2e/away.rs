//! The user leaves the tab for three minutes, to find a code on their phone, and comes back.

use serde_json::json;

use crate::browser::Browser;
use crate::stage::{play, until};
use crate::states::start;

/// As a user does who was in another tab. A page that was frozen by command stays hidden when it is woken, and a hidden
/// page gets no clicks.
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
fn three_minutes_away_change_nothing_and_coming_back_asks_at_once() {
    play("away", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({"platform-id": "1"})).await;
        browser.sign_in("otp").await;
        browser.enter_frame_at("#code").await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let id = browser.run("return events.find(e => e.name === 'cr3d-ready').detail.sessionId").await;
        browser.run("window.loads = 0; deep('iframe').mark = 'mine'; deep('iframe').addEventListener('load', () => loads++)").await;
        let events = browser.run("return events.length").await;

        browser.devtools("Page.setWebLifecycleState", json!({"state": "frozen"})).await;
        until("the held question to be given up", || async { (stage.record.open() == 0).then_some(()) }).await;
        let before = stage.fresh_asks();
        // Three minutes, for both clocks of the page.
        browser.run("jump.mono += 180_000; jump.wall += 180_000").await;
        browser.devtools("Page.setWebLifecycleState", json!({"state": "active"})).await;
        comes_back(browser).await;
        until("a question at once", || async { (stage.fresh_asks() > before).then_some(()) }).await;

        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        assert_eq!(
            browser.run("return [deep('iframe').mark, loads]").await,
            json!(["mine", 0]),
            "the frame was touched"
        );
        assert_eq!(browser.run("return events.length").await, events, "something was said meanwhile");
        browser.type_code("123456").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(browser.run("return events.at(-1).detail.sessionId").await, id);
    });
}

#[test]
fn a_page_from_the_back_forward_cache_goes_on() {
    play("bfcache", |stage| async move {
        let browser = &stage.browser;
        browser.open(&format!("{}/element.html", stage.origin)).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        // One that asks before it is left is not kept; this user has been asked.
        browser
            .run(
                "dispatchEvent(new Event('beforeunload', {cancelable: true})); window.kept = true; \
            document.querySelector('cr3dentials-verify').refresh()",
            )
            .await;
        browser.open(&format!("{}/forger.html", stage.origin)).await;
        let before = stage.fresh_asks();
        browser.driver.back().await.unwrap();
        until("a question at once", || async { (stage.fresh_asks() > before).then_some(()) }).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let ends = browser.run("return events.filter(e => e.name === 'cr3d-end').length").await;
        assert_eq!(ends, 1);
        let reasons = "return JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons ?? null)";
        assert_eq!(browser.run("return !!window.kept").await, true, "{}", browser.run(reasons).await);
    });
}

#[test]
fn a_clock_that_is_ten_minutes_wrong_expires_nothing() {
    play("wrong_clock", |stage| async move {
        let browser = &stage.browser;
        for wrong in [-600_000, 600_000] {
            browser.open(&format!("{}/states.html", stage.origin)).await;
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
