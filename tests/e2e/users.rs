//! Every test user of the sandbox in the browser: the component shows the outcome that the user stands for.

use cr3dentials_core::wire::SessionStatus;
use cr3dentials_sandbox::{FrameTrouble, Lack, Outcome, TestUser, test_users};
use serde_json::json;
use thirtyfour::prelude::*;

use crate::harness::{Harness, run_test, until};
use crate::states::{jump, start};

/// Returns the end reason and the title of an outcome.
fn end_of(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Completed => ("completed", "Verified"),
        Outcome::Partial => ("partial", "Partly verified"),
        Outcome::Failed => ("failed", "We could not verify your account"),
        Outcome::Cancelled => ("cancelled", "You cancelled"),
        Outcome::Terminated => ("terminated", "The verification was ended"),
    }
}

/// Returns the title at which a stuck user stays, and true if a slow notice follows.
fn stuck(status: &SessionStatus) -> (&'static str, bool) {
    match status {
        SessionStatus::Created | SessionStatus::Initializing => ("Opening a secure window", true),
        SessionStatus::Ready => ("Ready when you are", false),
        SessionStatus::Connected | SessionStatus::LoadingTree => ("Opening Uber", true),
        SessionStatus::Running => ("Checking your Uber account", true),
        SessionStatus::AwaitingUser => ("Your turn", false),
        SessionStatus::CollectingData => ("Reading your account details", true),
        SessionStatus::Verifying => ("Making sure that the details are genuine", true),
        other => panic!("no test user is stuck at {other}"),
    }
}

async fn check_user(harness: &Harness, user: &TestUser) {
    let browser = &harness.browser;
    harness.control("/settings", json!({"user": user.early.then_some(&user.name)})).await;
    start(harness, json!({"platform-id": "1"})).await;
    if !user.early {
        sign_in(harness, user).await;
    }
    if user.frame == Some(FrameTrouble::NeverLoads) {
        browser.wait_for_text(".cr3d-title", "Ready when you are").await;
        jump(harness, "mono", 20_500).await;
        browser.wait_for_text(".cr3d-notice", "Nothing there?").await;
    } else if let Some(status) = &user.stuck_at {
        let (title, is_slow) = stuck(status);
        browser.wait_for_text(".cr3d-title", title).await;
        if is_slow {
            jump(harness, "mono", 61_000).await;
            browser.wait_for_text(".cr3d-title", "This is taking longer than usual").await;
        }
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 0);
    } else {
        let (reason, title) = end_of(user.outcome);
        if user.pace < 1.0 {
            until("a slow end", || async {
                // This user is ten times slower, so the sandbox's clock is advanced.
                harness.control("/clock", json!({"advanceSecs": 2})).await;
                browser.text(".cr3d-title").await.filter(|shown| shown.contains(title))
            })
            .await;
        }
        browser.wait_for_text(".cr3d-title", title).await;
        let reasons = browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.reason)").await;
        assert_eq!(reasons, json!([reason]));
        let code = browser.text(".cr3d-code").await;
        let has_code = user.outcome == Outcome::Failed && user.lacks != Some(Lack::Code);
        assert_eq!(code.is_some(), has_code, "{code:?}");
    }
}

async fn sign_in(harness: &Harness, user: &TestUser) {
    let browser = &harness.browser;
    browser.sign_in(&user.name).await;
    for _ in 0..user.refusals {
        // The sign-in window rejects the password; the same one is tried again.
        browser.enter_frame_at("#username").await;
        browser.wait_for_text("#sign-in-problem", "Wrong user name or password").await;
        browser.leave_frame().await;
        browser.sign_in(&user.name).await;
    }
    if let Some(code) = &user.code {
        browser.type_code(code).await;
    }
    if let Some(question) = &user.question {
        browser.enter_frame_at("#answer").await;
        browser.type_into("#answer", &question.answer).await;
        browser.driver.find(By::Css("#submit-answer")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
    }
    if !user.accounts.is_empty() {
        browser.enter_frame_at("#accounts button").await;
        browser.driver.find(By::Css("#accounts button")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
    }
}

async fn check_users(harness: &Harness, wanted: impl Fn(&TestUser) -> bool) -> usize {
    let users: Vec<_> = test_users().iter().filter(|user| wanted(user)).collect();
    for user in &users {
        check_user(harness, user).await;
    }
    users.len()
}

#[test]
fn finished_sessions_show_their_outcome() {
    run_test("users_ends", |harness| async move {
        let count = check_users(&harness, |user| user.stuck_at.is_none() && !user.early).await;
        assert!(count >= 14, "{count} users");
    });
}

#[test]
fn stuck_sessions_show_a_message_and_do_not_end() {
    run_test("users_stuck", |harness| async move {
        let count = check_users(&harness, |user| user.stuck_at.is_some() || user.early).await;
        assert!(count >= 10, "{count} users");
    });
}
