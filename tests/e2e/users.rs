//! Every test user of the sandbox, in the browser: what they do is what the component shows.

use cr3dentials_embed::core::wire::SessionStatus;
use cr3dentials_sandbox::{FrameTrouble, Lack, Outcome, TestUser, test_users};
use serde_json::json;
use thirtyfour::prelude::*;

use crate::stage::{Stage, play, until};
use crate::states::{jump, start};

/// The reason and the title of each outcome.
fn end_of(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Completed => ("completed", "Verified"),
        Outcome::Partial => ("partial", "Partly verified"),
        Outcome::Failed => ("failed", "We could not verify your account"),
        Outcome::Cancelled => ("cancelled", "You cancelled"),
        Outcome::Terminated => ("terminated", "The verification was ended"),
    }
}

/// Where a user who never gets anywhere is left, and whether more is said about it once it lasts.
fn stuck(status: &SessionStatus) -> (&'static str, bool) {
    match status {
        SessionStatus::Created | SessionStatus::Initializing => ("Opening a secure window", true),
        SessionStatus::Ready => ("Ready when you are", false),
        SessionStatus::Connected | SessionStatus::LoadingTree => ("Opening Uber", true),
        SessionStatus::Running => ("Checking your Uber account", true),
        SessionStatus::AwaitingUser => ("Your turn", false),
        SessionStatus::CollectingData => ("Reading your account details", true),
        SessionStatus::Verifying => ("Making sure that the details are genuine", true),
        other => panic!("nobody is stuck at {other}"),
    }
}

async fn meet(stage: &Stage, user: &TestUser) {
    let browser = &stage.browser;
    stage.control("/settings", json!({"user": user.early.then_some(&user.name)})).await;
    start(stage, json!({"platform-id": "1"})).await;
    if !user.early {
        sign_in(stage, user).await;
    }
    if user.frame == Some(FrameTrouble::NeverLoads) {
        browser.wait_for_text(".cr3d-title", "Ready when you are").await;
        jump(stage, "mono", 20_500).await;
        browser.wait_for_text(".cr3d-notice", "Nothing there?").await;
    } else if let Some(status) = &user.stuck_at {
        let (title, is_slow) = stuck(status);
        browser.wait_for_text(".cr3d-title", title).await;
        if is_slow {
            jump(stage, "mono", 61_000).await;
            browser.wait_for_text(".cr3d-title", "This is taking longer than usual").await;
        }
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 0);
    } else {
        let (reason, title) = end_of(user.outcome);
        if user.pace < 1.0 {
            until("a slow end", || async {
                // Nobody waits ten times as long: time is made to pass.
                stage.control("/clock", json!({"advanceSecs": 2})).await;
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

async fn sign_in(stage: &Stage, user: &TestUser) {
    let browser = &stage.browser;
    browser.sign_in(&user.name).await;
    for _ in 0..user.refusals {
        // Refused: the window says so, and the same password is tried again.
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

async fn meet_all(stage: &Stage, wanted: impl Fn(&TestUser) -> bool) -> usize {
    let users: Vec<_> = test_users().iter().filter(|user| wanted(user)).collect();
    for user in &users {
        meet(stage, user).await;
    }
    users.len()
}

#[test]
fn whoever_gets_to_an_end_is_shown_it() {
    play("users_ends", |stage| async move {
        let met = meet_all(&stage, |user| user.stuck_at.is_none() && !user.early).await;
        assert!(met >= 14, "{met} users");
    });
}

#[test]
fn whoever_is_stuck_is_told_so_and_nothing_ends() {
    play("users_stuck", |stage| async move {
        let met = meet_all(&stage, |user| user.stuck_at.is_some() || user.early).await;
        assert!(met >= 10, "{met} users");
    });
}
