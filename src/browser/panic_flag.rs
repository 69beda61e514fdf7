//! Remembers that this instance of the module has panicked. Its state may be inconsistent then.

use std::cell::Cell;

thread_local! {
    static HAS_PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// Returns true once this instance of the module has panicked.
pub(crate) fn has_panicked() -> bool {
    HAS_PANICKED.get()
}

/// Records that this instance of the module has panicked.
pub(crate) fn set_panicked() {
    HAS_PANICKED.set(true);
}
