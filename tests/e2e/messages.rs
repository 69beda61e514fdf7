//! Messages: from the iframe's own window and exact origin, or not at all. What peers get wrong, see docs/DESIGN.md.

use crate::stage::{Stage, play, until};

/// A message as a forger would write it.
const FORGED: &str = "{source: 'cr3dentials-sandbox', type: 'status', status: 'COMPLETED'}";

async fn at_sign_in(stage: &Stage) {
    let browser = &stage.browser;
    browser.open(&format!("{}/element.html", stage.origin)).await;
    browser.enter_frame_at("#username").await;
    browser.leave_frame().await;
    browser.wait_for_text(".cr3d-title", "Your turn").await;
    // The provider's own hints of the way here are answered.
    until("a quiet moment", || async {
        let (asked, open) = (stage.fresh_asks(), stage.record.open());
        tokio::task::yield_now().await;
        (open == 1 && stage.fresh_asks() == asked).then_some(())
    })
    .await;
}

/// Lets the page's queued messages be delivered.
async fn settle(stage: &Stage) {
    stage
        .browser
        .run("return new Promise(done => { const channel = new MessageChannel(); channel.port1.onmessage = () => setTimeout(done, 0); channel.port2.postMessage(0); })")
        .await;
}

#[test]
fn forged_messages_change_nothing_and_a_genuine_one_makes_it_ask() {
    play("forged", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
        let before = stage.fresh_asks();
        let events = browser.run("return window.events.length").await;

        // Wrong source and wrong origin: the page itself.
        browser.run(&format!("for (let i = 0; i < 50; i++) window.postMessage({FORGED}, '*')")).await;
        // Right origin, wrong window: another frame of the provider's.
        let other = format!("{}/icons/uber.svg", stage.sandbox.frame_origin());
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
        // Right window and origin by its own word: a synthetic event.
        let genuine = stage.sandbox.frame_origin();
        browser
            .run(&format!(
                "const source = deep('.cr3d-frame iframe').contentWindow; for (let i = 0; i < 50; i++) \
                 window.dispatchEvent(new MessageEvent('message', {{data: {FORGED}, origin: '{genuine}', source}}))"
            ))
            .await;
        settle(&stage).await;
        assert_eq!(stage.fresh_asks(), before, "a forged message made it ask");
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        assert_eq!(browser.run("return window.events.length").await, events);

        // The same words from the frame itself: a hint, and no more than that.
        let frame = browser.wait_for(".cr3d-frame iframe").await;
        frame.enter_frame().await.unwrap();
        browser.run(&format!("parent.postMessage({FORGED}, '*')")).await;
        browser.leave_frame().await;
        until("a fresh question", || async { (stage.fresh_asks() > before).then_some(()) }).await;
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        let names = browser.run("return window.events.map(e => e.name)").await.to_string();
        assert!(!names.contains("cr3d-complete") && !names.contains("cr3d-end"), "{names}");
    });
}

#[test]
fn the_right_window_with_a_wrong_origin_is_not_heard() {
    play("wrong_origin", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
        let before = stage.fresh_asks();
        // The remote browser's window is led to another origin. That it loaded makes the component ask, once.
        let elsewhere = format!("{}/states.html", stage.origin);
        browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        browser.run(&format!("location.href = '{elsewhere}'")).await;
        until("the other page", || async {
            let there = browser.run("return location.href + document.readyState").await;
            (there == format!("{elsewhere}complete")).then_some(())
        })
        .await;
        until("the question after the load", || async { (stage.fresh_asks() > before).then_some(()) }).await;
        let asked = stage.fresh_asks();
        browser.run(&format!("for (let i = 0; i < 50; i++) parent.postMessage({FORGED}, '*')")).await;
        browser.leave_frame().await;
        settle(&stage).await;
        assert_eq!(stage.fresh_asks(), asked, "a message from another origin made it ask");
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
    });
}

/// A page that lies, at `origin`, in a frame of its own. Waits until it has said everything, and answers its mark.
fn forger_in_a_frame(origin: &str) -> String {
    format!(
        "const frame = document.createElement('iframe'); frame.src = '{origin}/forger.html'; \
         const done = new Promise(done => addEventListener('message', e => e.data?.forger && done())); \
         document.body.append(frame); await done;"
    )
}

/// Everything that was never said by the frame, in the page at its side: the name of the trick, and how it is done.
fn tricks(stage: &Stage) -> Vec<(&'static str, String)> {
    let port = stage.origin.rsplit(':').next().unwrap().to_owned();
    let genuine = stage.sandbox.frame_origin();
    let source = "const source = deep('.cr3d-frame iframe').contentWindow;";
    let synthetic = |init: &str| {
        format!("{source} for (let n = 0; n < 20; n++) dispatchEvent(new MessageEvent('message', {{{init}}}));")
    };
    let lie = "{source: 'cr3dentials-sandbox', type: 'status', status: 'COMPLETED'}";
    vec![
        ("the page itself", format!("for (let n = 0; n < 20; n++) postMessage({lie}, '*');")),
        ("the page, with a port", format!("postMessage({lie}, '*', [new MessageChannel().port1]);")),
        ("the page, in the frame's own name", format!("{source} source.parent.postMessage({lie}, '*');")),
        ("the partner's own origin in a frame", forger_in_a_frame(&format!("http://localhost:{port}"))),
        ("a sibling subdomain", forger_in_a_frame(&format!("http://frame.localhost:{port}"))),
        ("a look-alike host", forger_in_a_frame(&format!("http://127.0.0.1.localhost:{port}"))),
        ("the right host on another port", forger_in_a_frame(&format!("http://127.0.0.1:{port}"))),
        (
            "an origin that is null",
            format!(
                "const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts'; \
                frame.srcdoc = `<script>parent.postMessage({lie}, '*'); parent.postMessage({{forger: 1}}, '*')</scr` + `ipt>`; \
                const done = new Promise(done => addEventListener('message', e => e.data?.forger && done())); \
                document.body.append(frame); await done;"
            ),
        ),
        (
            "a data: address",
            format!(
                "const frame = document.createElement('iframe'); \
                frame.src = `data:text/html,<script>parent.postMessage({lie}, '*'); parent.postMessage({{forger: 1}}, '*')</scr` + `ipt>`; \
                const done = new Promise(done => addEventListener('message', e => e.data?.forger && done())); \
                document.body.append(frame); await done;"
            ),
        ),
        ("synthetic, right origin and window", synthetic(&format!("data: {lie}, origin: '{genuine}', source"))),
        ("synthetic, right origin, no window", synthetic(&format!("data: {lie}, origin: '{genuine}'"))),
        ("synthetic, right window, no origin", synthetic(&format!("data: {lie}, source"))),
        (
            "synthetic, with getters that say otherwise",
            format!(
                "{source} class Forged extends MessageEvent {{ get isTrusted() {{ return true }} get origin() {{ return '{genuine}' }} \
                get source() {{ return source }} }} dispatchEvent(new Forged('message', {{data: {lie}}}));"
            ),
        ),
        (
            "synthetic, with data that throws when it is read",
            synthetic(&format!(
                "data: new Proxy({{}}, {{get() {{ throw new Error('read') }}}}), origin: '{genuine}', source"
            )),
        ),
        (
            "an event of another class",
            format!("{source} dispatchEvent(Object.assign(new Event('message'), {{data: {lie}, lastEventId: ''}}));"),
        ),
        (
            "at the frame's element",
            format!(
                "deep('.cr3d-frame iframe').dispatchEvent(new MessageEvent('message', {{data: {lie}, bubbles: true, composed: true}}));"
            ),
        ),
        (
            "at the element itself",
            format!(
                "document.querySelector('cr3dentials-verify').dispatchEvent(new MessageEvent('message', {{data: {lie}, bubbles: true}}));"
            ),
        ),
        (
            "as one of our own events, inside",
            "deep('.cr3d').dispatchEvent(new CustomEvent('complete', {bubbles: true}));".to_owned(),
        ),
        (
            "a broadcast",
            format!("const channel = new BroadcastChannel('cr3d'); channel.postMessage({lie}); channel.close();"),
        ),
        (
            "text, numbers and nothing",
            "for (const data of ['COMPLETED', 7, null, undefined, true, [], 10n]) postMessage(data, '*');".to_owned(),
        ),
        ("huge", "postMessage({type: 'status', status: 'x'.repeat(5_000_000)}, '*');".to_owned()),
        ("deep", "let deep_ = {}; for (let n = 0; n < 2000; n++) deep_ = {deep_}; postMessage(deep_, '*');".to_owned()),
        ("a prototype", "postMessage(JSON.parse('{\"__proto__\": {\"status\": \"COMPLETED\"}}'), '*');".to_owned()),
        ("ten thousand at once", format!("for (let n = 0; n < 10_000; n++) postMessage({lie}, '*');")),
    ]
}

#[test]
fn no_trick_of_the_page_around_it_changes_anything() {
    play("tricks", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
        let tricks = tricks(&stage);
        assert!(tricks.len() >= 20, "{}", tricks.len());
        let before = (stage.fresh_asks(), browser.run("return window.events.length").await);
        for (name, script) in tricks {
            browser.run(&format!("return (async () => {{ {script} }})()")).await;
            settle(&stage).await;
            assert_eq!((stage.fresh_asks(), browser.run("return window.events.length").await), before, "{name}");
            assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"), "{name}");
            let height = browser.run("return deep('.cr3d-frame iframe').getBoundingClientRect().height").await;
            assert_eq!(height, 560, "{name}");
        }
        // Nobody who lied got an answer.
        for index in 0..4 {
            let frames = browser.driver.find_all(thirtyfour::By::Css("iframe[src$='forger.html']")).await.unwrap();
            frames[index].clone().enter_frame().await.unwrap();
            assert_eq!(browser.run("return window.answers").await, 0);
            browser.leave_frame().await;
        }
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}

#[test]
fn a_window_of_the_right_origin_that_is_not_the_frame_is_not_heard() {
    play("other_window", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
        let before = stage.fresh_asks();
        let (driver, genuine) = (&browser.driver, stage.sandbox.frame_origin());
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
        settle(&stage).await;
        // Whoever comes back to a page is told the news at once: that is one question, and none more.
        assert!(stage.fresh_asks() <= before + 1, "{} instead of {before}", stage.fresh_asks());
        until("a quiet moment", || async { (stage.record.open() == 1).then_some(()) }).await;
        let before = stage.fresh_asks();
        // A window inside the frame, of the frame's own origin, is not the frame either.
        browser.wait_for(".cr3d-frame iframe").await.enter_frame().await.unwrap();
        let nested = format!(
            "const inner = document.createElement('iframe'); inner.src = '/icons/uber.svg'; inner.style.display = 'none'; \
            const loaded = new Promise(done => inner.onload = done); document.body.append(inner); await loaded; \
            inner.contentWindow.eval(`for (let n = 0; n < 20; n++) top.postMessage({FORGED}, '*')`)"
        );
        browser.run(&format!("return (async () => {{ {nested} }})().catch(String)")).await;
        browser.leave_frame().await;
        settle(&stage).await;
        assert_eq!(stage.fresh_asks(), before);
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
    });
}

#[test]
fn before_it_is_ready_and_after_the_end_nobody_is_heard() {
    play("early_and_late", |stage| async move {
        let browser = &stage.browser;
        stage.record.set(crate::site::Weather::Still);
        browser.open(&format!("{}/element.html", stage.origin)).await;
        browser.wait_for_text(".cr3d-title", "Opening a secure window").await;
        browser.run(&format!("for (let n = 0; n < 50; n++) postMessage({FORGED}, '*')")).await;
        settle(&stage).await;
        assert_eq!(browser.run("return window.events.length").await, 0);
        stage.record.set(crate::site::Weather::Fair);
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        let (asked, events) = (stage.record.started().len(), browser.run("return window.events.length").await);
        browser.run(&format!("for (let n = 0; n < 50; n++) postMessage({FORGED}, '*')")).await;
        browser.run("document.querySelector('cr3dentials-verify').refresh()").await;
        settle(&stage).await;
        assert_eq!((stage.record.started().len(), browser.run("return window.events.length").await), (asked, events));
    });
}

#[test]
fn whatever_the_frame_itself_says_is_a_hint_and_nothing_more() {
    play("strange_words", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
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
        settle(&stage).await;
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"));
        let names = browser.run("return window.events.map(e => e.name)").await.to_string();
        assert!(!names.contains("complete") && !names.contains("error") && !names.contains("end"), "{names}");
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}
