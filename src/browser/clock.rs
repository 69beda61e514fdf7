//! Monotonic clock, wall clock and a random seed.

use cr3dentials_core::engine::Now;
use cr3dentials_core::time::{Millis, UnixMillis};

use super::{foreign, window};

/// Returns the current time for the engine. Both clocks count whole milliseconds.
pub(crate) fn now() -> Now {
    let wall = js_sys::Date::now();
    let performance = foreign::get(&window(), "performance");
    let mono = performance.and_then(|clock| foreign::call(&clock, "now", &[])?.as_f64());
    // The wall clock is better than a clock that stands still, where a page has replaced the monotonic one. Casts
    // saturate, and both numbers are far inside their type.
    Now { mono: Millis(mono.unwrap_or(wall).max(0.0) as u64), wall: UnixMillis(wall as i64) }
}

/// Returns a random number for jitter and idempotency keys, not for secrets.
pub(crate) fn seed() -> u64 {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    half() << 32 | half()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen::JsValue;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::super::foreign::evaluate;
    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn replaced_performance_leaves_a_clock_that_runs() {
        let before = evaluate("Object.getOwnPropertyDescriptor(window, 'performance')", &JsValue::UNDEFINED);
        for value in ["undefined", "{}", "{ now() { throw 7 } }", "{ now: () => 'noon' }"] {
            let replace = ["Object.defineProperty(window, 'performance', { configurable: true, value: ", value, " })"];
            evaluate(&replace.concat(), &JsValue::UNDEFINED);
            let now = now();
            evaluate("Object.defineProperty(window, 'performance', it)", &before);
            assert_eq!(u64::try_from(now.wall.0).ok(), Some(now.mono.0), "{value}");
        }
    }
}
