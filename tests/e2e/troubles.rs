//! When the component itself breaks, or the page around it does not let it work.

use serde_json::json;

use crate::look::axe;
use crate::stage::{play, until};
use crate::states::{jump, session, start};

#[test]
fn a_panic_is_one_error_and_the_plain_mode_goes_on() {
    play("panic", |stage| async move {
        let browser = &stage.browser;
        session(&stage).await;
        // The next element that the view wants to make fails, in the middle of what it does.
        let sabotage = "const real = [Node.prototype.cloneNode, Document.prototype.createElement]; \
            Node.prototype.cloneNode = Document.prototype.createElement = () => { \
                [Node.prototype.cloneNode, Document.prototype.createElement] = real; throw new Error('broken on purpose') }";
        browser.run(sabotage).await;
        let id = browser.run("return events.find(e => e.name === 'cr3d-ready').detail.sessionId").await;
        stage.force(id.as_str().unwrap(), "CONNECTED").await;
        browser.wait_for_text(".cr3d-title", "Opening Uber").await;
        jump(&stage, "mono", 10_500).await;
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        until("the error", || async { (browser.run(codes).await == json!(["internal"])).then_some(()) }).await;
        // The plain mode takes over, in the same frame, and finds out what the view could not show any more.
        browser.wait_for_text(".cr3d-wait", "Opening the sign-in page").await;
        stage.force(id.as_str().unwrap(), "TERMINATED").await;
        browser.wait_for_text(".cr3d-wait", "The verification was ended").await;
        let heard = browser.run("return events.map(e => e.name.slice(5))").await;
        let ends = heard.as_array().unwrap().iter().filter(|name| *name == "end").count();
        let readies = heard.as_array().unwrap().iter().filter(|name| *name == "ready").count();
        assert_eq!((ends, readies), (1, 1), "{heard}");
        browser.run("document.querySelector('main').replaceChildren()").await;
        assert_eq!(browser.run(codes).await, json!(["internal"]), "leaving says nothing more");
        // Nor does it keep anybody from leaving, or what others wait for.
        let left = "const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); \
            return event.defaultPrevented";
        assert_eq!(browser.run(left).await, false, "nothing is left to lose");
        let locks = "return navigator.locks.query().then(({held}) => held.length)";
        until("every lock", || async { (browser.run(locks).await == 0).then_some(()) }).await;

        // Whoever begins later in this page does so without the module.
        browser.run("events.length = 0; window.start({'proxy-url': '/api/verification', 'platform-id': '1'})").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-wait", "Verified").await;
        let modes = "return events.filter(e => e.name === 'cr3d-ready').map(e => e.detail.mode)";
        assert_eq!(browser.run(modes).await, json!(["plain"]));
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

#[test]
fn a_refused_frame_is_told_though_the_view_comes_later() {
    play("frame_blocked_early", |stage| async move {
        let browser = &stage.browser;
        // The module is on its way until the test lets it come.
        let script = "const ask = fetch; const held = new Promise(go => { window.letGo = go }); \
            window.fetch = (url, ...rest) => String(url).includes('.wasm') ? held.then(() => ask(url, ...rest)) : ask(url, ...rest); \
            document.addEventListener('securitypolicyviolation', () => { window.refused = true })";
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
        let policy = "document.head.insertAdjacentHTML('beforeend', \
            `<meta http-equiv=Content-Security-Policy content=\"frame-src 'self'\">`); \
            window.start({'proxy-url': '/api/verification', 'platform-id': '1'})";
        // Nothing begins before it is opened.
        start(&stage, json!({"mode": "modal"})).await;
        browser.run(policy).await;
        until("the refusal", || async { (browser.run("return window.refused ?? false").await == true).then_some(()) })
            .await;
        browser.run("letGo()").await;
        browser.wait_for_text(".cr3d-title", "The window cannot open on this page").await;
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        assert_eq!(browser.run(codes).await, json!(["frame-blocked"]));
    });
}

/// What breaks WebAssembly in a page, before anything of ours is loaded.
const WITHOUT_WASM: [(&str, &str); 3] = [
    ("switched off", "delete window.WebAssembly"),
    (
        "refused to compile",
        "const no = () => Promise.reject(new WebAssembly.CompileError('no')); \
         Object.assign(WebAssembly, {instantiate: no, instantiateStreaming: no, compile: no, compileStreaming: no})",
    ),
    (
        "a 404",
        "const ask = fetch; window.fetch = (url, ...rest) => ask(String(url).includes('.wasm') ? '/gone' : url, ...rest)",
    ),
];

#[test]
fn without_webassembly_the_plain_mode_verifies_too() {
    for (number, (how, script)) in WITHOUT_WASM.into_iter().enumerate() {
        play(&format!("plain_{number}"), |stage| async move {
            let browser = &stage.browser;
            browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
            start(&stage, json!({"platform-id": "1"})).await;
            browser.sign_in("otp").await;
            browser.wait_for_text(".cr3d-wait", "Your turn").await;
            axe(&stage, "the plain mode").await;
            browser.type_code("123456").await;
            browser.wait_for_text(".cr3d-wait", "Verified").await;
            let ready = "return events.find(e => e.name === 'cr3d-ready').detail.mode";
            assert_eq!(browser.run(ready).await, "plain", "{how}");
            let ends = browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.reason)").await;
            assert_eq!(ends, json!(["completed"]), "{how}");

            // A failure says its code, and another try begins.
            start(&stage, json!({"platform-id": "1", "partner-name": "Harbor"})).await;
            browser.sign_in("error").await;
            browser.wait_for_text(".cr3d-wait", "We could not verify your account").await;
            browser.wait_for_text(".cr3d-view", "ACCOUNT_LOCKED").await;
            browser.click(".cr3d-actions button").await;
            browser.sign_in("success").await;
            browser.wait_for_text(".cr3d-wait", "Verified").await;
        });
    }
}
