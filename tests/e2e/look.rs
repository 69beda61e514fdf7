//! How it looks and whether everyone can use it: axe-core before, during and after.

use serde_json::Value;

use crate::stage::{Stage, artefact, play};

/// Runs axe-core over the page and fails with what it found.
async fn axe(stage: &Stage, when: &str) {
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
        browser.sign_in("error").await;
        browser.wait_for(".cr3d-code").await;
        axe(&stage, "after a failure").await;
        browser.click(".cr3d-primary").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        axe(&stage, "after").await;
    });
}
