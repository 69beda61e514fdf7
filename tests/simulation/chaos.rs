//! Random events of the user, the browser, the network and the provider.

use cr3dentials_core::engine::{FrameSignal, HostAction, Input, PageSignal};
use cr3dentials_sandbox::{SWITCHES, test_users};
use rand::RngExt;
use serde_json::{Value, json};

use crate::page::Page;

/// Applies one random event to the page.
pub(crate) fn random_event(page: &mut Page) {
    match page.rng.random_range(0..108) {
        0..38 => page.user_acts(),
        38..44 => page.frame_signals(FrameSignal::Hint),
        44..47 => page.frame_signals(FrameSignal::Lost),
        47..48 => page.frame_signals(FrameSignal::CspBlocked),
        48..52 => page.give(Input::Page(PageSignal::Hidden)),
        52..58 => page.give(Input::Page(PageSignal::Visible)),
        58..60 => page.give(Input::Page(PageSignal::Frozen)),
        60..64 => page.give(Input::Page(PageSignal::Restored)),
        64..67 => page.give(Input::Page(PageSignal::Offline)),
        67..73 => page.give(Input::Page(PageSignal::Online)),
        73..75 => page.give(Input::Host(HostAction::Refresh)),
        75..76 => page.give(Input::Host(HostAction::Remount)),
        76..77 => page.start_again(),
        77..78 if page.rng.random_ratio(1, 3) => page.give(Input::Host(HostAction::Close)),
        78..79 if page.rng.random_ratio(1, 6) => page.destroy(),
        79..88 => {
            let faults = faults(page);
            page.control("/faults", &faults);
        }
        88..93 => page.control("/faults", &json!([])),
        93..95 => {
            let switch = &SWITCHES[page.rng.random_range(0..SWITCHES.len())];
            let values = switch.values();
            let value = &values[page.rng.random_range(0..values.len())];
            page.control("/switches", &json!({ switch.name: value }));
        }
        95..96 if page.rng.random_ratio(1, 4) => page.control("/restart", &json!({ "memory": false })),
        96..97 => page.force(&Value::from("SOMETHING_NEW")),
        97..98 if page.rng.random_ratio(1, 4) => page.taken_by_another_tab(),
        97..98 => page.force(&Value::Null),
        98..99 if page.rng.random_ratio(1, 3) => page.force(&Value::from("TERMINATED")),
        99..100 => page.sleep(600_000),
        100..102 => page.suspend(900_000),
        102..104 => page.set_clock(600_000),
        104..105 => page.set_clock(20 * 3_600_000),
        105..108 => page.change_gateway(),
        _ => {
            let user = &test_users()[page.rng.random_range(0..test_users().len())].name;
            page.control("/settings", &json!({ "user": user }));
        }
    }
}

/// Returns one to three faults, each with its own probability.
fn faults(page: &mut Page) -> Value {
    let kinds = [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 503, "retryAfter": 2 }),
        json!({ "kind": "status", "status": 401 }),
        json!({ "kind": "status", "status": 404 }),
        json!({ "kind": "rateLimited", "retryAfter": 1 }),
        json!({ "kind": "delay", "millis": 7000 }),
        json!({ "kind": "delay", "millis": 50_000 }),
        json!({ "kind": "cut" }),
        json!({ "kind": "malformed" }),
        json!({ "kind": "unknownStatus" }),
        json!({ "kind": "unknownField" }),
        json!({ "kind": "missingField" }),
        json!({ "kind": "clockSkew", "secs": -600 }),
        json!({ "kind": "clockSkew", "secs": 600 }),
    ];
    let count = page.rng.random_range(1..=3);
    let fault = |page: &mut Page| {
        let mut fault = kinds[page.rng.random_range(0..kinds.len())].clone();
        fault["on"] = json!(["any", "get", "create"][page.rng.random_range(0..3)]);
        fault["probability"] = json!([0.2, 0.7, 1.0][page.rng.random_range(0..3)]);
        fault["seed"] = json!(page.rng.random::<u64>());
        fault["times"] = json!(page.rng.random_range(1..20));
        fault
    };
    (0..count).map(|_| fault(page)).collect()
}
