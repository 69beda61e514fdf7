//! Benchmarks in a real browser: `cargo xtask bench mount` and `cargo xtask bench messages`. They run as tests but only
//! print figures, unless `CR3D_BENCH_CHECK` is set: then they fail when a figure misses its target.

use std::time::Instant;

use serde_json::json;

use crate::harness::{Harness, run_test};
use crate::site::Network;

/// Total number of mounts, and the number of mounts between two measurements.
const MOUNTS: usize = 1000;
const LOOK_EVERY: usize = 200;

/// Script that keeps a reference to the module's memory.
const SPY: &str = "for (const name of ['instantiate', 'instantiateStreaming']) { const real = WebAssembly[name]; \
    WebAssembly[name] = async (...given) => { const made = await real.apply(WebAssembly, given); \
    const exports = Object.values((made.instance ?? made).exports); \
    window.memory = exports.find(one => one instanceof WebAssembly.Memory); return made } }";

/// Script that mounts and removes the element, each time with a request in flight.
const MOUNT: &str = "
    const place = document.querySelector('#place');
    for (let n = 0; n < COUNT; n += 1) {
        const element = document.createElement('cr3dentials-verify');
        Object.assign(element, {proxyUrl: '/api/verification', sessionId: '0c5f3d9a-6f0e-4f7e-9a53-2f6f4a1f9b10', clientToken: 'v1.not.real'});
        place.replaceChildren(element);
        while (!element.shadowRoot.querySelector('.cr3d-title') || left.fetches === 0) await new Promise(done => setTimeout(done, 1));
        place.replaceChildren();
        await new Promise(done => setTimeout(done, 0));
    }";

fn checks() -> bool {
    std::env::var_os("CR3D_BENCH_CHECK").is_some()
}

/// Measures what the page holds after a garbage collection.
async fn holds(harness: &Harness) -> [f64; 5] {
    let browser = &harness.browser;
    browser.devtools("HeapProfiler.collectGarbage", json!({})).await;
    let metrics = browser.devtools("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| {
        let found = metrics["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == name);
        found.and_then(|metric| metric["value"].as_f64()).unwrap()
    };
    let left = browser.run("return [leftBehind().timers, window.memory.buffer.byteLength / 1024]").await;
    let number = |index: usize| left[index].as_f64().unwrap();
    [metric("Nodes"), metric("JSEventListeners"), number(0), number(1), metric("JSHeapUsedSize") / 1024.0]
}

#[test]
#[ignore = "a benchmark"]
fn mount() {
    run_test("bench_mount", |harness| async move {
        let browser = &harness.browser;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": SPY})).await;
        browser.devtools("Performance.enable", json!({})).await;
        harness.record.set(Network::Paused);
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.wait_for(".cr3d-title").await;
        browser.run("document.querySelector('#place').replaceChildren()").await;
        println!(
            "{:>7} {:>9} {:>10} {:>7} {:>9} {:>9} {:>9}",
            "mounts", "DOM nodes", "listeners", "timers", "wasm kB", "heap kB", "ms each"
        );
        let mut looks = Vec::new();
        for mounts in (LOOK_EVERY..=MOUNTS).step_by(LOOK_EVERY) {
            let begun = Instant::now();
            let script = MOUNT.replace("COUNT", &LOOK_EVERY.to_string());
            browser.run(&format!("return (async () => {{ {script} }})()")).await;
            let each = begun.elapsed().as_secs_f64() * 1000.0 / LOOK_EVERY as f64;
            let [nodes, listeners, timers, wasm, heap] = holds(&harness).await;
            println!("{mounts:>7} {nodes:>9} {listeners:>10} {timers:>7} {wasm:>9.0} {heap:>9.0} {each:>9.1}");
            looks.push([nodes, listeners, timers, wasm]);
        }
        let (first, last) = (looks[0], looks[looks.len() - 1]);
        if checks() {
            assert_eq!(last[3], first[3], "the module's memory grows");
            assert!(last[0] <= first[0] + 10.0, "DOM nodes grow");
            assert!(last[1] <= first[1] + 5.0, "listeners grow");
            assert_eq!(last[2], 0.0, "timers are left");
        }
    });
}

/// Number of messages in a burst, and number of bursts.
const MESSAGES: u32 = 10_000;
const BURSTS: usize = 15;

/// Sends a burst and returns the milliseconds until the last message was delivered.
const BURST: &str = "
    const forged = {source: 'cr3dentials-sandbox', type: 'status', status: 'COMPLETED', progress: 100};
    const begun = performance.now();
    const done = new Promise(done => addEventListener('message', function end(e) {
        if (e.data === 'end') { removeEventListener('message', end); done() } }));
    for (let n = 0; n < COUNT; n += 1) postMessage(forged, '*');
    postMessage('end', '*');
    await done;
    return performance.now() - begun;";

async fn burst(harness: &Harness) -> f64 {
    let script = BURST.replace("COUNT", &MESSAGES.to_string());
    harness.browser.run(&format!("return (async () => {{ {script} }})()")).await.as_f64().unwrap()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[test]
#[ignore = "a benchmark"]
fn messages() {
    run_test("bench_messages", |harness| async move {
        let browser = &harness.browser;
        browser.open(&format!("{}/element.html", harness.origin)).await;
        browser.wait_for_text(".cr3d-title", "Your turn").await;
        let mut with = Vec::new();
        for _ in 0..BURSTS {
            with.push(burst(&harness).await);
        }
        let title = browser.text(".cr3d-title").await;
        browser.run("document.querySelector('cr3dentials-verify').remove()").await;
        let mut without = Vec::new();
        for _ in 0..BURSTS {
            without.push(burst(&harness).await);
        }
        let (with, without) = (median(with), median(without));
        let each = (with - without) * 1000.0 / f64::from(MESSAGES);
        println!("{MESSAGES} forged messages, median of {BURSTS} bursts");
        println!("without the element {without:8.1} ms");
        println!("with it             {with:8.1} ms, {each:.2} µs more for each message");
        assert_eq!(title.as_deref(), Some("Your turn"), "forged messages changed the title");
        if checks() {
            // At ten thousand a second this is a twentieth of the main thread.
            assert!(each < 5.0, "{each} µs for a message");
        }
    });
}
