//! Limit for long polls: over HTTP/1.1 six of them would leave the page of the partner without a connection, so all
//! tabs together hold only two for each proxy, and every other request returns immediately.
//!
//! Web Locks count across tabs. Where a browser lacks or refuses them, each page holds one long poll.

use std::cell::Cell;

use super::locks::{self, Lock, LockMode, LockResult};

/// Maximum number of long polls to one proxy, in all tabs together.
const MAX_LONG_POLLS: u32 = 2;

thread_local! {
    static TAKEN_WITHOUT_LOCKS: Cell<bool> = const { Cell::new(false) };
}

/// Permission for one long poll. Dropping it frees the slot.
#[derive(Debug)]
#[must_use = "dropping it frees the slot"]
pub(crate) enum LongPollSlot {
    Lock { _held: Lock },
    ThisPage,
}

impl LongPollSlot {
    /// Takes a free slot of the proxy at `base`, if there is one right now.
    pub(crate) async fn take(base: &str) -> Option<Self> {
        for number in 0..MAX_LONG_POLLS {
            let name = format!("cr3d-hold:{base}:{number}");
            match locks::request(&name, LockMode::IfFree, Box::new(|| {})).await {
                LockResult::Granted(held) => return Some(Self::Lock { _held: held }),
                LockResult::Taken => {}
                LockResult::Unavailable => {
                    let was_taken = TAKEN_WITHOUT_LOCKS.replace(true);
                    return (!was_taken).then_some(Self::ThisPage);
                }
            }
        }
        None
    }
}

impl Drop for LongPollSlot {
    fn drop(&mut self) {
        if matches!(self, Self::ThisPage) {
            TAKEN_WITHOUT_LOCKS.set(false);
        }
    }
}
