//! Several tabs, several elements.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::stage::{Stage, play, until};
use crate::states::start;

/// Opens a duplicate of the page: what the browser's own "Duplicate tab" does to the storage, `window.open` does too.
async fn duplicate(stage: &Stage) -> (WindowHandle, WindowHandle) {
    let driver = &stage.browser.driver;
    let first = driver.window().await.unwrap();
    stage.browser.run("window.open(location.href); return null").await;
    let second =
        until("another tab", || async { driver.windows().await.unwrap().into_iter().find(|handle| *handle != first) })
            .await;
    driver.switch_to_window(second.clone()).await.unwrap();
    (first, second)
}

async fn go_to(stage: &Stage, tab: &WindowHandle) {
    stage.browser.driver.switch_to_window(tab.clone()).await.unwrap();
}

#[test]
fn a_duplicated_tab_offers_to_go_on_here_and_two_never_fight() {
    play("tabs", |stage| async move {
        let browser = &stage.browser;
        browser.open(&format!("{}/element.html", stage.origin)).await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let (first, second) = duplicate(&stage).await;
        browser.wait_for_text(".cr3d-title", "Open in another tab").await;
        assert_eq!(browser.run("return deep('iframe')").await, Value::Null);
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        assert_eq!(browser.run(codes).await, json!(["other-tab"]));
        go_to(&stage, &first).await;
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"), "the first goes on");

        go_to(&stage, &second).await;
        browser.click(".cr3d-primary").await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        go_to(&stage, &first).await;
        browser.wait_for_text(".cr3d-title", "Open in another tab").await;
        assert_eq!(browser.run("return deep('iframe')").await, Value::Null, "two live frames");
        go_to(&stage, &second).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(stage.look("/sessions").await["sessions"].as_array().unwrap().len(), 1);

        // The one that was left behind can still find out.
        go_to(&stage, &first).await;
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 0);
        browser.click(".cr3d-primary").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 1);
    });
}

#[test]
fn six_elements_in_two_tabs_leave_the_page_s_own_requests_alone() {
    play("six", |stage| async move {
        let browser = &stage.browser;
        let three = "for (const key of [1, 2, 3]) { const element = document.createElement('cr3dentials-verify'); \
            element.id = `e${key}`; \
            Object.assign(element, {proxyUrl: '/api/verification', platformId: 1, resumeKey: `TAB-${key}`}); \
            document.querySelector('main').append(element) }";
        start(&stage, json!({})).await;
        browser.run(&format!("document.querySelector('main').replaceChildren(); {}", three.replace("TAB", "a"))).await;
        let waiting = "return ['e1', 'e2', 'e3'].map(id => document.getElementById(id)?.shadowRoot \
            .querySelector('.cr3d-title')?.textContent)";
        let turns = json!(["Your turn", "Your turn", "Your turn"]);
        until("three in the first tab", || async { (browser.run(waiting).await == turns).then_some(()) }).await;
        duplicate(&stage).await;
        until("the page", || async { browser.run("return !!window.start").await.as_bool().filter(|ready| *ready) })
            .await;
        browser.run(&three.replace("TAB", "b")).await;
        until("three in the second", || async { (browser.run(waiting).await == turns).then_some(()) }).await;

        // Held questions last 25 s. Both slots are taken, the other four poll, and a request of the page's own over the
        // same six connections is answered while they are held.
        until("both held", || async { (held(&stage) == 2).then_some(()) }).await;
        for _ in 0..10 {
            let answered = browser.run("return fetch('/states.html', {cache: 'no-store'}).then(a => a.status)").await;
            assert_eq!(answered, 200);
        }
        assert!(held(&stage) <= 2, "{} questions are held", held(&stage));
    });
}

/// Questions that the proxy holds at this moment, as far as it was asked to.
fn held(stage: &Stage) -> usize {
    stage.record.held()
}

#[test]
fn taking_turns_in_one_page_is_one_session_and_never_two_frames() {
    play("turns", |stage| async move {
        let browser = &stage.browser;
        start(&stage, json!({})).await;
        // As a framework in its strict mode does: in, out, in again, in one task; and once more after a moment.
        let twice = "const main = document.querySelector('main'); const element = document.createElement('cr3dentials-verify'); \
            Object.assign(element, {proxyUrl: '/api/verification', platformId: 1}); window.most = 0; \
            new MutationObserver(() => { most = Math.max(most, element.shadowRoot.querySelectorAll('iframe').length) }) \
                .observe(element.shadowRoot, {childList: true, subtree: true}); \
            main.replaceChildren(element); element.remove(); main.append(element); \
            await new Promise(done => requestAnimationFrame(done)); element.remove(); \
            await new Promise(done => requestAnimationFrame(done)); main.append(element)";
        browser.run(&format!("return (async () => {{ {twice} }})()")).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(stage.look("/sessions").await["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(browser.run("return most").await, 1);
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 1);
    });
}
