//! Every state, reached for real, at three widths, light and dark: nothing cut off, nothing mute.
//!
//! With `CR3D_SCREENSHOTS` set to a folder, the pictures are kept there.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::site::Weather;
use crate::stage::{Stage, play, until};

const WIDTHS: [u32; 3] = [320, 720, 1280];

/// Makes time jump in the page, and lets the element notice.
pub(crate) async fn jump(stage: &Stage, clock: &str, millis: i64) {
    let script = format!("jump.{clock} += {millis}; document.querySelector('cr3dentials-verify').refresh()");
    stage.browser.run(&script).await;
}

pub(crate) async fn start(stage: &Stage, attributes: Value) {
    stage.browser.open(&format!("{}/states.html", stage.origin)).await;
    until("the page's script", || async {
        stage.browser.run("return !!customElements.get('cr3dentials-verify')").await.as_bool().filter(|ready| *ready)
    })
    .await;
    let mut all = json!({"proxy-url": "/api/verification", "partner-name": "Harbor"});
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    stage.browser.run(&format!("window.start({all})")).await;
}

/// A new session that waits for its user; answers its id.
pub(crate) async fn session(stage: &Stage) -> String {
    start(stage, json!({"platform-id": "1"})).await;
    stage.browser.wait_for_text(".cr3d-title", "Your turn").await;
    let id = stage.browser.run("return events.findLast(e => e.name === 'cr3d-ready').detail.sessionId").await;
    id.as_str().unwrap().to_owned()
}

/// Waits for the title, then looks at it at every width, light and dark.
pub(crate) async fn look(stage: &Stage, state: &str, title: &str) {
    let browser = &stage.browser;
    browser.wait_for_text(".cr3d-title", title).await;
    assert!(browser.text(".cr3d-live").await.is_some_and(|said| said.contains(title)), "{state} is mute");
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
                keep(stage, PathBuf::from(folder).join(format!("{state}-{width}-{theme}.webp"))).await;
            }
        }
    }
}

/// Names what is wider than its place, and text that overlaps the frame.
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

/// Keeps a picture of the card with a little of the page around it.
async fn keep(stage: &Stage, path: PathBuf) {
    let card = "const box = deep('.cr3d').getBoundingClientRect(); return {x: 0, y: Math.max(0, box.y + scrollY - 16), \
        width: innerWidth, height: box.height + 32, scale: 1}";
    keep_part(stage, card, path).await;
}

pub(crate) async fn keep_part(stage: &Stage, part: &str, path: PathBuf) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let clip = stage.browser.run(part).await;
    let params = json!({"format": "webp", "quality": 60, "captureBeyondViewport": true, "clip": clip});
    let shot = stage.browser.devtools("Page.captureScreenshot", params).await;
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, shot["data"].as_str().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn the_picker_is_whole_at_every_width() {
    play("states_picker", |stage| async move {
        start(&stage, json!({})).await;
        stage.browser.wait_for(".cr3d-platforms button").await;
        look(&stage, "picker", "Which account do you want to verify?").await;
        stage.browser.wait_for(".cr3d-search input").await.send_keys("Zebra").await.unwrap();
        stage.browser.wait_for_text(".cr3d-empty", "Nothing found for").await;
        look(&stage, "picker-nothing-found", "Which account").await;
    });
}

#[test]
fn the_start_and_its_troubles_are_whole_at_every_width() {
    play("states_start", |stage| async move {
        stage.record.set(Weather::Still);
        start(&stage, json!({"platform-id": "1", "start-screen": ""})).await;
        stage.browser.wait_for_text(".cr3d-title", "Before you start").await;
        stage.browser.click(".cr3d-primary").await;
        look(&stage, "creating", "Opening a secure window").await;
        stage.record.set(Weather::Fair);

        start(&stage, json!({"platform-id": "999"})).await;
        look(&stage, "could-not-start", "We could not start").await;
        stage.record.set(Weather::Refused(403));
        start(&stage, json!({"platform-id": "1"})).await;
        look(&stage, "not-allowed", "You cannot start this here").await;
        stage.record.set(Weather::Refused(429));
        start(&stage, json!({"platform-id": "1"})).await;
        look(&stage, "busy", "Many people are verifying right now").await;
        stage.record.set(Weather::Fair);
        let gone = json!({"session-id": "0c5f3d9a-6f0e-4f7e-9a53-2f6f4a1f9b10", "client-token": "v1.not.real"});
        start(&stage, gone).await;
        look(&stage, "not-found", "We could not find your verification").await;
    });
}

#[test]
fn every_status_is_whole_at_every_width() {
    play("states_status", |stage| async move {
        let id = session(&stage).await;
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
            stage.force(&id, status).await;
            look(&stage, state, title).await;
        }
    });
}

#[test]
fn every_hindrance_is_whole_at_every_width() {
    play("states_hindrance", |stage| async move {
        let id = session(&stage).await;
        stage.record.set(Weather::Still);
        jump(&stage, "wall", (168 * 60 - 4) * 60_000).await;
        stage.browser.wait_for_text(".cr3d-notice", "4 minutes left").await;
        look(&stage, "expiring", "Your turn").await;
        jump(&stage, "wall", -(168 * 60 - 4) * 60_000).await;
        stage.record.set(Weather::Fair);

        stage.force(&id, "CONNECTED").await;
        stage.browser.wait_for_text(".cr3d-title", "Opening Uber").await;
        jump(&stage, "mono", 10_500).await;
        look(&stage, "slow", "This is taking longer than usual").await;

        stage.force(&id, "READY").await;
        stage.browser.wait_for_text(".cr3d-title", "Ready when you are").await;
        jump(&stage, "mono", 20_500).await;
        stage.browser.wait_for_text(".cr3d-notice", "Nothing there?").await;
        look(&stage, "nothing-seen", "Ready when you are").await;

        stage.force(&id, "AWAITING_USER").await;
        stage.browser.wait_for_text(".cr3d-title", "Your turn").await;
        stage.browser.devtools("Network.emulateNetworkConditions", network(true)).await;
        look(&stage, "offline", "You are offline").await;
        stage.browser.devtools("Network.emulateNetworkConditions", network(false)).await;
        stage.browser.wait_for_text(".cr3d-title", "Your turn").await;

        stage.record.set(Weather::Refused(503));
        look(&stage, "reconnecting", "Reconnecting").await;
        stage.record.set(Weather::Refused(404));
        until("a stall", || async {
            jump(&stage, "mono", 11_000).await;
            stage.browser.text(".cr3d-title").await.filter(|title| title.starts_with("We cannot see"))
        })
        .await;
        look(&stage, "stalled", "We cannot see your verification any more").await;
    });
}

fn network(offline: bool) -> Value {
    json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
}

#[test]
fn every_end_is_whole_at_every_width() {
    play("states_end", |stage| async move {
        for (status, state, title) in [
            ("COMPLETED", "completed", "Verified"),
            ("PARTIAL_COMPLETE", "partial", "Partly verified"),
            ("CANCELLED", "cancelled", "You cancelled"),
            ("TERMINATED", "terminated", "The verification was ended"),
        ] {
            let id = session(&stage).await;
            stage.force(&id, status).await;
            look(&stage, state, title).await;
        }
        session(&stage).await;
        stage.browser.sign_in("error").await;
        stage.browser.wait_for(".cr3d-code").await;
        look(&stage, "failed", "We could not verify your account").await;

        stage.record.set(Weather::WithoutCode);
        let id = session(&stage).await;
        stage.force(&id, "ERROR").await;
        stage.browser.wait_for_text(".cr3d-line", "ask Harbor for help").await;
        look(&stage, "failed-without-code", "We could not verify your account").await;

        let id = session(&stage).await;
        stage.record.set(Weather::Ahead(169 * 3600));
        stage.force(&id, "TERMINATED").await;
        look(&stage, "expired", "Time ran out").await;
    });
}

#[test]
fn the_demo_is_whole_at_every_width() {
    play("states_demo", |stage| async move {
        let browser = &stage.browser;
        browser.open(&stage.origin).await;
        browser.pick("Uber").await;
        browser.enter_frame_at("#username").await;
        browser.leave_frame().await;
        look_at_demo(&stage, "sign-in", "Your turn").await;
        browser.sign_in("success").await;
        browser.wait_for_text(".received", "Thank you").await;
        look_at_demo(&stage, "verified", "Verified").await;
    });
}

async fn look_at_demo(stage: &Stage, state: &str, title: &str) {
    stage.browser.wait_for_text(".cr3d-title", title).await;
    for theme in ["light", "dark"] {
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        stage.browser.devtools("Emulation.setEmulatedMedia", scheme).await;
        for width in [360, 720, 1280] {
            stage.browser.resize(width, 900).await;
            let wide = stage.browser.run("return document.documentElement.scrollWidth > innerWidth").await;
            assert_eq!(wide, false, "the demo scrolls sideways at {width} px");
            if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
                let page =
                    "return {x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1}";
                keep_part(stage, page, PathBuf::from(folder).join(format!("demo-{state}-{width}-{theme}.webp"))).await;
            }
        }
    }
}
