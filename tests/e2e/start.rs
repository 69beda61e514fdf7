//! The start screen: nothing happens before the user wants it.

use serde_json::json;

use crate::look::axe;
use crate::stage::{Stage, play};
use crate::states::look;

async fn begin(stage: &Stage, attributes: &str) {
    let element = format!(
        "<cr3dentials-verify proxy-url='/api/verification' platform-id='1' start-screen {attributes}></cr3dentials-verify>"
    );
    stage.browser.open(&format!("{}/element.html", stage.origin)).await;
    let place = format!("document.querySelector('#place').innerHTML = {}", json!(element));
    stage
        .browser
        .run(&format!("document.querySelector('cr3dentials-verify').remove(); sessionStorage.clear(); {place}"))
        .await;
    stage.browser.wait_for_text(".cr3d-title", "Before you start").await;
}

#[test]
fn nothing_is_created_before_the_click() {
    play("start", |stage| async move {
        let browser = &stage.browser;
        let links = "partner-name='Harbor' privacy-url='/privacy' support-url='https://help.partner.example/'";
        begin(&stage, links).await;
        browser.wait_for_text(".cr3d-heading", "Verify your Uber account").await;
        browser.wait_for_text(".cr3d-line", "Harbor will receive").await;
        let sessions = stage.look("/sessions").await["sessions"].as_array().unwrap().len();
        let found = "return [...deep('dialog').querySelectorAll('.cr3d-links a')].map(a => [a.textContent, a.href])";
        let expected =
            json!([["Privacy", format!("{}/privacy", stage.origin)], ["Help", "https://help.partner.example/"],]);
        assert_eq!(browser.run(found).await, expected);
        look(&stage, "before-start", "Before you start").await;
        axe(&stage, "the start screen").await;
        assert_eq!(
            stage.look("/sessions").await["sessions"].as_array().unwrap().len(),
            sessions,
            "nothing was created"
        );

        browser.click(".cr3d-primary").await;
        browser.sign_in("error").await;
        browser.wait_for_text(".cr3d-title", "We could not verify your account").await;
        browser.wait_for_text(".cr3d-links", "Help").await;
        // Trying again is a click already: it is not asked for twice.
        browser.click(".cr3d-primary").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(stage.look("/sessions").await["sessions"].as_array().unwrap().len(), sessions + 2);
    });
}

#[test]
fn an_address_that_is_none_is_not_shown() {
    play("start_links", |stage| async move {
        begin(&stage, "privacy-url='javascript:alert(1)' support-url='data:text/html,x'").await;
        let links = stage.browser.run("return deep('dialog').querySelectorAll('.cr3d-links a').length").await;
        assert_eq!(links, 0);
    });
}
