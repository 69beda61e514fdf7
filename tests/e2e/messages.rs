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
