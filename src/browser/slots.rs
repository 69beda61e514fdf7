//! Who may hold a question open: over HTTP/1.1 six held requests would leave the partner's own page without a
//! connection, so only two for each proxy origin are held in all tabs together, and the others poll.
//!
//! Web Locks count across tabs. Where a browser lacks or refuses them, one question for each page is held.

use std::cell::Cell;

use super::locks::{self, Lock, Outcome, Wanted};

const SLOTS: u32 = 2;

thread_local! {
    static TAKEN_WITHOUT_LOCKS: Cell<bool> = const { Cell::new(false) };
}

/// The right to hold one question. Dropping it gives it back.
#[derive(Debug)]
#[must_use = "dropping it gives the slot back"]
pub(crate) enum Slot {
    Lock { _held: Lock },
    ThisPage,
}

impl Slot {
    /// A free slot of the proxy at `base`, if there is one right now.
    pub(crate) async fn take(base: &str) -> Option<Self> {
        for number in 0..SLOTS {
            let name = format!("cr3d-hold:{base}:{number}");
            match locks::request(&name, Wanted::IfFree, Box::new(|| {})).await {
                Outcome::Granted(held) => return Some(Self::Lock { _held: held }),
                Outcome::Taken => {}
                Outcome::Unavailable => {
                    let was_taken = TAKEN_WITHOUT_LOCKS.replace(true);
                    return (!was_taken).then_some(Self::ThisPage);
                }
            }
        }
        None
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if matches!(self, Self::ThisPage) {
            TAKEN_WITHOUT_LOCKS.set(false);
        }
    }
}
