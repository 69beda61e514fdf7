//! One page for each session: a duplicated tab finds the same resume key, and two that fetch embed URLs in turn would
//! void each other's frame.

use super::Engine;
use super::effect::Effect;
use super::event::{self, Event};

/// Whose the session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Claim {
    /// Not known yet.
    Pending,
    /// This page's.
    #[default]
    Ours,
    /// Another page's.
    Elsewhere,
}

impl Claim {
    pub(super) fn is_ours(self) -> bool {
        self == Self::Ours
    }
}

impl Engine {
    /// Asks for the claim. `steal`: the user wants to go on here.
    pub(super) fn ask_for_claim(&mut self, steal: bool) {
        let Some(session_id) = self.live().map(|live| live.session_id.clone()) else { return };
        self.out.push(Effect::AcquireOwnership { session_id, steal });
    }

    /// Whose the session is by now. It goes on in any case.
    pub(super) fn claimed(&mut self, session_id: &str, is_ours: bool) {
        let Some(live) = self.live().filter(|live| live.session_id == session_id) else { return };
        let before = std::mem::replace(&mut live.claim, if is_ours { Claim::Ours } else { Claim::Elsewhere });
        if is_ours || before == Claim::Elsewhere {
            return;
        }
        // Whoever goes on here later begins like a reloaded page: with a question, and then a frame of its own.
        (live.resumed, live.seen) = (true, false);
        (live.failures, live.denials, live.stalled, live.minutes_left) = (0, 0, false, None);
        live.frame.give_up();
        let session_id = Some(live.session_id.clone());
        self.cancel_ask();
        self.cancel_embed();
        self.drop_frame();
        self.emit(Event::Error(event::Error {
            session_id,
            code: "other-tab".to_owned(),
            message: "Another tab of this browser shows this verification. The user can continue it in this tab."
                .to_owned(),
            retrying: false,
        }));
    }

    /// The page may be put away at any moment.
    pub(super) fn release(&mut self) {
        if self.live().is_some_and(|live| live.claim != Claim::Elsewhere) {
            self.out.push(Effect::ReleaseOwnership);
        }
    }

    /// The page is back, and somebody else may show the session by now.
    pub(super) fn claim_again(&mut self) {
        if let Some(live) = self.live().filter(|live| live.claim != Claim::Elsewhere) {
            live.claim = Claim::Pending;
            self.ask_for_claim(false);
        }
    }

    pub(super) fn use_here(&mut self) {
        if let Some(live) = self.live().filter(|live| live.claim == Claim::Elsewhere) {
            live.claim = Claim::Pending;
            live.ask_fresh = true;
            self.ask_for_claim(true);
        }
    }
}
