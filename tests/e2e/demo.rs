//! The demo page's own controls: languages, modes, and the playground for colors.

use crate::accessibility::axe;
use crate::harness::{run_test, until};

#[test]
fn demo_changes_language_and_mode_during_sign_in() {
    run_test("demo_controls", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.pick("Uber").await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let speak = |lang: &str| {
            format!(
                "const list = document.querySelector('.language select'); list.value = '{lang}'; \
                list.dispatchEvent(new Event('change', {{bubbles: true}}))"
            )
        };
        browser.run(&speak("de")).await;
        browser.wait_for_text(".cr3d-title", "Sie sind dran").await;
        browser.run(&speak("ar")).await;
        browser.wait_for(".cr3d[dir=rtl]").await;
        browser.run(&speak("en")).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;

        browser.run("deep('iframe').mark = 'mine'").await;
        let mode = |name: &str| {
            format!(
                "[...document.querySelectorAll('.switch label')].find(l => l.textContent === '{name}').querySelector('input').click()"
            )
        };
        browser.run(&mode("Modal")).await;
        until("the dialog", || async {
            browser.run("return deep('dialog').matches(':modal')").await.as_bool().filter(|modal| *modal)
        })
        .await;
        assert_eq!(browser.run("return deep('iframe').mark").await, "mine");
        axe(&harness, "the demo with its dialog").await;
        browser.run(&mode("Inline")).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        let last = browser.text("[data-event=step] code").await.unwrap();
        assert!(last.contains("\"next\":\"completed\""), "the last step in the log: {last}");
    });
}

#[test]
fn playground_prints_the_css_for_its_preview() {
    run_test("playground", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.wait_for(".cr3d-platforms button").await;
        browser.run("document.querySelector('.playground').closest('details').open = true").await;
        let set = |label: &str, value: &str| {
            format!(
                "const input = [...document.querySelectorAll('.playground label')].find(l => l.textContent.startsWith('{label}')).querySelector('input, select'); \
                input.value = '{value}'; input.dispatchEvent(new Event('input', {{bubbles: true}})); input.dispatchEvent(new Event('change', {{bubbles: true}}))"
            )
        };
        browser.run(&set("Accent", "#ffd500")).await;
        browser.wait_for_text(".css", "--cr3d-accent: #ffd500;").await;
        // Black has more contrast on yellow; the CSS sets that too.
        browser.wait_for_text(".css", "--cr3d-on-accent: #14181f;").await;
        browser.wait_for_text(".bench [role=status]", "accent on background has a contrast of 1.4").await;
        let radius = browser.run("return getComputedStyle(deep('.cr3d')).borderRadius").await;
        browser.run(&set("Card corners", "0")).await;
        browser.wait_for_text(".css", "--cr3d-radius: 0px;").await;
        assert_ne!(browser.run("return getComputedStyle(deep('.cr3d')).borderRadius").await, radius);
        axe(&harness, "the playground").await;
    });
}
