//! When the component itself breaks, or the page around it does not let it work.

use serde_json::json;

use crate::stage::{play, until};
use crate::states::{session, start};

#[test]
fn a_panic_is_one_error_and_the_frame_stays() {
    play("panic", |stage| async move {
        let browser = &stage.browser;
        session(&stage).await;
        browser.run("deep('iframe').mark = 'mine'").await;
        // The view cannot make elements any more: what it does next fails in the middle.
        browser.run("Node.prototype.cloneNode = () => { throw new Error('broken on purpose') }").await;
        let id = browser.run("return events.find(e => e.name === 'cr3d-ready').detail.sessionId").await;
        stage.force(id.as_str().unwrap(), "TERMINATED").await;
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        until("the error", || async { (browser.run(codes).await == json!(["internal"])).then_some(()) }).await;
        browser.run("document.querySelector('cr3dentials-verify').refresh()").await;
        assert_eq!(browser.run(codes).await, json!(["internal"]), "one error");
        assert!(browser.console().await.contains("does nothing after an internal error"));
        browser.run("document.querySelector('main').replaceChildren()").await;
        assert_eq!(browser.run(codes).await, json!(["internal"]), "leaving says nothing more");
    });
}

#[test]
fn a_frame_that_the_page_s_own_policy_refuses_is_offered_as_a_window() {
    play("frame_blocked", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({})).await;
        let policy = "document.head.insertAdjacentHTML('beforeend', \
            `<meta http-equiv=Content-Security-Policy content=\"frame-src 'self'\">`); \
            window.start({'proxy-url': '/api/verification', 'platform-id': '1'})";
        browser.run(policy).await;
        browser.wait_for_text(".cr3d-title", "The window cannot open on this page").await;
        let link = browser.wait_for(".cr3d-notice a").await;
        let (href, rel) = (link.attr("href").await.unwrap().unwrap(), link.attr("rel").await.unwrap());
        assert!(href.starts_with(&stage.sandbox.frame_origin()), "{href}");
        assert_eq!(rel.as_deref(), Some("noopener"));
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        assert_eq!(browser.run(codes).await, json!(["frame-blocked"]));
    });
}
