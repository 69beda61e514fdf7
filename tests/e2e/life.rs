//! What pages do to an element: reload it, remove it, move it.

use serde_json::json;

use crate::site::Weather;
use crate::stage::{Stage, play, until};

async fn at_sign_in(stage: &Stage) -> String {
    let browser = &stage.browser;
    browser.open(&format!("{}/element.html", stage.origin)).await;
    browser.wait_for_text(".cr3d-title", "Your turn").await;
    session(stage).await
}

async fn session(stage: &Stage) -> String {
    let script = "return window.events.findLast(e => e.name === 'cr3d-ready')?.detail.sessionId ?? null";
    until("a session", || async { stage.browser.run(script).await.as_str().map(str::to_owned) }).await
}

#[test]
fn a_reload_in_the_middle_goes_on_with_the_same_session() {
    play("reload", |stage| async move {
        let browser = &stage.browser;
        let before = at_sign_in(&stage).await;
        browser.driver.refresh().await.unwrap();
        assert_eq!(session(&stage).await, before);
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(stage.result(&before).await["status"], "COMPLETED");
    });
}

#[test]
fn a_reload_on_trunks_page_goes_on_too() {
    play("reload_demo", |stage| async move {
        let browser = &stage.browser;
        browser.open(&stage.origin).await;
        browser.pick("Uber").await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        browser.driver.refresh().await.unwrap();
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        let creates =
            stage.record.exchanges().iter().filter(|e| e.method == "POST" && e.target.ends_with("/sessions")).count();
        assert_eq!(creates, 1);
    });
}

#[test]
fn a_removed_element_leaves_nothing_behind() {
    play("removed", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
        let during = browser.run("return leftBehind()").await;
        assert!(during["listeners"].to_string().contains("window message"), "the counter counts: {during}");
        assert!(stage.record.open() > 0 || during["timers"].as_u64() > Some(0), "something is under way: {during}");

        browser.run("document.querySelector('cr3dentials-verify').remove()").await;
        let nothing = |left: &serde_json::Value| {
            left["timers"] == 0 && left["fetches"] == 0 && !left["listeners"].to_string().contains("window ")
        };
        until("nothing left behind", || async {
            let left = browser.run("return leftBehind()").await;
            let listeners = left["listeners"].as_array()?;
            // The page's own listeners for the events stay; every other one has to go.
            let own = listeners.iter().all(|name| name.as_str().is_some_and(|name| name.starts_with("document cr3d-")));
            (nothing(&left) && own && stage.record.open() == 0).then_some(())
        })
        .await;
        let ends = browser.run("return window.events.filter(e => e.name === 'cr3d-end').length").await;
        assert_eq!(ends, 0, "taking it out ends nothing");
    });
}

#[test]
fn a_removed_picker_gives_its_question_up() {
    play("removed_picker", |stage| async move {
        let browser = &stage.browser;
        browser.open(&format!("{}/states.html", stage.origin)).await;
        browser.run("return customElements.whenDefined('cr3dentials-verify').then(() => true)").await;
        stage.record.set(Weather::Still);
        browser.run("window.start({'proxy-url': '/api/verification'})").await;
        until("the question for the platforms", || async { (stage.record.open() == 1).then_some(()) }).await;
        browser.run("document.querySelector('cr3dentials-verify').remove()").await;
        until("no question", || async { (stage.record.open() == 0).then_some(()) }).await;
    });
}

#[test]
fn a_moved_element_goes_on_with_a_fresh_frame() {
    play("moved", |stage| async move {
        let browser = &stage.browser;
        let before = at_sign_in(&stage).await;
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
        assert_eq!(session(&stage).await, before);
        assert_eq!(stage.result(&before).await["status"], "COMPLETED");
    });
}

#[test]
fn no_network_for_a_while_costs_nothing() {
    play("offline", |stage| async move {
        let browser = &stage.browser;
        at_sign_in(&stage).await;
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
