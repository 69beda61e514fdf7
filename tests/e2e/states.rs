//! Every state, reached through the real proxy and sandbox, at three widths in light and dark: nothing is cut off, and
//! every title is announced.
//!
//! With `CR3D_SCREENSHOTS` set to a folder, screenshots are saved there.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Harness, run_test, until};
use crate::site::Network;

const WIDTHS: [u32; 3] = [320, 720, 1280];

/// Advances a clock of the page and makes the element notice.
pub(crate) async fn jump(harness: &Harness, clock: &str, millis: i64) {
    let script = format!("jump.{clock} += {millis}; document.querySelector('cr3dentials-verify').refresh()");
    harness.browser.run(&script).await;
}

pub(crate) async fn start(harness: &Harness, attributes: Value) {
    harness.browser.open(&format!("{}/states.html", harness.origin)).await;
    until("the page's script", || async {
        harness.browser.run("return !!customElements.get('cr3dentials-verify')").await.as_bool().filter(|ready| *ready)
    })
    .await;
    let mut all = json!({"proxy-url": "/api/verification", "partner-name": "Harbor"});
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    harness.browser.run(&format!("window.start({all})")).await;
}

/// Starts a session, waits until it awaits its user, and returns its id.
pub(crate) async fn session(harness: &Harness) -> String {
    start(harness, json!({"platform-id": "1"})).await;
    harness.browser.wait_for_text(".cr3d-title", "Your turn").await;
    let id = harness.browser.run("return events.findLast(e => e.name === 'cr3d-ready').detail.sessionId").await;
    id.as_str().unwrap().to_owned()
}

/// Waits for the title, then checks the state at every width, in light and dark.
pub(crate) async fn look(harness: &Harness, state: &str, title: &str) {
    let browser = &harness.browser;
    browser.wait_for_text(".cr3d-title", title).await;
    assert!(browser.text(".cr3d-live").await.is_some_and(|text| text.contains(title)), "{state} is not announced");
    for theme in ["light", "dark"] {
        let scheme = json!({"features": [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        browser.devtools("Emulation.setEmulatedMedia", scheme).await;
        for width in WIDTHS {
            browser.resize(width, 900).await;
            let cut = browser.run(CUT_OFF).await;
            assert_eq!(cut, json!([]), "{state} at {width} px, {theme}");
            if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
                keep(harness, PathBuf::from(folder).join(format!("{state}-{width}-{theme}.webp"))).await;
            }
        }
    }
}

/// Script that lists elements that overflow, and text that overlaps the frame.
pub(crate) const CUT_OFF: &str = "
    const dialog = deep('.cr3d'), cut = [];
    if (document.documentElement.scrollWidth > innerWidth) cut.push('the page');
    const skip = '.cr3d-live, .cr3d-hidden, .cr3d-bar, .cr3d-bar *, .cr3d-view, svg, svg *, iframe';
    for (const element of dialog.querySelectorAll('*')) {
        if (element.matches(skip) || !element.checkVisibility()) continue;
        if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
            cut.push(element.className || element.tagName);
    }
    const frame = deep('.cr3d-frame').getBoundingClientRect();
    for (const text of dialog.querySelectorAll('.cr3d-title, .cr3d-line, .cr3d-trust, button')) {
        const box = text.getBoundingClientRect();
        if (frame.height && box.height && box.bottom > frame.top + 1 && box.top < frame.bottom - 1) cut.push('over the frame');
    }
    return cut;";

/// Saves a screenshot of the card with a margin of the page around it.
async fn keep(harness: &Harness, path: PathBuf) {
    let card = "const box = deep('.cr3d').getBoundingClientRect(); return {x: 0, y: Math.max(0, box.y + scrollY - 16), \
        width: innerWidth, height: box.height + 32, scale: 1}";
    keep_part(harness, card, path).await;
}

pub(crate) async fn keep_part(harness: &Harness, part: &str, path: PathBuf) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let clip = harness.browser.run(part).await;
    let params = json!({"format": "webp", "quality": 60, "captureBeyondViewport": true, "clip": clip});
    let shot = harness.browser.devtools("Page.captureScreenshot", params).await;
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, shot["data"].as_str().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn picker_fits_at_every_width() {
    run_test("states_picker", |harness| async move {
        start(&harness, json!({})).await;
        harness.browser.wait_for(".cr3d-platforms button").await;
        look(&harness, "picker", "Which account do you want to verify?").await;
        harness.browser.wait_for(".cr3d-search input").await.send_keys("Zebra").await.unwrap();
        harness.browser.wait_for_text(".cr3d-empty", "Nothing found for").await;
        look(&harness, "picker-nothing-found", "Which account").await;
    });
}

#[test]
fn start_states_and_start_errors_fit_at_every_width() {
    run_test("states_start", |harness| async move {
        harness.record.set(Network::Paused);
        start(&harness, json!({"platform-id": "1", "start-screen": ""})).await;
        harness.browser.wait_for_text(".cr3d-title", "Before you start").await;
        harness.browser.click(".cr3d-primary").await;
        look(&harness, "creating", "Opening a secure window").await;
        harness.record.set(Network::Normal);

        start(&harness, json!({"platform-id": "999"})).await;
        look(&harness, "could-not-start", "We could not start").await;
        harness.record.set(Network::Refused(403));
        start(&harness, json!({"platform-id": "1"})).await;
        look(&harness, "not-allowed", "You cannot start this here").await;
        harness.record.set(Network::Refused(429));
        start(&harness, json!({"platform-id": "1"})).await;
        look(&harness, "busy", "Many people are verifying right now").await;
        harness.record.set(Network::Normal);
        let gone = json!({"session-id": "0c5f3d9a-6f0e-4f7e-9a53-2f6f4a1f9b10", "client-token": "v1.not.real"});
        start(&harness, gone).await;
        look(&harness, "not-found", "We could not find your verification").await;
    });
}

#[test]
fn every_status_fits_at_every_width() {
    run_test("states_status", |harness| async move {
        let id = session(&harness).await;
        for (status, state, title) in [
            ("CREATED", "created", "Opening a secure window"),
            ("READY", "ready", "Ready when you are"),
            ("CONNECTED", "connected", "Opening Uber"),
            ("AWAITING_USER", "awaiting-user", "Your turn"),
            ("RUNNING", "running", "Checking your Uber account"),
            ("COLLECTING_DATA", "collecting-data", "Reading your account details"),
            ("VERIFYING", "verifying", "Making sure that the details are genuine"),
            ("RESTING", "unknown", "Still working"),
        ] {
            harness.force(&id, status).await;
            look(&harness, state, title).await;
        }
    });
}

#[test]
fn every_notice_fits_at_every_width() {
    run_test("states_hindrance", |harness| async move {
        let id = session(&harness).await;
        harness.record.set(Network::Paused);
        // Both clocks: when they disagree, the server's time is unknown.
        jump(&harness, "wall", (168 * 60 - 4) * 60_000).await;
        jump(&harness, "mono", (168 * 60 - 4) * 60_000).await;
        harness.browser.wait_for_text(".cr3d-notice", "4 minutes left").await;
        look(&harness, "expiring", "Your turn").await;
        harness.record.set(Network::Normal);

        harness.force(&id, "CONNECTED").await;
        harness.browser.wait_for_text(".cr3d-title", "Opening Uber").await;
        jump(&harness, "mono", 10_500).await;
        look(&harness, "slow", "This is taking longer than usual").await;

        harness.force(&id, "READY").await;
        harness.browser.wait_for_text(".cr3d-title", "Ready when you are").await;
        jump(&harness, "mono", 20_500).await;
        harness.browser.wait_for_text(".cr3d-notice", "Nothing there?").await;
        look(&harness, "nothing-seen", "Ready when you are").await;

        harness.force(&id, "AWAITING_USER").await;
        harness.browser.wait_for_text(".cr3d-title", "Your turn").await;
        harness.browser.devtools("Network.emulateNetworkConditions", network(true)).await;
        look(&harness, "offline", "You are offline").await;
        harness.browser.devtools("Network.emulateNetworkConditions", network(false)).await;
        harness.browser.wait_for_text(".cr3d-title", "Your turn").await;

        harness.record.set(Network::Refused(503));
        look(&harness, "reconnecting", "Reconnecting").await;
        harness.record.set(Network::Refused(404));
        until("the stalled state", || async {
            jump(&harness, "mono", 11_000).await;
            harness.browser.text(".cr3d-title").await.filter(|title| title.starts_with("We cannot see"))
        })
        .await;
        look(&harness, "stalled", "We cannot see your verification any more").await;
    });
}

fn network(offline: bool) -> Value {
    json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
}

#[test]
fn every_end_fits_at_every_width() {
    run_test("states_end", |harness| async move {
        for (status, state, title) in [
            ("COMPLETED", "completed", "Verified"),
            ("PARTIAL_COMPLETE", "partial", "Partly verified"),
            ("CANCELLED", "cancelled", "You cancelled"),
            ("TERMINATED", "terminated", "The verification was ended"),
        ] {
            let id = session(&harness).await;
            harness.force(&id, status).await;
            look(&harness, state, title).await;
        }
        session(&harness).await;
        harness.browser.sign_in("error").await;
        harness.browser.wait_for(".cr3d-code").await;
        look(&harness, "failed", "We could not verify your account").await;

        harness.record.set(Network::WithoutCode);
        let id = session(&harness).await;
        harness.force(&id, "ERROR").await;
        harness.browser.wait_for_text(".cr3d-line", "ask Harbor for help").await;
        look(&harness, "failed-without-code", "We could not verify your account").await;

        let id = session(&harness).await;
        harness.record.set(Network::Ahead(169 * 3600));
        harness.force(&id, "TERMINATED").await;
        look(&harness, "expired", "Time ran out").await;
    });
}

#[test]
fn demo_fits_at_every_width() {
    run_test("states_demo", |harness| async move {
        let browser = &harness.browser;
        browser.open(&harness.origin).await;
        browser.pick("Uber").await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        look_at_demo(&harness, "sign-in", "Your turn").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        look_at_demo(&harness, "verified", "Verified").await;
    });
}

async fn look_at_demo(harness: &Harness, state: &str, title: &str) {
    harness.browser.wait_for_text(".cr3d-title", title).await;
    for theme in ["light", "dark"] {
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        harness.browser.devtools("Emulation.setEmulatedMedia", scheme).await;
        for width in [360, 720, 1280] {
            harness.browser.resize(width, 900).await;
            let wide = harness.browser.run("return document.documentElement.scrollWidth > innerWidth").await;
            assert_eq!(wide, false, "the demo scrolls sideways at {width} px");
            if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
                let page =
                    "return {x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1}";
                keep_part(harness, page, PathBuf::from(folder).join(format!("demo-{state}-{width}-{theme}.webp")))
                    .await;
            }
        }
    }
}
