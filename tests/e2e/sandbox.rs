//! The sandbox's own pages, as a person sees them: the window that asks for more than a password, and the console.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::look::axe;
use crate::stage::{Stage, play, until};

async fn begin(stage: &Stage) {
    stage.browser.open(&format!("{}/element.html", stage.origin)).await;
}

async fn send(stage: &Stage, keys: impl Into<TypingData>) {
    stage.browser.driver.active_element().await.unwrap().send_keys(keys).await.unwrap();
}

/// Waits for a step of the window and makes sure that everybody can use it.
async fn arrive(stage: &Stage, field: &str, heading: &str) {
    let browser = &stage.browser;
    browser.enter_frame_at(field).await;
    browser.wait_for_text("#said", heading).await;
    axe(stage, heading).await;
}

async fn focus(stage: &Stage, field: &str) {
    stage.browser.run(&format!("document.querySelector('{field}').focus()")).await;
}

#[test]
fn the_window_asks_for_a_code_a_question_and_an_account_by_keyboard_alone() {
    play("asks", |stage| async move {
        let browser = &stage.browser;
        begin(&stage).await;
        arrive(&stage, "#username", "Sign in to Uber").await;
        focus(&stage, "#username").await;
        send(&stage, "everything" + Key::Tab + "sandbox" + Key::Enter).await;

        arrive(&stage, "#code", "Enter your code").await;
        send(&stage, Key::Tab + "000000" + Key::Enter).await;
        browser.wait_for_text("#code-problem", "not right").await;
        send(&stage, "123456" + Key::Enter).await;

        arrive(&stage, "#answer", "Answer your security question").await;
        assert_eq!(browser.text("#question-text").await.unwrap(), "What was the name of your first pet?");
        send(&stage, Key::Tab + "Bento" + Key::Enter).await;

        arrive(&stage, "#accounts button", "Choose an account").await;
        send(&stage, "" + Key::Tab + Key::Tab + Key::Enter).await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn a_cut_stream_is_opened_again_and_keeps_what_was_typed() {
    play("cut_stream", |stage| async move {
        let browser = &stage.browser;
        begin(&stage).await;
        browser.enter_frame_at("#username").await;
        browser.type_into("#username", "success").await;
        let session = session(&stage).await;
        let streams = session["streams"].as_u64();
        stage.control(&format!("/sessions/{}/cut", session["sessionId"].as_str().unwrap()), json!({})).await;
        until("another stream", || async { (self::session(&stage).await["streams"].as_u64() > streams).then_some(()) })
            .await;
        let kept = browser.run("return document.querySelector('#username').value").await;
        assert_eq!(kept, "success");
        browser.type_into("#password", "sandbox").await;
        browser.driver.find(By::Css("#sign-in")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

/// The newest session, as the sandbox sees it.
async fn session(stage: &Stage) -> Value {
    stage.look("/sessions").await["sessions"][0].clone()
}

#[test]
fn hints_are_in_the_documented_dialect_and_for_the_page_around_it() {
    play("hints", |stage| async move {
        let browser = &stage.browser;
        begin(&stage).await;
        browser
            .run(
                "window.hints = []; window.addEventListener('message', e => hints.push({origin: e.origin, ...e.data}))",
            )
            .await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.sign_in("slow").await;
        let hints = async || browser.run("return window.hints").await.as_array().unwrap().clone();
        let said = |hints: &[Value], kind: &str| hints.iter().any(|hint| hint["type"] == kind);
        until("progress", || async { said(&hints().await, "progress").then_some(()) }).await;
        browser.enter_frame_at("#cancel").await;
        browser.driver.find(By::Css("#cancel")).await.unwrap().click().await.unwrap();
        browser.leave_frame().await;
        let hints =
            until("the last hint", || async { Some(hints().await).filter(|hints| said(hints, "cancel")) }).await;

        let session = session(&stage).await;
        for hint in &hints {
            assert_eq!(hint["source"], "cr3dentials-sandbox");
            assert_eq!(
                (&hint["origin"], &hint["sessionId"]),
                (&json!(stage.sandbox.frame_origin()), &session["sessionId"])
            );
            match hint["type"].as_str().unwrap() {
                "ready" | "cancel" => {}
                "status" => assert!(hint["status"].is_string() && hint["progress"].is_u64(), "{hint}"),
                "progress" => assert!(hint["progress"].is_u64(), "{hint}"),
                "resize" => assert!((200..2000).contains(&hint["height"].as_u64().unwrap()), "{hint}"),
                other => panic!("{other} is not documented"),
            }
        }
        assert!(said(&hints, "resize") && said(&hints, "status"), "{hints:?}");

        // No page that is not listed hears anything, wherever the window is opened.
        let code = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/crates/sandbox/src/frame/frame.js"));
        let code = code.unwrap();
        let loose = ["'*'", "\"*\"", "`*`", "referrer"];
        assert!(!loose.iter().any(|word| code.contains(word)), "targets are exact, and from the list");
    });
}

#[test]
fn the_console_shows_sessions_and_drives_them() {
    play("console", |stage| async move {
        let browser = &stage.browser;
        begin(&stage).await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.open(&stage.sandbox.console_url()).await;
        browser.wait_for_text("#sessions .status", "AWAITING_USER").await;
        axe(&stage, "the console").await;

        let choose = async |selector: &str, value: &str| {
            let select = browser.wait_for(selector).await;
            let option = select.find(By::Css(&format!("option[value='{value}']"))).await.unwrap();
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
        axe(&stage, "the console in use").await;

        let overview = stage.look("/overview").await;
        assert_eq!(overview["switches"]["createStatusCode"], 200);
        assert_eq!((&overview["faults"][0]["kind"], &overview["faults"][0]["times"]), (&json!("delay"), &json!(2)));
        assert_eq!((&overview["settings"]["user"], &overview["keys"][1]["id"]), (&json!("slow"), &json!("key-2")));

        browser.click("#faults button").await;
        browser.wait_for_text("#no-faults", "Nothing goes wrong").await;
        until("no faults", || async { (stage.look("/faults").await == json!([])).then_some(()) }).await;
        browser.click("[data-restart='false']").await;
        until("an empty table", || async {
            browser.run("return document.querySelector('#sessions').hidden").await.as_bool().filter(|hidden| *hidden)
        })
        .await;
        let console = browser.console().await;
        assert!(!console.contains("Content Security Policy"), "{console}");
    });
}
