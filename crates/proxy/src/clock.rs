//! The monotonic and the wall clock. Pure rules take the time as an argument; only their callers read these clocks.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cr3dentials_core::time::{Millis, UnixMillis};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Returns the milliseconds since the first call. For waiting: unaffected by changes of the wall clock.
pub(crate) fn mono() -> Millis {
    Millis(u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// Returns the date and time. For values that are stored, shown or compared with the provider's times.
pub(crate) fn wall() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Converts to the duration type that tokio uses.
pub(crate) fn duration(length: Millis) -> Duration {
    Duration::from_millis(length.0)
}
