//! Other languages: found by the page's own, mirrored where they are, changed while somebody signs in.

use serde_json::{Value, json};

use crate::stage::{Stage, play};
use crate::states::look;

/// Puts an element into the page that has these further attributes.
async fn begin(stage: &Stage, page_lang: &str, attributes: &str) {
    let browser = &stage.browser;
    browser.open(&format!("{}/element.html", stage.origin)).await;
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

/// The language and direction that the dialog says it is in, and its name.
async fn spoken(stage: &Stage) -> Value {
    stage.browser.run("const dialog = deep('dialog'); return [dialog.lang, dialog.dir, dialog.ariaLabel]").await
}

#[test]
fn the_page_s_language_is_spoken_and_changes_without_touching_the_frame() {
    play("languages", |stage| async move {
        let browser = &stage.browser;
        begin(&stage, "de-AT", "").await;
        browser.wait_for_text(".cr3d-title", "Sie sind dran").await;
        browser.wait_for_text(".cr3d-heading", "Uber-Konto bestätigen").await;
        assert_eq!(spoken(&stage).await, json!(["de-AT", "ltr", "Kontobestätigung"]));
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
fn arabic_is_mirrored() {
    play("arabic", |stage| async move {
        let browser = &stage.browser;
        browser.resize(320, 900).await;
        begin(&stage, "en", "lang='ar'").await;
        browser.wait_for_text(".cr3d-title", "دورك الآن").await;
        assert_eq!(spoken(&stage).await, json!(["ar", "rtl", "التحقق من الحساب"]));
        // The icon of the status line is where reading begins.
        let mirrored = "const x = s => deep(s).getBoundingClientRect().x; return x('.cr3d-tone') > x('.cr3d-title')";
        assert_eq!(browser.run(mirrored).await, true);
        browser.wait_for_text(".cr3d-step-short", "الخطوة").await;
        look(&stage, "awaiting-user-ar", "دورك الآن").await;
    });
}

#[test]
fn every_language_is_whole_at_every_width() {
    play("every_language", |stage| async move {
        begin(&stage, "en", "").await;
        for (lang, title) in [
            ("de", "Sie sind dran"),
            ("es", "Le toca a usted"),
            ("fr", "À vous"),
            ("hi", "आपकी बारी"),
            ("ja", "操作をお願いします"),
            ("pt", "Sua vez"),
            ("zh", "请您操作"),
        ] {
            stage.browser.run(&format!("document.querySelector('cr3dentials-verify').lang = '{lang}'")).await;
            look(&stage, &format!("awaiting-user-{lang}"), title).await;
        }
    });
}
