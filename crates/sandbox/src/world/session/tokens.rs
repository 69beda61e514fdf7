//! Embed tokens of a session: short-lived and single-use (docs/partner-api.md section 6).

use std::collections::BTreeMap;

use cr3dentials_core::time::{Millis, UnixMillis};

/// Maximum number of unused tokens of a session; beyond it, the oldest is dropped.
const MAX_TOKENS: usize = 128;

/// Unused tokens in order of creation, each with its expiry.
#[derive(Default)]
pub(crate) struct Tokens {
    first: String,
    unused: BTreeMap<u64, (String, UnixMillis)>,
    count: u64,
}

impl std::fmt::Debug for Tokens {
    /// Shows only the number of tokens, which are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.unused.len())
    }
}

impl Tokens {
    /// Adds `token`, which opens the page once within `secs` seconds.
    pub(crate) fn add(&mut self, token: String, now: UnixMillis, secs: u64) {
        if self.count == 0 {
            self.first.clone_from(&token);
        }
        self.unused.retain(|_, (_, expires)| *expires > now);
        if self.unused.len() >= MAX_TOKENS {
            self.unused.pop_first();
        }
        self.count += 1;
        self.unused.insert(self.count, (token, now + Millis::from_secs(secs)));
    }

    /// Uses up `token`; returns false if it is unknown, used or expired.
    pub(crate) fn redeem(&mut self, token: &str, now: UnixMillis) -> bool {
        let found = self.unused.iter().find(|(_, (known, expires))| known == token && *expires > now);
        let Some(number) = found.map(|(number, _)| *number) else { return false };
        self.unused.remove(&number).is_some()
    }

    /// Returns the first token created, usable or not.
    pub(crate) fn first(&self) -> &str {
        &self.first
    }

    /// Invalidates all tokens.
    pub(crate) fn clear(&mut self) {
        self.unused.clear();
    }
}
