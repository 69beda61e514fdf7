//! Monotonic clock, wall clock and a random seed.

use cr3dentials_core::engine::Now;
use cr3dentials_core::time::{Millis, UnixMillis};

use super::window;

/// Returns the current time for the engine. Both clocks count whole milliseconds.
pub(crate) fn now() -> Now {
    let mono = window().performance().map_or(0.0, |clock| clock.now());
    // Casts saturate, and both numbers are far inside their type.
    Now { mono: Millis(mono.max(0.0) as u64), wall: UnixMillis(js_sys::Date::now() as i64) }
}

/// Returns a random number for jitter and idempotency keys, not for secrets.
pub(crate) fn seed() -> u64 {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    half() << 32 | half()
}
