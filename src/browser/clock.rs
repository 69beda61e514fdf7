//! The two clocks and a seed.

use cr3dentials_core::engine::Now;
use cr3dentials_core::time::{Millis, UnixMillis};

use super::window;

/// The time, for the engine. Both clocks are whole milliseconds.
pub(crate) fn now() -> Now {
    let mono = window().performance().map_or(0.0, |clock| clock.now());
    // Casts saturate, and both numbers are far inside their type.
    Now { mono: Millis(mono.max(0.0) as u64), wall: UnixMillis(js_sys::Date::now() as i64) }
}

/// A number that differs from page to page: for jitter and idempotency keys, not for secrets.
pub(crate) fn seed() -> u64 {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    half() << 32 | half()
}
