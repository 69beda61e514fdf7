//! Accessibility: axe-core before, during and after a verification, and use by keyboard alone.

use serde_json::Value;
use thirtyfour::prelude::*;

use crate::harness::{Harness, artifact, run_test, until};

/// Runs axe-core on the page and fails with its findings.
pub(crate) async fn axe(harness: &Harness, when: &str) {
    let source = std::fs::read_to_string(artifact("CR3D_AXE", "npm/node_modules/axe-core/axe.min.js")).unwrap();
    harness.browser.run(&format!("if (!window.axe) {{ {source} }}")).await;
    let tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
    let found = harness
        .browser
        .run(&format!(
            "return axe.run(document, {{runOnly: {tags}, iframes: false}}).then(r => ({{checked: r.passes.length, \
             found: r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | '))}}))"
        ))
        .await;
    assert!(found["checked"].as_u64() > Some(10), "axe checked too few rules: {found}");
    assert_eq!(found["found"], Value::Array(vec![]), "{when}");
}

#[test]
fn axe_finds_no_violations_in_the_demo() {
    run_test("axe_demo", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.wait_for(".cr3d-platforms button").await;
        axe(&harness, "the picker").await;
        browser.pick("Uber").await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        axe(&harness, "during").await;
        browser.enter_frame_at("#username").await;
        axe(&harness, "the provider's window").await;
        browser.leave_frame().await;
        browser.sign_in("error").await;
        browser.wait_for(".cr3d-code").await;
        axe(&harness, "after a failure").await;
        browser.click(".cr3d-primary").await;
        // A user who has picked a platform may pick a different one.
        browser.pick("Uber").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        axe(&harness, "after").await;
    });
}

#[test]
fn verification_works_by_keyboard_alone() {
    run_test("keyboard", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.wait_for(".cr3d-platforms button").await;
        tab_to(&harness, ".cr3d-search input").await;
        press(&harness, "uber").await;
        browser.wait_for_text(".cr3d-platforms", "Uber").await;
        tab_to(&harness, ".cr3d-platform").await;
        press(&harness, "" + Key::Enter).await;

        browser.enter_frame_at("#username").await;
        let name = browser.driver.find(By::Css("#username")).await.unwrap();
        name.send_keys("success" + Key::Tab + "sandbox" + Key::Enter).await.unwrap();
        browser.leave_frame().await;
        assert_eq!(browser.run("return document.activeElement.tagName").await, "IFRAME");
        browser.wait_for_text(".cr3d-title", "Verified").await;
        // The frame had the focus and was removed, so the result text has it now.
        let focused = browser.run("return document.activeElement.className").await;
        assert_eq!(focused, "cr3d-title");
    });
}

/// Script that finds the focused element, in the page or a shadow root.
const FOCUSED: &str = "let focused = document.activeElement; \
    while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;";

/// Presses Tab until the element matching `selector` has the focus, and checks its focus ring.
pub(crate) async fn tab_to(harness: &Harness, selector: &str) {
    let mut left = 40;
    until(&format!("the focus on {selector}"), || {
        left -= 1;
        assert!(left > 0, "{selector} cannot be reached by Tab");
        async move {
            press(harness, "" + Key::Tab).await;
            let reached = format!("{FOCUSED} return focused === deep('{selector}')");
            harness.browser.run(&reached).await.as_bool().filter(|reached| *reached)
        }
    })
    .await;
    let ring = "const seen = e => e && (getComputedStyle(e).outlineStyle !== 'none' || seen(e.parentElement)); \
        return seen(focused)";
    assert_eq!(
        harness.browser.run(&format!("{FOCUSED} {ring}")).await,
        true,
        "{selector} has the focus but no focus ring"
    );
}

pub(crate) async fn press(harness: &Harness, keys: impl Into<TypingData>) {
    let focused = harness.browser.driver.active_element().await.unwrap();
    focused.send_keys(keys).await.unwrap();
}
