//! Window messages: the component accepts them only from the iframe's own window and exact origin. docs/DESIGN.md explains
//! why even those are only a reason to poll.

use crate::harness::{Harness, run_test, until};

/// A message as an attacker would forge it.
const FORGED: &str = "{source: 'cr3dentials-sandbox', type: 'status', status: 'COMPLETED'}";

async fn at_sign_in(harness: &Harness) {
    let browser = &harness.browser;
    browser.open(&format!("{}/element.html", harness.origin)).await;
    browser.enter_frame_at("#username").await;
    browser.leave_frame().await;
    browser.wait_for_text(".cr3d-title", "Your turn").await;
    // Status requests caused by the provider's own hints have completed.
    until("a quiet moment", || async {
        let (polls, open) = (harness.fresh_polls(), harness.record.open());
        tokio::task::yield_now().await;
        (open == 1 && harness.fresh_polls() == polls).then_some(())
    })
    .await;
}

/// Lets the page's queued messages be delivered.
async fn settle(harness: &Harness) {
    harness
        .browser
        .run("return new Promise(done => { const channel = new MessageChannel(); channel.port1.onmessage = () => setTimeout(done, 0); channel.port2.postMessage(0); })")
        .await;
}

#[test]
fn forged_messages_are_ignored_and_a_genuine_one_polls() {
    run_test("forged", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        let before = harness.fresh_polls();
        let events = browser.run("return window.events.length").await;

        // Wrong source and wrong origin: sent by the page itself.
        browser.run(&format!("for (let i = 0; i < 50; i++) window.postMessage({FORGED}, '*')")).await;
        // Right origin, wrong window: sent by another frame of the provider.
        let other = format!("{}/icons/uber.svg", harness.sandbox.frame_origin());
        browser
            .run(&format!(
                "const frame = document.createElement('iframe'); frame.id = 'other'; frame.src = '{other}'; \
                 document.body.append(frame); return new Promise(done => frame.onload = done)"
            ))
            .await;
        let frame = browser.wait_for("#other").await;
        frame.enter_frame().await.unwrap();
        browser.run(&format!("for (let i = 0; i < 50; i++) parent.postMessage({FORGED}, '*')")).await;
        browser.leave_frame().await;
        // A synthetic event that claims the right window and origin.
        let genuine = harness.sandbox.frame_origin();
        browser
            .run(&format!(
                "const source = deep('.cr3d-frame iframe').contentWindow; for (let i = 0; i < 50; i++) \
                 window.dispatchEvent(new MessageEvent('message', {{data: {FORGED}, origin: '{genuine}', source}}))"
            ))
            .await;
        settle(&harness).await;
        assert_eq!(harness.fresh_polls(), before, "a forged message caused a status request");
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        assert_eq!(browser.run("return window.events.length").await, events);

        // The same message from the frame itself is a hint to poll, and no more than that.
        let frame = browser.wait_for(".cr3d-frame iframe").await;
        frame.enter_frame().await.unwrap();
        browser.run(&format!("parent.postMessage({FORGED}, '*')")).await;
        browser.leave_frame().await;
        until("a fresh status request", || async { (harness.fresh_polls() > before).then_some(()) }).await;
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        let names = browser.run("return window.events.map(e => e.name)").await.to_string();
        assert!(!names.contains("cr3d-complete") && !names.contains("cr3d-end"), "{names}");
    });
}

#[test]
fn message_from_right_window_with_wrong_origin_is_ignored() {
    run_test("wrong_origin", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        let before = harness.fresh_polls();
        // The frame's window navigates to another origin. Its load event makes the component poll once.
        let elsewhere = format!("{}/states.html", harness.origin);
        browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        browser.run(&format!("location.href = '{elsewhere}'")).await;
        until("the other page", || async {
            let there = browser.run("return location.href + document.readyState").await;
            (there == format!("{elsewhere}complete")).then_some(())
        })
        .await;
        until("the status request after the load", || async { (harness.fresh_polls() > before).then_some(()) }).await;
        let polls = harness.fresh_polls();
        browser.run(&format!("for (let i = 0; i < 50; i++) parent.postMessage({FORGED}, '*')")).await;
        browser.leave_frame().await;
        settle(&harness).await;
        assert_eq!(harness.fresh_polls(), polls, "a message from another origin caused a status request");
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
    });
}

/// Returns a script that loads the forging page at `origin` in a separate frame and waits until it has sent everything.
fn forger_in_a_frame(origin: &str) -> String {
    format!(
        "const frame = document.createElement('iframe'); frame.src = '{origin}/forger.html'; \
         const done = new Promise(done => addEventListener('message', e => e.data?.forger && done())); \
         document.body.append(frame); await done;"
    )
}

/// Returns the forgeries that the page around the frame can attempt: the name and the script of each.
fn forgeries(harness: &Harness) -> Vec<(&'static str, String)> {
    let port = harness.origin.rsplit(':').next().unwrap().to_owned();
    let genuine = harness.sandbox.frame_origin();
    let source = "const source = deep('.cr3d-frame iframe').contentWindow;";
    let synthetic = |init: &str| {
        format!("{source} for (let n = 0; n < 20; n++) dispatchEvent(new MessageEvent('message', {{{init}}}));")
    };
    let forged = "{source: 'cr3dentials-sandbox', type: 'status', status: 'COMPLETED'}";
    vec![
        ("the page itself", format!("for (let n = 0; n < 20; n++) postMessage({forged}, '*');")),
        ("the page, with a port", format!("postMessage({forged}, '*', [new MessageChannel().port1]);")),
        ("the page, in the frame's own name", format!("{source} source.parent.postMessage({forged}, '*');")),
        ("the partner's own origin in a frame", forger_in_a_frame(&format!("http://localhost:{port}"))),
        ("a sibling subdomain", forger_in_a_frame(&format!("http://frame.localhost:{port}"))),
        ("a look-alike host", forger_in_a_frame(&format!("http://127.0.0.1.localhost:{port}"))),
        ("the right host on another port", forger_in_a_frame(&format!("http://127.0.0.1:{port}"))),
        (
            "an origin that is null",
            format!(
                "const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts'; \
                frame.srcdoc = `<script>parent.postMessage({forged}, '*'); parent.postMessage({{forger: 1}}, '*')</scr` + `ipt>`; \
                const done = new Promise(done => addEventListener('message', e => e.data?.forger && done())); \
                document.body.append(frame); await done;"
            ),
        ),
        (
            "a data: address",
            format!(
                "const frame = document.createElement('iframe'); \
                frame.src = `data:text/html,<script>parent.postMessage({forged}, '*'); parent.postMessage({{forger: 1}}, '*')</scr` + `ipt>`; \
                const done = new Promise(done => addEventListener('message', e => e.data?.forger && done())); \
                document.body.append(frame); await done;"
            ),
        ),
        ("synthetic, right origin and window", synthetic(&format!("data: {forged}, origin: '{genuine}', source"))),
        ("synthetic, right origin, no window", synthetic(&format!("data: {forged}, origin: '{genuine}'"))),
        ("synthetic, right window, no origin", synthetic(&format!("data: {forged}, source"))),
        (
            "synthetic, with overridden getters",
            format!(
                "{source} class Forged extends MessageEvent {{ get isTrusted() {{ return true }} get origin() {{ return '{genuine}' }} \
                get source() {{ return source }} }} dispatchEvent(new Forged('message', {{data: {forged}}}));"
            ),
        ),
        (
            "synthetic, with data that throws on access",
            synthetic(&format!(
                "data: new Proxy({{}}, {{get() {{ throw new Error('read') }}}}), origin: '{genuine}', source"
            )),
        ),
        (
            "an event of another class",
            format!(
                "{source} dispatchEvent(Object.assign(new Event('message'), {{data: {forged}, lastEventId: ''}}));"
            ),
        ),
        (
            "dispatched at the iframe element",
            format!(
                "deep('.cr3d-frame iframe').dispatchEvent(new MessageEvent('message', {{data: {forged}, bubbles: true, composed: true}}));"
            ),
        ),
        (
            "dispatched at the custom element",
            format!(
                "document.querySelector('cr3dentials-verify').dispatchEvent(new MessageEvent('message', {{data: {forged}, bubbles: true}}));"
            ),
        ),
        (
            "an internal event, dispatched inside",
            "deep('.cr3d').dispatchEvent(new CustomEvent('complete', {bubbles: true}));".to_owned(),
        ),
        (
            "a broadcast",
            format!("const channel = new BroadcastChannel('cr3d'); channel.postMessage({forged}); channel.close();"),
        ),
        (
            "text, numbers and nothing",
            "for (const data of ['COMPLETED', 7, null, undefined, true, [], 10n]) postMessage(data, '*');".to_owned(),
        ),
        ("a huge message", "postMessage({type: 'status', status: 'x'.repeat(5_000_000)}, '*');".to_owned()),
        (
            "deeply nested data",
            "let deep_ = {}; for (let n = 0; n < 2000; n++) deep_ = {deep_}; postMessage(deep_, '*');".to_owned(),
        ),
        ("a prototype", "postMessage(JSON.parse('{\"__proto__\": {\"status\": \"COMPLETED\"}}'), '*');".to_owned()),
        ("ten thousand messages at once", format!("for (let n = 0; n < 10_000; n++) postMessage({forged}, '*');")),
    ]
}

#[test]
fn forgeries_by_the_surrounding_page_are_ignored() {
    run_test("forgeries", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        let forgeries = forgeries(&harness);
        assert!(forgeries.len() >= 20, "{}", forgeries.len());
        let before = (harness.fresh_polls(), browser.run("return window.events.length").await);
        for (name, script) in forgeries {
            browser.run(&format!("return (async () => {{ {script} }})()")).await;
            settle(&harness).await;
            assert_eq!((harness.fresh_polls(), browser.run("return window.events.length").await), before, "{name}");
            assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"), "{name}");
            let height = browser.run("return deep('.cr3d-frame iframe').getBoundingClientRect().height").await;
            assert_eq!(height, 560, "{name}");
        }
        // No forger received a reply.
        for index in 0..4 {
            let frames = browser.driver.find_all(thirtyfour::By::Css("iframe[src$='forger.html']")).await.unwrap();
            frames[index].clone().enter_frame().await.unwrap();
            assert_eq!(browser.run("return window.replies").await, 0);
            browser.leave_frame().await;
        }
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn other_windows_of_the_right_origin_are_ignored() {
    run_test("other_window", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        let before = harness.fresh_polls();
        let (driver, genuine) = (&browser.driver, harness.sandbox.frame_origin());
        let first = driver.window().await.unwrap();
        browser.run(&format!("window.open('{genuine}/icons/uber.svg'); return null")).await;
        let popup = until("the popup", || async {
            driver.windows().await.unwrap().into_iter().find(|handle| *handle != first)
        })
        .await;
        driver.switch_to_window(popup).await.unwrap();
        until("its page", || async {
            let there = browser.run("return location.origin + document.readyState").await;
            (there == format!("{genuine}complete")).then_some(())
        })
        .await;
        browser.run(&format!("for (let n = 0; n < 20; n++) opener.postMessage({FORGED}, '*')")).await;
        driver.close_window().await.unwrap();
        driver.switch_to_window(first).await.unwrap();
        settle(&harness).await;
        // Returning to a page causes one immediate status request, and no more than that.
        assert!(harness.fresh_polls() <= before + 1, "{} instead of {before}", harness.fresh_polls());
        until("a quiet moment", || async { (harness.record.open() == 1).then_some(()) }).await;
        let before = harness.fresh_polls();
        // A window nested in the frame, with the frame's origin, is ignored too.
        browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        let nested = format!(
            "const inner = document.createElement('iframe'); inner.src = '/icons/uber.svg'; inner.style.display = 'none'; \
            const loaded = new Promise(done => inner.onload = done); document.body.append(inner); await loaded; \
            inner.contentWindow.eval(`for (let n = 0; n < 20; n++) top.postMessage({FORGED}, '*')`)"
        );
        browser.run(&format!("return (async () => {{ {nested} }})().catch(String)")).await;
        browser.leave_frame().await;
        settle(&harness).await;
        assert_eq!(harness.fresh_polls(), before);
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
    });
}

#[test]
fn messages_before_ready_and_after_the_end_are_ignored() {
    run_test("early_and_late", |harness| async move {
        let browser = &harness.browser;
        harness.record.set(crate::site::Network::Paused);
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.wait_for_text(".cr3d-title", "Opening a secure window").await;
        browser.run(&format!("for (let n = 0; n < 50; n++) postMessage({FORGED}, '*')")).await;
        settle(&harness).await;
        assert_eq!(browser.run("return window.events.length").await, 0);
        harness.record.set(crate::site::Network::Normal);
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let (polls, events) = (harness.record.started().len(), browser.run("return window.events.length").await);
        browser.run(&format!("for (let n = 0; n < 50; n++) postMessage({FORGED}, '*')")).await;
        browser.run("document.querySelector('cr3dentials-verify').refresh()").await;
        settle(&harness).await;
        assert_eq!((harness.record.started().len(), browser.run("return window.events.length").await), (polls, events));
    });
}

#[test]
fn any_message_from_the_frame_itself_is_only_a_hint() {
    run_test("strange_words", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        for words in [
            "'x'.repeat(5_000_000)",
            "(() => { let deep = {}; for (let n = 0; n < 2000; n++) deep = {deep}; return deep })()",
            "(() => { const self = {}; self.self = self; return self })()",
            "new Map([['status', 'COMPLETED']])",
            "new Uint8Array(1_000_000)",
            "10n",
            "{type: {toString: 'not a function'}, height: {}}",
            "{status: 'COMPLETED', sessionId: 'another', hasAttestation: true}",
        ] {
            browser.run(&format!("parent.postMessage({words}, '*')")).await;
        }
        browser
            .run("for (let n = 0; n < 10_000; n++) parent.postMessage({type: 'status', status: 'COMPLETED'}, '*')")
            .await;
        browser.leave_frame().await;
        settle(&harness).await;
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        let names = browser.run("return window.events.map(e => e.name)").await.to_string();
        assert!(!names.contains("complete") && !names.contains("error") && !names.contains("end"), "{names}");
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}
