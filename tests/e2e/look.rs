//! How it looks and whether everyone can use it: axe-core before, during and after.

use serde_json::Value;
use thirtyfour::prelude::*;

use crate::stage::{Stage, artefact, play, until};

/// Runs axe-core over the page and fails with what it found.
pub(crate) async fn axe(stage: &Stage, when: &str) {
    let source = std::fs::read_to_string(artefact("CR3D_AXE", "npm/node_modules/axe-core/axe.min.js")).unwrap();
    stage.browser.run(&format!("if (!window.axe) {{ {source} }}")).await;
    let tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
    let found = stage
        .browser
        .run(&format!(
            "return axe.run(document, {{runOnly: {tags}, iframes: false}}).then(r => ({{checked: r.passes.length, \
             found: r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | '))}}))"
        ))
        .await;
    assert!(found["checked"].as_u64() > Some(10), "axe ran: {found}");
    assert_eq!(found["found"], Value::Array(vec![]), "{when}");
}

#[test]
fn axe_finds_nothing_in_the_demo_before_during_and_after() {
    play("axe_demo", |stage| async move {
        let browser = &stage.browser;
        browser.open(&stage.origin).await;
        browser.wait_for(".cr3d-platforms button").await;
        axe(&stage, "the picker").await;
        browser.pick("Uber").await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        axe(&stage, "during").await;
        browser.enter_frame_at("#username").await;
        axe(&stage, "the provider's window").await;
        browser.leave_frame().await;
        browser.sign_in("error").await;
        browser.wait_for(".cr3d-code").await;
        axe(&stage, "after a failure").await;
        browser.click(".cr3d-primary").await;
        // A user who has picked a platform may pick another one.
        browser.pick("Uber").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        axe(&stage, "after").await;
    });
}

#[test]
fn the_keyboard_alone_is_enough() {
    play("keyboard", |stage| async move {
        let browser = &stage.browser;
        browser.open(&stage.origin).await;
        browser.wait_for(".cr3d-platforms button").await;
        tab_to(&stage, ".cr3d-search input").await;
        press(&stage, "uber").await;
        browser.wait_for_text(".cr3d-platforms", "Uber").await;
        tab_to(&stage, ".cr3d-platform").await;
        press(&stage, "" + Key::Enter).await;

        browser.enter_frame_at("#username").await;
        let name = browser.driver.find(By::Css("#username")).await.unwrap();
        name.send_keys("success" + Key::Tab + "sandbox" + Key::Enter).await.unwrap();
        browser.leave_frame().await;
        assert_eq!(browser.run("return document.activeElement.tagName").await, "IFRAME");
        browser.wait_for_text(".cr3d-title", "Verified").await;
        // The frame had the focus and is gone: the words that say why have it now.
        let focused = browser.run("return document.activeElement.className").await;
        assert_eq!(focused, "cr3d-title");
    });
}

/// What has the focus, wherever it is.
const FOCUSED: &str = "let focused = document.activeElement; \
    while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;";

/// Presses Tab until what `selector` finds has the focus, and a ring that shows it.
pub(crate) async fn tab_to(stage: &Stage, selector: &str) {
    let mut left = 40;
    until(&format!("the focus on {selector}"), || {
        left -= 1;
        assert!(left > 0, "{selector} cannot be reached by Tab");
        async move {
            press(stage, "" + Key::Tab).await;
            let reached = format!("{FOCUSED} return focused === deep('{selector}')");
            stage.browser.run(&reached).await.as_bool().filter(|reached| *reached)
        }
    })
    .await;
    let ring = "const seen = e => e && (getComputedStyle(e).outlineStyle !== 'none' || seen(e.parentElement)); \
        return seen(focused)";
    assert_eq!(
        stage.browser.run(&format!("{FOCUSED} {ring}")).await,
        true,
        "{selector} has the focus and does not show it"
    );
}

pub(crate) async fn press(stage: &Stage, keys: impl Into<TypingData>) {
    let focused = stage.browser.driver.active_element().await.unwrap();
    focused.send_keys(keys).await.unwrap();
}
