//! Languages: taken from the page, mirrored when written from right to left, and changed during a sign-in.

use serde_json::{Value, json};

use crate::harness::{Harness, run_test};
use crate::states::look;

/// Adds an element with these additional attributes to the page.
async fn begin(harness: &Harness, page_lang: &str, attributes: &str) {
    let browser = &harness.browser;
    browser.open(&format!("{}/element.html", harness.origin)).await;
    let element = format!(
        "<cr3dentials-verify proxy-url='/api/verification' platform-id='1' partner-name='Harbor' {attributes}></cr3dentials-verify>"
    );
    browser
        .run(&format!(
            "document.querySelector('cr3dentials-verify').remove(); document.documentElement.lang = '{page_lang}'; \
             document.querySelector('#other-place').innerHTML = {}",
            json!(element)
        ))
        .await;
    browser.enter_frame_at("#username").await;
    browser.leave_frame().await;
}

/// Returns the dialog's language, text direction and accessible name.
async fn language_of_dialog(harness: &Harness) -> Value {
    harness.browser.run("const dialog = deep('dialog'); return [dialog.lang, dialog.dir, dialog.ariaLabel]").await
}

#[test]
fn page_language_is_used_and_changes_without_a_frame_reload() {
    run_test("languages", |harness| async move {
        let browser = &harness.browser;
        begin(&harness, "de-AT", "").await;
        browser.wait_for_text(".cr3d-title", "Sie sind dran").await;
        browser.wait_for_text(".cr3d-heading", "Uber-Konto bestätigen").await;
        assert_eq!(language_of_dialog(&harness).await, json!(["de-AT", "ltr", "Kontobestätigung"]));
        assert_eq!(browser.run("return deep('iframe').title").await, "Kontobestätigung");
        browser.run("deep('iframe').dataset.mark = 'the same'").await;

        let element = "document.querySelector('cr3dentials-verify')";
        browser.run(&format!("{element}.lang = 'ja'")).await;
        browser.wait_for_text(".cr3d-title", "操作をお願いします").await;
        browser.run(&format!("{element}.strings = {{'awaitingUser.title': 'Your move'}}")).await;
        browser.wait_for_text(".cr3d-title", "Your move").await;
        browser.wait_for_text(".cr3d-line", "下の Uber のウィンドウで続けてください。").await;
        browser
            .run(&format!("{element}.partnerName = 'Hafen'; {element}.strings = undefined; {element}.lang = 'en'"))
            .await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        assert_eq!(browser.run("return deep('iframe').dataset.mark").await, "the same");

        browser.run(&format!("{element}.lang = 'fr'")).await;
        browser.sign_in("error").await;
        browser.wait_for_text(".cr3d-title", "Nous n’avons pas pu vérifier votre compte").await;
        browser.wait_for_text(".cr3d-line", "donnez ce code à Hafen").await;
        browser.wait_for_text(".cr3d-primary", "Réessayer").await;
        let console = browser.console().await;
        assert!(!console.contains("changed after the start"), "{console}");
    });
}

#[test]
fn arabic_layout_is_mirrored() {
    run_test("arabic", |harness| async move {
        let browser = &harness.browser;
        browser.resize(320, 900).await;
        begin(&harness, "en", "lang='ar'").await;
        browser.wait_for_text(".cr3d-title", "دورك الآن").await;
        assert_eq!(language_of_dialog(&harness).await, json!(["ar", "rtl", "التحقق من الحساب"]));
        // The status line starts with its icon, on the right.
        let mirrored = "const x = s => deep(s).getBoundingClientRect().x; return x('.cr3d-tone') > x('.cr3d-title')";
        assert_eq!(browser.run(mirrored).await, true);
        browser.wait_for_text(".cr3d-step-short", "الخطوة").await;
        look(&harness, "awaiting-user-ar", "دورك الآن").await;
    });
}

#[test]
fn every_language_fits_at_every_width() {
    run_test("every_language", |harness| async move {
        begin(&harness, "en", "").await;
        for (lang, title) in [
            ("de", "Sie sind dran"),
            ("es", "Le toca a usted"),
            ("fr", "À vous"),
            ("hi", "आपकी बारी"),
            ("ja", "操作をお願いします"),
            ("pt", "Sua vez"),
            ("zh", "请您操作"),
        ] {
            harness.browser.run(&format!("document.querySelector('cr3dentials-verify').lang = '{lang}'")).await;
            look(&harness, &format!("awaiting-user-{lang}"), title).await;
        }
    });
}
