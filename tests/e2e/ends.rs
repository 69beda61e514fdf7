//! Sessions that do not complete: the texts shown, and the result that the partner's server gets.

use crate::harness::{Harness, run_test};

async fn walk_to(harness: &Harness, user: &str, title: &str) -> serde_json::Value {
    let browser = &harness.browser;
    browser.open(&format!("{}/element.html", harness.origin)).await;
    browser.sign_in(user).await;
    browser.wait_for_text(".cr3d-title", title).await;
    browser.run("return window.events.find(e => e.name === 'cr3d-end').detail").await
}

#[test]
fn partial_session_ends_without_a_complete_event() {
    run_test("partial", |harness| async move {
        let end = walk_to(&harness, "partial", "Partly verified").await;
        assert_eq!(end["reason"], "partial");
        let names = harness.browser.run("return window.events.map(e => e.name)").await;
        let names = names.to_string();
        assert!(names.contains("cr3d-partial") && !names.contains("cr3d-complete"), "{names}");
        let result = harness.result(end["sessionId"].as_str().unwrap()).await;
        assert_eq!(result["status"], "PARTIAL_COMPLETE");
    });
}

#[test]
fn failed_session_shows_its_code_and_can_be_retried() {
    run_test("error", |harness| async move {
        let end = walk_to(&harness, "error", "We could not verify your account").await;
        assert_eq!(end["reason"], "failed");
        assert_eq!(end["code"], "ACCOUNT_LOCKED");
        harness.browser.wait_for_text(".cr3d-code", "ACCOUNT_LOCKED").await;
        harness.browser.wait_for_text(".cr3d-line", "Harbor").await;
        // "Try again" starts a new session.
        harness.browser.click(".cr3d-primary").await;
        harness.browser.sign_in("success").await;
        harness.browser.wait_for_text(".cr3d-title", "Verified").await;
        let ends = harness.browser.run("return window.events.filter(e => e.name === 'cr3d-end').length").await;
        assert_eq!(ends, 2);
    });
}

#[test]
fn canceling_in_the_frame_ends_the_session() {
    run_test("cancel", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.enter_frame_at("#username").await;
        browser.driver.find(thirtyfour::By::Css("#cancel")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "You cancelled").await;
        let end = browser.run("return window.events.find(e => e.name === 'cr3d-end').detail").await;
        assert_eq!(end["reason"], "cancelled");
        assert_eq!(harness.result(end["sessionId"].as_str().unwrap()).await["status"], "CANCELLED");
    });
}
