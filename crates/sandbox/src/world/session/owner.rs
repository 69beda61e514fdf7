//! Ownership of sessions by API keys.

/// The key that created a session: its index, and how many times it had been rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    key: usize,
    generation: u32,
}

impl Owner {
    pub(crate) fn new(key: usize, generation: u32) -> Self {
        Self { key, generation }
    }

    /// Returns the index of the key.
    pub(crate) fn key(self) -> usize {
        self.key
    }

    /// Returns true if `self` is the same key as `other`, rotated or not.
    pub(crate) fn is_same_key(self, other: Self) -> bool {
        self.key == other.key
    }

    /// Returns true if `self` is an earlier rotation of the same key.
    pub(crate) fn is_older_than(self, other: Self) -> bool {
        self.is_same_key(other) && self.generation < other.generation
    }
}
