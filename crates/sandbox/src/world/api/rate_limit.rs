//! Rate limit with fixed windows (docs/partner-api.md section 5).

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::{RATE_LIMIT_HEADERS, RATE_LIMIT_WINDOW_SECS};

use crate::world::switches::ResetFormat;

/// Window of a rate limit. It opens with the first request after the previous one has closed.
#[derive(Debug, Default)]
pub(crate) struct Window {
    opened: Option<UnixMillis>,
    used: u32,
}

/// Decision about a request, and the values of its rate-limit headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) allowed: bool,
    limit: u32,
    remaining: u32,
    resets: UnixMillis,
    now: UnixMillis,
}

impl Window {
    /// Counts one request against `limit`.
    pub(crate) fn count(&mut self, limit: u32, now: UnixMillis) -> Verdict {
        let length = Millis::from_secs(RATE_LIMIT_WINDOW_SECS);
        let opened = match self.opened {
            Some(opened) if now < opened + length => opened,
            _ => {
                self.used = 0;
                now
            }
        };
        self.opened = Some(opened);
        let allowed = self.used < limit;
        if allowed {
            self.used += 1;
        }
        Verdict { allowed, limit, remaining: limit.saturating_sub(self.used), resets: opened + length, now }
    }
}

impl Verdict {
    /// Refuses the request unless another limit has `allowed` it too.
    pub(crate) fn and(self, allowed: bool) -> Self {
        Self { allowed: self.allowed && allowed, ..self }
    }

    /// Returns the decision of an exhausted limit.
    pub(crate) fn exhausted(self) -> Self {
        Self { allowed: false, remaining: 0, ..self }
    }

    /// Returns the documented headers. The unit of the reset time is undocumented, so `format` decides it.
    pub(crate) fn headers(self, format: ResetFormat) -> [(&'static str, String); 3] {
        let [limit, remaining, reset] = RATE_LIMIT_HEADERS;
        let at = self.resets.0.max(0).cast_unsigned();
        // Rounded up, so that a client that waits until then finds a new window.
        let resets = match format {
            ResetFormat::Seconds => at.div_ceil(1000),
            ResetFormat::Milliseconds => at,
            ResetFormat::Delta => self.seconds_left(),
        };
        [(limit, self.limit.to_string()), (remaining, self.remaining.to_string()), (reset, resets.to_string())]
    }

    /// Shifts the reset time to a clock that shows `now`.
    pub(crate) fn by_clock(self, now: UnixMillis) -> Self {
        Self { resets: UnixMillis(self.resets.0.saturating_add(now.since(self.now))), now, ..self }
    }

    /// Returns the seconds until the window resets, rounded up.
    pub(crate) fn seconds_left(self) -> u64 {
        self.resets.since(self.now).max(0).cast_unsigned().div_ceil(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_reopens_after_its_length() {
        let mut window = Window::default();
        let start = UnixMillis(1_000_500);
        for left in (0..120).rev() {
            let verdict = window.count(120, start);
            assert_eq!((verdict.allowed, verdict.remaining, verdict.resets), (true, left, start + Millis(60_000)));
        }
        let late = start + Millis(59_999);
        let refused = window.count(120, late);
        assert!(!refused.allowed);
        let reset = |format| refused.headers(format)[2].1.clone();
        assert_eq!(reset(ResetFormat::Seconds), "1061");
        assert_eq!(reset(ResetFormat::Milliseconds), "1060500");
        assert_eq!(reset(ResetFormat::Delta), "1");
        assert!(window.count(120, start + Millis(60_000)).allowed);
    }

    #[test]
    fn lowered_limit_leaves_no_requests() {
        let mut window = Window::default();
        for _ in 0..5 {
            window.count(10, UnixMillis(0));
        }
        let verdict = window.count(3, UnixMillis(0));
        assert_eq!((verdict.allowed, verdict.remaining), (false, 0));
    }
}
