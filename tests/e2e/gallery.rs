//! Every state in the gallery: whole, readable, usable, in light and dark, in both directions, at every width.
//!
//! With `CR3D_SCREENSHOTS` set to a folder, a picture of each is kept there.

use std::path::PathBuf;

use serde_json::json;

use crate::look::axe;
use crate::stage::{Stage, play};
use crate::states::keep_part;

async fn open(stage: &Stage) {
    let browser = &stage.browser;
    browser.open(&format!("{}/#gallery", stage.origin)).await;
    browser.wait_for("[data-scene=terminated] .cr3d-title").await;
    // Whatever moves would be caught in the middle.
    let still = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
    browser.devtools("Emulation.setEmulatedMedia", still).await;
}

async fn choose(stage: &Stage, label: &str) {
    let script = format!(
        "[...document.querySelectorAll('.gallery label')].find(l => l.textContent === '{label}').querySelector('input').click()"
    );
    stage.browser.run(&script).await;
    stage.browser.wait_for("[data-scene=terminated] .cr3d-title").await;
}

/// Names what is wider than its place, what nobody says, and what is too small to be hit with a finger.
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

async fn look(stage: &Stage, name: &str) {
    for width in ["320", "480", "720"] {
        choose(stage, width).await;
        assert_eq!(stage.browser.run(FAULTS).await, json!([]), "{name} at {width} px");
    }
    choose(stage, "320").await;
    axe(stage, name).await;
    if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
        let page = "return {x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1}";
        keep_part(stage, page, PathBuf::from(folder).join(format!("gallery-{name}.webp"))).await;
    }
}

#[test]
fn every_state_is_whole_and_usable_in_light_and_dark() {
    play("gallery", |stage| async move {
        open(&stage).await;
        stage.browser.resize(1480, 1000).await;
        let scenes = stage.browser.run("return document.querySelectorAll('[data-scene]').length").await;
        assert!(scenes.as_u64() >= Some(35), "{scenes} states");
        for (theme, name) in [("Light", "light"), ("Dark", "dark")] {
            choose(&stage, theme).await;
            look(&stage, name).await;
        }
    });
}

#[test]
fn every_state_is_mirrored_where_the_language_is() {
    play("gallery_rtl", |stage| async move {
        open(&stage).await;
        stage.browser.resize(1480, 1000).await;
        let arabic = "const list = document.querySelector('.language select'); list.value = 'ar'; \
            list.dispatchEvent(new Event('change', {bubbles: true}))";
        stage.browser.run(arabic).await;
        stage.browser.wait_for("[data-scene=terminated] .cr3d[dir=rtl] .cr3d-title").await;
        let latin = "return [...document.querySelectorAll('.cr3d[dir=rtl] .cr3d-title')].map(t => t.textContent) \
            .filter(text => /^[ -~]*$/.test(text))";
        assert_eq!(stage.browser.run(latin).await, json!([]), "titles without an Arabic letter");
        choose(&stage, "Light").await;
        look(&stage, "rtl").await;
    });
}

#[test]
fn every_state_can_be_read_at_twice_the_size_and_without_colours() {
    play("gallery_zoom", |stage| async move {
        open(&stage).await;
        let browser = &stage.browser;
        // 200 % zoom of a window of 640 px leaves 320 of the page's own.
        let zoomed = json!({"width": 320, "height": 480, "deviceScaleFactor": 2, "mobile": false});
        browser.devtools("Emulation.setDeviceMetricsOverride", zoomed).await;
        assert_eq!(browser.run(FAULTS).await, json!([]), "zoomed");
        assert_eq!(browser.run("return document.documentElement.scrollWidth > innerWidth").await, false);

        let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
        browser.devtools("Emulation.setEmulatedMedia", forced).await;
        browser.resize(1480, 1000).await;
        assert_eq!(browser.run("return matchMedia('(forced-colors: active)').matches").await, true);
        // What says something by its colour alone says it by its shape too: the bar and the steps keep an outline.
        let outlined = "return [...document.querySelectorAll('.cr3d-bar')].every(bar => \
            getComputedStyle(bar).borderTopWidth === '1px')";
        assert_eq!(browser.run(outlined).await, true);
        if let Some(folder) = std::env::var_os("CR3D_SCREENSHOTS") {
            let page = "return {x: 0, y: 0, width: innerWidth, height: 2400, scale: 1}";
            keep_part(&stage, page, PathBuf::from(folder).join("gallery-forced-colors.webp")).await;
        }
    });
}
