//! The sandbox's own pages as a user sees them: the sign-in window with its further steps, and the console.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::accessibility::axe;
use crate::harness::{Harness, run_test, until};

async fn begin(harness: &Harness) {
    harness.browser.open(&format!("{}/element.html", harness.origin)).await;
}

async fn send(harness: &Harness, keys: impl Into<TypingData>) {
    harness.browser.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// Waits for a step of the sign-in window and checks its accessibility.
async fn arrive(harness: &Harness, field: &str, heading: &str) {
    let browser = &harness.browser;
    browser.enter_frame_at(field).await;
    browser.wait_for_text("#said", heading).await;
    axe(harness, heading).await;
}

async fn focus(harness: &Harness, field: &str) {
    harness.browser.run(&format!("document.querySelector('{field}').focus()")).await;
}

#[test]
fn every_sign_in_step_works_by_keyboard_alone() {
    run_test("sign_in_steps", |harness| async move {
        let browser = &harness.browser;
        begin(&harness).await;
        arrive(&harness, "#username", "Sign in to Uber").await;
        focus(&harness, "#username").await;
        send(&harness, "everything" + Key::Tab + "sandbox" + Key::Enter).await;

        arrive(&harness, "#code", "Enter your code").await;
        send(&harness, Key::Tab + "000000" + Key::Enter).await;
        browser.wait_for_text("#code-problem", "not right").await;
        send(&harness, "123456" + Key::Enter).await;

        arrive(&harness, "#answer", "Answer your security question").await;
        assert_eq!(browser.text("#question-text").await.unwrap(), "What was the name of your first pet?");
        send(&harness, Key::Tab + "Bento" + Key::Enter).await;

        arrive(&harness, "#accounts button", "Choose an account").await;
        send(&harness, "" + Key::Tab + Key::Tab + Key::Enter).await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn cut_stream_reconnects_and_keeps_typed_text() {
    run_test("cut_stream", |harness| async move {
        let browser = &harness.browser;
        begin(&harness).await;
        browser.enter_frame_at("#username").await;
        browser.type_into("#username", "success").await;
        let session = session(&harness).await;
        let streams = session["streams"].as_u64();
        harness.control(&format!("/sessions/{}/cut", session["sessionId"].as_str().unwrap()), json!({})).await;
        until("another stream", || async {
            (self::session(&harness).await["streams"].as_u64() > streams).then_some(())
        })
        .await;
        let kept = browser.run("return document.querySelector('#username').value").await;
        assert_eq!(kept, "success");
        browser.type_into("#password", "sandbox").await;
        browser.driver.find(By::Css("#sign-in")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

/// Returns the newest session, as the sandbox's control API shows it.
async fn session(harness: &Harness) -> Value {
    harness.look("/sessions").await["sessions"][0].clone()
}

#[test]
fn hints_have_documented_types_and_go_to_the_parent_page() {
    run_test("hints", |harness| async move {
        let browser = &harness.browser;
        begin(&harness).await;
        browser
            .run(
                "window.hints = []; window.addEventListener('message', e => hints.push({origin: e.origin, ...e.data}))",
            )
            .await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.sign_in("slow").await;
        let hints = async || browser.run("return window.hints").await.as_array().unwrap().clone();
        let has = |hints: &[Value], kind: &str| hints.iter().any(|hint| hint["type"] == kind);
        until("progress", || async { has(&hints().await, "progress").then_some(()) }).await;
        browser.enter_frame_at("#cancel").await;
        browser.driver.find(By::Css("#cancel")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
        let hints = until("the last hint", || async { Some(hints().await).filter(|hints| has(hints, "cancel")) }).await;

        let session = session(&harness).await;
        for hint in &hints {
            assert_eq!(hint["source"], "cr3dentials-sandbox");
            assert_eq!(
                (&hint["origin"], &hint["sessionId"]),
                (&json!(harness.sandbox.frame_origin()), &session["sessionId"])
            );
            match hint["type"].as_str().unwrap() {
                "ready" | "cancel" => {}
                "status" => assert!(hint["status"].is_string() && hint["progress"].is_u64(), "{hint}"),
                "progress" => assert!(hint["progress"].is_u64(), "{hint}"),
                "resize" => assert!((200..2000).contains(&hint["height"].as_u64().unwrap()), "{hint}"),
                other => panic!("{other} is not documented"),
            }
        }
        assert!(has(&hints, "resize") && has(&hints, "status"), "{hints:?}");

        // Pages that are not listed receive nothing, wherever the window is opened.
        let code =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/sandbox/src/frame/frame.js"));
        let code = code.unwrap();
        let loose = ["'*'", "\"*\"", "`*`", "referrer"];
        assert!(!loose.iter().any(|word| code.contains(word)), "messages must go to exact origins from the list");
    });
}

#[test]
fn console_shows_and_controls_sessions() {
    run_test("console", |harness| async move {
        let browser = &harness.browser;
        begin(&harness).await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.open(&harness.sandbox.console_url()).await;
        browser.wait_for_text("#sessions .status", "AWAITING_USER").await;
        axe(&harness, "the console").await;

        let choose = async |selector: &str, value: &str| {
            let select = browser.wait_for(selector).await;
            let option = select.find(By::Css(format!("option[value='{value}']"))).await.unwrap();
            option.click().await.unwrap();
        };
        choose("#sessions td:last-child select", "SOMETHING_NEW").await;
        browser.wait_for_text("#sessions .status", "SOMETHING_NEW").await;
        browser.click("#sessions .do button:nth-of-type(2)").await;
        browser.wait_for_text("#sessions .status", "TERMINATED").await;
        browser.wait_for_text("#webhooks tbody", "HTTP 2").await;

        choose("select[name=createStatusCode]", "200").await;
        choose("#fault-on", "get").await;
        choose("#fault-kind", "delay").await;
        browser.type_into("#fault-times", "2").await;
        browser.click("#fault-form button").await;
        browser.wait_for_text("#faults", "delay 3000 on get, 2 times more").await;
        choose("#next-user", "slow").await;
        browser.click("#add-key").await;
        browser.wait_for_text("#new-key", "key-2").await;
        browser.click("[data-advance='3600']").await;
        browser.wait_for_text("#said", "+1 hour").await;
        axe(&harness, "the console in use").await;

        let overview = harness.look("/overview").await;
        assert_eq!(overview["switches"]["createStatusCode"], 200);
        assert_eq!((&overview["faults"][0]["kind"], &overview["faults"][0]["times"]), (&json!("delay"), &json!(2)));
        assert_eq!((&overview["settings"]["user"], &overview["keys"][1]["id"]), (&json!("slow"), &json!("key-2")));

        browser.click("#faults button").await;
        browser.wait_for_text("#no-faults", "Nothing goes wrong").await;
        until("no faults", || async { (harness.look("/faults").await == json!([])).then_some(()) }).await;
        browser.click("[data-restart='false']").await;
        until("an empty table", || async {
            browser.run("return document.querySelector('#sessions').hidden").await.as_bool().filter(|hidden| *hidden)
        })
        .await;
        let console = browser.console().await;
        assert!(!console.contains("Content Security Policy"), "{console}");
    });
}
