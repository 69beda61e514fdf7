//! Several tabs and several elements with the same session.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Harness, run_test, until};
use crate::states::start;

/// Opens a duplicate of the page. `window.open` copies the session storage, as the browser's "Duplicate tab" does.
async fn duplicate(harness: &Harness) -> (WindowHandle, WindowHandle) {
    let driver = &harness.browser.driver;
    let first = driver.window().await.unwrap();
    harness.browser.run("window.open(location.href); return null").await;
    let second =
        until("another tab", || async { driver.windows().await.unwrap().into_iter().find(|handle| *handle != first) })
            .await;
    driver.switch_to_window(second.clone()).await.unwrap();
    (first, second)
}

async fn go_to(harness: &Harness, tab: &WindowHandle) {
    harness.browser.driver.switch_to_window(tab.clone()).await.unwrap();
}

#[test]
fn duplicated_tab_offers_to_take_over_and_only_one_is_active() {
    run_test("tabs", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let (first, second) = duplicate(&harness).await;
        browser.wait_for_text(".cr3d-title", "Already open elsewhere").await;
        assert_eq!(browser.run("return deep('iframe')").await, Value::Null);
        let codes = "return events.filter(e => e.name === 'cr3d-error').map(e => e.detail.code)";
        assert_eq!(browser.run(codes).await, json!(["other-tab"]));
        go_to(&harness, &first).await;
        assert_eq!(browser.text(".cr3d-title").await.as_deref(), Some("Your turn"), "the first tab was disturbed");

        go_to(&harness, &second).await;
        browser.click(".cr3d-primary").await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        go_to(&harness, &first).await;
        browser.wait_for_text(".cr3d-title", "Already open elsewhere").await;
        assert_eq!(browser.run("return deep('iframe')").await, Value::Null, "two live frames");
        go_to(&harness, &second).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(harness.look("/sessions").await["sessions"].as_array().unwrap().len(), 1);

        // The inactive tab can still take over and learn the result.
        go_to(&harness, &first).await;
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 0);
        browser.click(".cr3d-primary").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 1);
    });
}

#[test]
fn six_elements_in_two_tabs_do_not_block_page_requests() {
    run_test("six", |harness| async move {
        let browser = &harness.browser;
        let three = "for (const key of [1, 2, 3]) { const element = document.createElement('cr3dentials-verify'); \
            element.id = `e${key}`; \
            Object.assign(element, {proxyUrl: '/api/verification', platformId: 1, resumeKey: `TAB-${key}`}); \
            document.querySelector('main').append(element) }";
        start(&harness, json!({})).await;
        browser.run(&format!("document.querySelector('main').replaceChildren(); {}", three.replace("TAB", "a"))).await;
        let waiting = "return ['e1', 'e2', 'e3'].map(id => document.getElementById(id)?.shadowRoot \
            .querySelector('.cr3d-title')?.textContent)";
        let turns = json!(["Your turn", "Your turn", "Your turn"]);
        until("three in the first tab", || async { (browser.run(waiting).await == turns).then_some(()) }).await;
        duplicate(&harness).await;
        until("the page", || async { browser.run("return !!window.start").await.as_bool().filter(|ready| *ready) })
            .await;
        browser.run(&three.replace("TAB", "b")).await;
        until("three in the second", || async { (browser.run(waiting).await == turns).then_some(()) }).await;

        // A long poll lasts 25 s. Two elements long-poll, the other four use short polls, and the page's own request over
        // the same six connections gets a response meanwhile.
        until("two long polls", || async { (long_polls(&harness) == 2).then_some(()) }).await;
        for _ in 0..10 {
            let status = browser.run("return fetch('/states.html', {cache: 'no-store'}).then(a => a.status)").await;
            assert_eq!(status, 200);
        }
        assert!(long_polls(&harness) <= 2, "{} long polls at once", long_polls(&harness));
    });
}

/// Number of long polls in progress.
fn long_polls(harness: &Harness) -> usize {
    harness.record.long_polls()
}

#[test]
fn remounting_keeps_one_session_and_one_frame() {
    run_test("turns", |harness| async move {
        let browser = &harness.browser;
        start(&harness, json!({})).await;
        // Like a framework in strict mode: mounts, unmounts and mounts again in one task, then once more a moment later.
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
        assert_eq!(harness.look("/sessions").await["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(browser.run("return most").await, 1);
        assert_eq!(browser.run("return events.filter(e => e.name === 'cr3d-end').length").await, 1);
    });
}
