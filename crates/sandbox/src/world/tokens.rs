//! The embed tokens of a session: short-lived and single-use (partner-api section 6).

use std::collections::BTreeMap;

use cr3dentials_core::time::{Millis, UnixMillis};

/// Unused tokens kept for one session; the oldest goes first.
const MAX_TOKENS: usize = 128;

/// Unused tokens, by the order they were made in, with the time each expires.
#[derive(Default)]
pub(crate) struct Tokens {
    first: String,
    unused: BTreeMap<u64, (String, UnixMillis)>,
    made: u64,
}

impl std::fmt::Debug for Tokens {
    /// Only how many: they are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.unused.len())
    }
}

impl Tokens {
    /// Keeps `token` as good for one opening of the page, for so many seconds.
    pub(crate) fn add(&mut self, token: String, now: UnixMillis, secs: u64) {
        if self.made == 0 {
            self.first.clone_from(&token);
        }
        self.unused.retain(|_, (_, expires)| *expires > now);
        if self.unused.len() >= MAX_TOKENS {
            self.unused.pop_first();
        }
        self.made += 1;
        self.unused.insert(self.made, (token, now + Millis::from_secs(secs)));
    }

    /// Spends `token`; false when it cannot be used, or no longer.
    pub(crate) fn spend(&mut self, token: &str, now: UnixMillis) -> bool {
        let found = self.unused.iter().find(|(_, (known, expires))| known == token && *expires > now);
        let Some(number) = found.map(|(number, _)| *number) else { return false };
        self.unused.remove(&number).is_some()
    }

    /// The one that was made first, good or not.
    pub(crate) fn first(&self) -> &str {
        &self.first
    }

    /// None opens the page any more.
    pub(crate) fn clear(&mut self) {
        self.unused.clear();
    }
}
