//! The start screen: no session is created before the user clicks.

use serde_json::json;

use crate::accessibility::axe;
use crate::harness::{Harness, run_test};
use crate::states::look;

async fn begin(harness: &Harness, attributes: &str) {
    let element = format!(
        "<cr3dentials-verify proxy-url='/api/verification' platform-id='1' start-screen {attributes}></cr3dentials-verify>"
    );
    harness.browser.open(&format!("{}/element.html", harness.origin)).await;
    let place = format!("document.querySelector('#place').innerHTML = {}", json!(element));
    harness
        .browser
        .run(&format!("document.querySelector('cr3dentials-verify').remove(); sessionStorage.clear(); {place}"))
        .await;
    harness.browser.wait_for_text(".cr3d-title", "Before you start").await;
}

#[test]
fn start_screen_creates_no_session_before_the_click() {
    run_test("start", |harness| async move {
        let browser = &harness.browser;
        let links = "partner-name='Harbor' privacy-url='/privacy' support-url='https://help.partner.example/'";
        begin(&harness, links).await;
        browser.wait_for_text(".cr3d-heading", "Verify your Uber account").await;
        browser.wait_for_text(".cr3d-line", "Harbor will receive").await;
        let sessions = harness.look("/sessions").await["sessions"].as_array().unwrap().len();
        let found = "return [...deep('dialog').querySelectorAll('.cr3d-links a')].map(a => [a.textContent, a.href])";
        let expected =
            json!([["Privacy", format!("{}/privacy", harness.origin)], ["Help", "https://help.partner.example/"],]);
        assert_eq!(browser.run(found).await, expected);
        look(&harness, "before-start", "Before you start").await;
        axe(&harness, "the start screen").await;
        assert_eq!(
            harness.look("/sessions").await["sessions"].as_array().unwrap().len(),
            sessions,
            "a session was created"
        );

        browser.click(".cr3d-primary").await;
        browser.sign_in("error").await;
        browser.wait_for_text(".cr3d-title", "We could not verify your account").await;
        browser.wait_for_text(".cr3d-links", "Help").await;
        // "Try again" is a click already, so the start screen is skipped.
        browser.click(".cr3d-primary").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(harness.look("/sessions").await["sessions"].as_array().unwrap().len(), sessions + 2);
    });
}

#[test]
fn links_with_unsafe_urls_are_not_shown() {
    run_test("start_links", |harness| async move {
        begin(&harness, "privacy-url='javascript:alert(1)' support-url='data:text/html,x'").await;
        let links = harness.browser.run("return deep('dialog').querySelectorAll('.cr3d-links a').length").await;
        assert_eq!(links, 0);
    });
}
