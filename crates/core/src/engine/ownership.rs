//! Ownership of a session among the tabs of one browser. A duplicated tab finds the same stored session, and two tabs
//! that fetch embed URLs in turn would invalidate each other's iframe: so only the owner polls and shows one.

use super::Context;
use super::protocol::Effect;

/// The tab that owns the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// Not known yet.
    Pending,
    /// This tab.
    ThisTab,
    /// Another tab.
    OtherTab,
}

impl Ownership {
    pub(super) fn is_ours(self) -> bool {
        self == Self::ThisTab
    }

    pub(super) fn is_elsewhere(self) -> bool {
        self == Self::OtherTab
    }

    /// Requests ownership. `steal`: the user asked to continue in this tab.
    pub(super) fn acquire(ctx: &mut Context, session_id: &str, steal: bool) {
        ctx.push(Effect::AcquireOwnership { session_id: session_id.to_owned(), steal });
    }

    /// Records the driver's report, and returns true if another tab has just taken over.
    pub(super) fn decided(&mut self, is_ours: bool) -> bool {
        let previous = std::mem::replace(self, if is_ours { Self::ThisTab } else { Self::OtherTab });
        !is_ours && previous != Self::OtherTab
    }

    /// Releases ownership before the page is frozen.
    pub(super) fn release(self, ctx: &mut Context) {
        if self != Self::OtherTab {
            ctx.push(Effect::ReleaseOwnership);
        }
    }

    /// Requests ownership again after a freeze, during which another tab may have taken over.
    pub(super) fn reacquire(&mut self, ctx: &mut Context, session_id: &str) {
        if *self != Self::OtherTab {
            *self = Self::Pending;
            Self::acquire(ctx, session_id, false);
        }
    }

    /// Takes the session from the tab that owns it, and returns false if no other tab does.
    pub(super) fn steal(&mut self, ctx: &mut Context, session_id: &str) -> bool {
        let steals = *self == Self::OtherTab;
        if steals {
            *self = Self::Pending;
            Self::acquire(ctx, session_id, true);
        }
        steals
    }
}
