//! Access to a session's frame page: tokens that open it, and the key and streams of the page opened last.

use subtle::ConstantTimeEq;

use super::tokens::Tokens;

/// Access to the frame page.
#[derive(Default)]
pub(crate) struct PageAccess {
    pub(crate) tokens: Tokens,
    key: Option<String>,
    streams: u32,
    cuts: u32,
}

impl PageAccess {
    /// Sets the key of a page that was just opened. Keys of older pages are refused from now on.
    pub(super) fn open(&mut self, key: String) {
        self.key = Some(key);
    }

    /// Returns true once the page has been opened.
    pub(crate) fn is_open(&self) -> bool {
        self.key.is_some()
    }

    /// Returns the key of the page opened last; empty if there is none.
    pub(crate) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// Returns true if `key` belongs to the page opened last. Compares in constant time.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.key.as_ref().is_some_and(|known| bool::from(known.as_bytes().ct_eq(key.as_bytes())))
    }

    /// Counts an opened stream.
    pub(crate) fn add_stream(&mut self) {
        self.streams += 1;
    }

    /// Requests a cut of the open streams.
    pub(crate) fn cut_streams(&mut self) {
        self.cuts += 1;
    }

    /// Returns the number of streams opened so far.
    pub(crate) fn streams(&self) -> u32 {
        self.streams
    }

    /// Returns the number of cuts requested so far.
    pub(crate) fn cuts(&self) -> u32 {
        self.cuts
    }
}
