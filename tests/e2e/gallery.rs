//! Every state in the gallery: complete, readable and usable in light and dark, in both directions and at every width.
//!
//! With `CR3D_SCREENSHOTS` set to a folder, screenshots are saved there.

use std::path::PathBuf;

use serde_json::json;

use crate::accessibility::axe;
use crate::harness::{Harness, run_test};
use crate::states::keep_part;

async fn open(harness: &Harness) {
    let browser = &harness.browser;
    browser.open(&format!("{}/#gallery", harness.origin)).await;
    browser.wait_for("[data-scene=terminated] .cr3d-title").await;
    // Animations would be captured midway.
    let still = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
    browser.devtools("Emulation.setEmulatedMedia", still).await;
}

async fn choose(harness: &Harness, label: &str) {
    let script = format!(
        "[...document.querySelectorAll('.gallery label')].find(l => l.textContent === '{label}').querySelector('input').click()"
    );
    harness.browser.run(&script).await;
    harness.browser.wait_for("[data-scene=terminated] .cr3d-title").await;
}

/// Script that lists elements that overflow, states that are not announced, and touch targets that are too small.
const FAULTS: &str = "
    const faults = [];
    for (const scene of document.querySelectorAll('[data-scene]')) {
        const say = what => faults.push(scene.dataset.scene + ': ' + what);
        const title = scene.querySelector('.cr3d-title')?.textContent;
        if (!title) say('no title');
        if (!scene.querySelector('.cr3d-live')?.textContent.includes(title)) say('mute');
        const skip = '.cr3d-live, .cr3d-hidden, .cr3d-bar, .cr3d-bar *, .cr3d-view, svg, svg *';
        for (const element of scene.querySelectorAll('.cr3d *')) {
            if (element.matches(skip) || !element.checkVisibility()) continue;
            if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
                say('cut off: ' + (element.className || element.tagName));
        }
        for (const target of scene.querySelectorAll('button, a, input')) {
            const box = target.getBoundingClientRect();
            if (box.width && (box.width < 24 || box.height < 24)) say('too small: ' + target.textContent);
        }
    }
    return faults;";

async fn look(harness: &Harness, name: &str) {
    for width in ["320", "480", "720"] {
        choose(harness, width).await;
        assert_eq!(harness.browser.run(FAULTS).await, json!([]), "{name} at {width} px");
    }
    choose(harness, "320").await;
    axe(harness, name).await;
    if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
        let page = "return {x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1}";
        keep_part(harness, page, PathBuf::from(folder).join(format!("gallery-{name}.webp"))).await;
    }
}

#[test]
fn every_state_is_usable_in_light_and_dark() {
    run_test("gallery", |harness| async move {
        open(&harness).await;
        harness.browser.resize(1480, 1000).await;
        let scenes = harness.browser.run("return document.querySelectorAll('[data-scene]').length").await;
        assert!(scenes.as_u64() >= Some(35), "{scenes} states");
        for (theme, name) in [("Light", "light"), ("Dark", "dark")] {
            choose(&harness, theme).await;
            look(&harness, name).await;
        }
    });
}

#[test]
fn every_state_is_mirrored_for_right_to_left_languages() {
    run_test("gallery_rtl", |harness| async move {
        open(&harness).await;
        harness.browser.resize(1480, 1000).await;
        let arabic = "const list = document.querySelector('.language select'); list.value = 'ar'; \
            list.dispatchEvent(new Event('change', {bubbles: true}))";
        harness.browser.run(arabic).await;
        harness.browser.wait_for("[data-scene=terminated] .cr3d[dir=rtl] .cr3d-title").await;
        let latin = "return [...document.querySelectorAll('.cr3d[dir=rtl] .cr3d-title')].map(t => t.textContent) \
            .filter(text => /^[ -~]*$/.test(text))";
        assert_eq!(harness.browser.run(latin).await, json!([]), "titles without an Arabic letter");
        choose(&harness, "Light").await;
        look(&harness, "rtl").await;
    });
}

#[test]
fn every_state_is_readable_zoomed_and_without_colors() {
    run_test("gallery_zoom", |harness| async move {
        open(&harness).await;
        let browser = &harness.browser;
        // At 200 % zoom, a window of 640 px leaves 320 CSS pixels.
        let zoomed = json!({"width": 320, "height": 480, "deviceScaleFactor": 2, "mobile": false});
        browser.devtools("Emulation.setDeviceMetricsOverride", zoomed).await;
        assert_eq!(browser.run(FAULTS).await, json!([]), "zoomed");
        assert_eq!(browser.run("return document.documentElement.scrollWidth > innerWidth").await, false);

        let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
        browser.devtools("Emulation.setEmulatedMedia", forced).await;
        browser.resize(1480, 1000).await;
        assert_eq!(browser.run("return matchMedia('(forced-colors: active)').matches").await, true);
        // Without colors, the progress bar and the steps are still recognizable by their outline.
        let outlined = "return [...document.querySelectorAll('.cr3d-bar')].every(bar => \
            getComputedStyle(bar).borderTopWidth === '1px')";
        assert_eq!(browser.run(outlined).await, true);
        if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
            let page = "return {x: 0, y: 0, width: innerWidth, height: 2400, scale: 1}";
            keep_part(&harness, page, PathBuf::from(folder).join("gallery-forced-colors.webp")).await;
        }
    });
}
