//! The element's life cycle: it is reloaded, removed and moved.

use serde_json::json;

use crate::harness::{Harness, run_test, until};
use crate::site::Network;

async fn at_sign_in(harness: &Harness) -> String {
    let browser = &harness.browser;
    browser.open(&format!("{}/element.html", harness.origin)).await;
    browser.wait_for_text(".cr3d-title", "Your turn").await;
    session(harness).await
}

async fn session(harness: &Harness) -> String {
    let script = "return window.events.findLast(e => e.name === 'cr3d-ready')?.detail.sessionId ?? null";
    until("a session", || async { harness.browser.run(script).await.as_str().map(str::to_owned) }).await
}

#[test]
fn reload_during_sign_in_continues_the_same_session() {
    run_test("reload", |harness| async move {
        let browser = &harness.browser;
        let before = at_sign_in(&harness).await;
        browser.driver.refresh().await.unwrap();
        assert_eq!(session(&harness).await, before);
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(harness.result(&before).await["status"], "COMPLETED");
    });
}

#[test]
fn reload_of_the_demo_continues_the_same_session() {
    run_test("reload_demo", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.pick("Uber").await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        browser.driver.refresh().await.unwrap();
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        let creates =
            harness.record.exchanges().iter().filter(|e| e.method == "POST" && e.target.ends_with("/sessions")).count();
        assert_eq!(creates, 1);
    });
}

#[test]
fn removed_element_leaves_nothing_behind() {
    run_test("removed", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        let during = browser.run("return leftBehind()").await;
        assert!(
            during["listeners"].to_string().contains("window message"),
            "the listener count does not work: {during}"
        );
        assert!(
            harness.record.open() > 0 || during["timers"].as_u64() > Some(0),
            "nothing was in progress before the removal: {during}"
        );

        browser.run("document.querySelector('cr3dentials-verify').remove()").await;
        let nothing = |left: &serde_json::Value| {
            left["timers"] == 0 && left["fetches"] == 0 && !left["listeners"].to_string().contains("window ")
        };
        until("nothing left behind", || async {
            let left = browser.run("return leftBehind()").await;
            let listeners = left["listeners"].as_array()?;
            // The page's own event listeners stay; all others must be removed.
            let own = listeners.iter().all(|name| name.as_str().is_some_and(|name| name.starts_with("document cr3d-")));
            (nothing(&left) && own && harness.record.open() == 0).then_some(())
        })
        .await;
        let ends = browser.run("return window.events.filter(e => e.name === 'cr3d-end').length").await;
        assert_eq!(ends, 0, "removing the element ended the session");
    });
}

#[test]
fn removed_picker_aborts_its_request() {
    run_test("removed_picker", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/states.html", harness.origin)).await;
        browser.run("return customElements.whenDefined('cr3dentials-verify').then(() => true)").await;
        harness.record.set(Network::Paused);
        browser.run("window.start({'proxy-url': '/api/verification'})").await;
        until("the request for the platforms", || async { (harness.record.open() == 1).then_some(()) }).await;
        browser.run("document.querySelector('cr3dentials-verify').remove()").await;
        until("no open request", || async { (harness.record.open() == 0).then_some(()) }).await;
    });
}

#[test]
fn moved_element_continues_in_a_new_frame() {
    run_test("moved", |harness| async move {
        let browser = &harness.browser;
        let before = at_sign_in(&harness).await;
        let first = browser.run("return deep('.cr3d-frame iframe').src").await;
        browser
            .run("document.querySelector('#other-place').append(document.querySelector('cr3dentials-verify'))")
            .await;
        until("another frame", || async {
            let frames = browser.run("return deep('.cr3d-frame').querySelectorAll('iframe').length").await;
            let second = browser.run("return deep('.cr3d-frame iframe')?.src ?? null").await;
            assert!(frames.as_u64() <= Some(1), "two frames at once");
            (second.is_string() && second != first).then_some(())
        })
        .await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(session(&harness).await, before);
        assert_eq!(harness.result(&before).await["status"], "COMPLETED");
    });
}

#[test]
fn session_continues_after_a_network_outage() {
    run_test("offline", |harness| async move {
        let browser = &harness.browser;
        at_sign_in(&harness).await;
        let frame = browser.run("return deep('.cr3d-frame iframe').src").await;
        let conditions =
            |offline: bool| json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        browser.devtools("Network.emulateNetworkConditions", conditions(true)).await;
        browser.wait_for_text(".cr3d-title", "You are offline").await;
        assert_eq!(browser.run("return deep('.cr3d-frame iframe').src").await, frame);
        browser.devtools("Network.emulateNetworkConditions", conditions(false)).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
    });
}
