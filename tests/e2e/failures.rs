//! Failures of the component itself, and pages that prevent it from working.

use serde_json::json;

use crate::accessibility::axe;
use crate::harness::{run_test, until};
use crate::states::{jump, session, start};

#[test]
fn panic_emits_one_error_and_plain_mode_takes_over() {
    run_test("panic", |harness| async move {
        let browser = &harness.browser;
        session(&harness).await;
        // The next element that the view creates fails, so it panics while rendering.
        let sabotage = "const real = [Node.prototype.cloneNode, Document.prototype.createElement]; \
            Node.prototype.cloneNode = Document.prototype.createElement = () => { \
                [Node.prototype.cloneNode, Document.prototype.createElement] = real; throw new Error('broken on purpose') }";
        browser.run(sabotage).await;
        let id = browser.run("return events.find(e => e.name === 'cr3d-ready').detail.sessionId").await;
        harness.force(id.as_str().unwrap(), "CONNECTED").await;
        browser.wait_for_text(".cr3d-title", "Opening Uber").await;
        jump(&harness, "mono", 10_500).await;
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        until("the error", || async { (browser.run(codes).await == json!(["internal"])).then_some(()) }).await;
        // Plain mode takes over with the same frame and learns the outcome that the view could not show.
        browser.wait_for_text(".cr3d-wait", "Opening a secure window").await;
        harness.force(id.as_str().unwrap(), "TERMINATED").await;
        browser.wait_for_text(".cr3d-wait", "The verification was ended").await;
        let names = browser.run("return events.map(e => e.name.slice(5))").await;
        let ends = names.as_array().unwrap().iter().filter(|name| *name == "end").count();
        let readies = names.as_array().unwrap().iter().filter(|name| *name == "ready").count();
        assert_eq!((ends, readies), (1, 1), "{names}");
        browser.run("document.querySelector('main').replaceChildren()").await;
        assert_eq!(browser.run(codes).await, json!(["internal"]), "removal emitted another error");
        // There is no warning on leaving any more, and every lock is released.
        let left = "const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); \
            return event.defaultPrevented";
        assert_eq!(browser.run(left).await, false, "the page still warns");
        let locks = "return navigator.locks.query().then(({held}) => held.length)";
        until("every lock", || async { (browser.run(locks).await == 0).then_some(()) }).await;

        // Elements added to this page later start without the module.
        browser.run("events.length = 0; window.start({'proxy-url': '/api/verification', 'platform-id': '1'})").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-wait", "Verified").await;
        let modes = "return events.filter(e => e.name === 'cr3d-ready').map(e => e.detail.mode)";
        assert_eq!(browser.run(modes).await, json!(["plain"]));
    });
}

#[test]
fn frame_blocked_by_page_csp_is_offered_as_a_window() {
    run_test("frame_blocked", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({})).await;
        let policy = "document.head.insertAdjacentHTML('beforeend', \
            `<meta http-equiv=Content-Security-Policy content=\"frame-src 'self'\">`); \
            window.start({'proxy-url': '/api/verification', 'platform-id': '1'})";
        browser.run(policy).await;
        browser.wait_for_text(".cr3d-title", "The window cannot open on this page").await;
        let link = browser.wait_for(".cr3d-notice a").await;
        let (href, rel) = (link.attr("href").await.unwrap().unwrap(), link.attr("rel").await.unwrap());
        assert!(href.starts_with(harness.sandbox.frame_origin()), "{href}");
        assert_eq!(rel.as_deref(), Some("noopener"));
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        assert_eq!(browser.run(codes).await, json!(["frame-blocked"]));
    });
}

#[test]
fn frame_blocked_before_the_view_loads_is_reported() {
    run_test("frame_blocked_early", |harness| async move {
        let browser = &harness.browser;
        // The module loads only when the test allows it.
        let script = "const ask = fetch; const held = new Promise(go => { window.letGo = go }); \
            window.fetch = (url, ...rest) => String(url).includes('.wasm') ? held.then(() => ask(url, ...rest)) : ask(url, ...rest); \
            document.addEventListener('securitypolicyviolation', () => { window.refused = true })";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
        let policy = "document.head.insertAdjacentHTML('beforeend', \
            `<meta http-equiv=Content-Security-Policy content=\"frame-src 'self'\">`); \
            window.start({'proxy-url': '/api/verification', 'platform-id': '1'})";
        // In modal mode, nothing starts before it is opened.
        start(&harness, json!({"mode": "modal"})).await;
        browser.run(policy).await;
        until("the policy violation", || async {
            (browser.run("return window.refused ?? false").await == true).then_some(())
        })
        .await;
        browser.run("letGo()").await;
        browser.wait_for_text(".cr3d-title", "The window cannot open on this page").await;
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        assert_eq!(browser.run(codes).await, json!(["frame-blocked"]));
    });
}

/// Scripts that break WebAssembly in a page before the package is loaded.
const WITHOUT_WASM: [(&str, &str); 3] = [
    ("switched off", "delete window.WebAssembly"),
    (
        "refused to compile",
        "const no = () => Promise.reject(new WebAssembly.CompileError('no')); \
         Object.assign(WebAssembly, {instantiate: no, instantiateStreaming: no, compile: no, compileStreaming: no})",
    ),
    (
        "a 404",
        "const send = fetch; window.fetch = (url, ...rest) => send(String(url).includes('.wasm') ? '/gone' : url, ...rest)",
    ),
];

#[test]
fn plain_mode_verifies_without_webassembly() {
    for (number, (how, script)) in WITHOUT_WASM.into_iter().enumerate() {
        run_test(&format!("plain_{number}"), |harness| async move {
            let browser = &harness.browser;
            browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
            start(&harness, json!({"platform-id": "1"})).await;
            browser.sign_in("otp").await;
            browser.wait_for_text(".cr3d-wait", "Your turn").await;
            axe(&harness, "the plain mode").await;
            browser.type_code("123456").await;
            browser.wait_for_text(".cr3d-wait", "Verified").await;
            let ready = "return events.find(e => e.name === 'cr3d-ready').detail.mode";
            assert_eq!(browser.run(ready).await, "plain", "{how}");
            let ends = browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.reason)").await;
            assert_eq!(ends, json!(["completed"]), "{how}");

            // A failure shows its code and can be retried.
            start(&harness, json!({"platform-id": "1", "partner-name": "Harbor"})).await;
            browser.sign_in("error").await;
            browser.wait_for_text(".cr3d-wait", "We could not verify your account").await;
            browser.wait_for_text(".cr3d-view", "ACCOUNT_LOCKED").await;
            browser.click(".cr3d-actions button").await;
            browser.sign_in("success").await;
            browser.wait_for_text(".cr3d-wait", "Verified").await;
        });
    }
}
