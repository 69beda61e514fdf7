//! The rate limit: a fixed window for each key, as partner-api section 5 describes it.

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::undocumented::RATE_LIMIT_RESET_UNIT_MILLIS;
use cr3dentials_core::wire::{RATE_LIMIT_HEADERS, RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW_SECS};

/// One key's window. It opens with the first request after the last one closed.
#[derive(Debug, Default)]
pub(crate) struct Window {
    opened: Option<UnixMillis>,
    used: u32,
}

/// Whether a request may pass, and what the headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) allowed: bool,
    remaining: u32,
    resets: UnixMillis,
}

impl Window {
    /// Counts one request.
    pub(crate) fn count(&mut self, now: UnixMillis) -> Verdict {
        let length = Millis::from_secs(RATE_LIMIT_WINDOW_SECS);
        let opened = match self.opened {
            Some(opened) if now < opened + length => opened,
            _ => {
                self.used = 0;
                now
            }
        };
        self.opened = Some(opened);
        let allowed = self.used < RATE_LIMIT_REQUESTS;
        if allowed {
            self.used += 1;
        }
        Verdict { allowed, remaining: RATE_LIMIT_REQUESTS - self.used, resets: opened + length }
    }
}

impl Verdict {
    /// The documented headers.
    pub(crate) fn headers(self) -> [(&'static str, String); 3] {
        let [limit, remaining, reset] = RATE_LIMIT_HEADERS;
        // Rounded up: a client that waits until then finds the window open.
        let resets = self.resets.0.max(0).cast_unsigned().div_ceil(RATE_LIMIT_RESET_UNIT_MILLIS);
        [(limit, RATE_LIMIT_REQUESTS.to_string()), (remaining, self.remaining.to_string()), (reset, resets.to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_again_after_its_length() {
        let mut window = Window::default();
        let start = UnixMillis(1_000_500);
        for left in (0..RATE_LIMIT_REQUESTS).rev() {
            assert_eq!(window.count(start), Verdict { allowed: true, remaining: left, resets: start + Millis(60_000) });
        }
        assert!(!window.count(start + Millis(59_999)).allowed);
        assert_eq!(window.count(start).headers()[2].1, "1061");
        assert!(window.count(start + Millis(60_000)).allowed);
    }
}
