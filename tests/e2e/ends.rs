//! The ends that are not happy ones, each with its words and what the partner's server gets.

use crate::stage::{Stage, play};

async fn walk_to(stage: &Stage, user: &str, title: &str) -> serde_json::Value {
    let browser = &stage.browser;
    browser.open(&format!("{}/element.html", stage.origin)).await;
    browser.sign_in(user).await;
    browser.wait_for_text(".cr3d-title", title).await;
    browser.run("return window.events.find(e => e.name === 'cr3d-end').detail").await
}

#[test]
fn partial_says_so_and_completes_nothing() {
    play("partial", |stage| async move {
        let end = walk_to(&stage, "partial", "Partly verified").await;
        assert_eq!(end["reason"], "partial");
        let names = stage.browser.run("return window.events.map(e => e.name)").await;
        let names = names.to_string();
        assert!(names.contains("cr3d-partial") && !names.contains("cr3d-complete"), "{names}");
        let result = stage.result(end["sessionId"].as_str().unwrap()).await;
        assert_eq!(result["status"], "PARTIAL_COMPLETE");
    });
}

#[test]
fn an_error_shows_its_code_and_a_way_on() {
    play("error", |stage| async move {
        let end = walk_to(&stage, "error", "We could not verify your account").await;
        assert_eq!(end["reason"], "failed");
        assert_eq!(end["code"], "ACCOUNT_LOCKED");
        stage.browser.wait_for_text(".cr3d-code", "ACCOUNT_LOCKED").await;
        stage.browser.wait_for_text(".cr3d-line", "Harbor").await;
        // Try again begins another session.
        stage.browser.click(".cr3d-primary").await;
        stage.browser.sign_in("success").await;
        stage.browser.wait_for_text(".cr3d-title", "Verified").await;
        let ends = stage.browser.run("return window.events.filter(e => e.name === 'cr3d-end').length").await;
        assert_eq!(ends, 2);
    });
}

#[test]
fn cancelling_in_the_frame_ends_it() {
    play("cancel", |stage| async move {
        let browser = &stage.browser;
        browser.open(&format!("{}/element.html", stage.origin)).await;
        browser.enter_frame_at("#username").await;
        browser.driver.find(thirtyfour::By::Css("#cancel")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "You cancelled").await;
        let end = browser.run("return window.events.find(e => e.name === 'cr3d-end').detail").await;
        assert_eq!(end["reason"], "cancelled");
        assert_eq!(stage.result(end["sessionId"].as_str().unwrap()).await["status"], "CANCELLED");
    });
}
