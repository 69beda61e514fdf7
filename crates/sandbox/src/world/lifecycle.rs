//! The road from `CREATED` to an end: what each phase is called outside, how long it lasts, and what follows.

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus;

use crate::users::{Ask, Outcome, TestUser};

/// How fast the sandbox's lifecycle runs; 1 is lifelike, 10 is ten times as fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace(f64);

impl Pace {
    /// Anything that makes no sense counts as 1.
    pub(crate) fn new(speed: f64) -> Self {
        Self(if speed.is_finite() && speed > 0.0 { speed.clamp(0.001, 100_000.0) } else { 1.0 })
    }

    /// This pace, `times` as fast.
    pub(crate) fn times(self, times: f64) -> Self {
        Self::new(self.0 * times)
    }

    /// How long `length` lasts at this pace: at least a millisecond, so that time always moves.
    pub(crate) fn scale(self, length: Millis) -> Millis {
        // The lengths here are seconds and the speed is bounded, so the cast loses only the fraction.
        Millis(((length.0 as f64 / self.0).round() as u64).max(1))
    }
}

/// Where a live session is. Finer than its status: `RUNNING` and `AWAITING_USER` come more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Created,
    Initializing,
    Ready,
    Connected,
    LoadingTree,
    Opening,
    /// The sign-in form, after so many passwords that were refused.
    SignIn {
        refusals: u8,
    },
    /// What was typed is being checked: the password, or the answer to that many asks.
    Checking {
        answered: u8,
    },
    Asking {
        ask: Ask,
        answered: u8,
        refused: bool,
    },
    Collecting,
    Verifying,
}

/// What follows a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Phase(Phase),
    End(Outcome),
}

impl Phase {
    pub(crate) fn status(self) -> SessionStatus {
        match self {
            Self::Created => SessionStatus::Created,
            Self::Initializing => SessionStatus::Initializing,
            Self::Ready => SessionStatus::Ready,
            Self::Connected => SessionStatus::Connected,
            Self::LoadingTree => SessionStatus::LoadingTree,
            Self::Opening | Self::Checking { .. } => SessionStatus::Running,
            Self::SignIn { .. } | Self::Asking { .. } => SessionStatus::AwaitingUser,
            Self::Collecting => SessionStatus::CollectingData,
            Self::Verifying => SessionStatus::Verifying,
        }
    }

    /// How long it lasts by itself at pace 1; `None` while it is the user's turn.
    pub(crate) fn lasts(self, page_is_open: bool) -> Option<Millis> {
        match self {
            Self::Created => Some(Millis(400)),
            Self::Initializing => Some(Millis(1200)),
            // A page that was opened early connects as soon as there is something to connect to.
            Self::Ready => page_is_open.then_some(Millis(250)),
            Self::Connected | Self::Opening => Some(Millis(500)),
            Self::LoadingTree => Some(Millis(700)),
            Self::SignIn { .. } | Self::Asking { .. } => None,
            Self::Checking { .. } => Some(Millis(800)),
            Self::Collecting => Some(Millis(1800)),
            Self::Verifying => Some(Millis(1500)),
        }
    }

    /// `progress` at its beginning and at its end, in per cent.
    pub(crate) fn progress(self) -> (u8, u8) {
        // There are at most three asks.
        let asked = |answered: u8| 42 + 6 * answered.min(3);
        match self {
            Self::Created => (0, 1),
            Self::Initializing => (2, 9),
            Self::Ready => (10, 10),
            Self::Connected => (14, 17),
            Self::LoadingTree => (18, 27),
            Self::Opening => (28, 34),
            Self::SignIn { .. } => (35, 35),
            Self::Checking { answered: 0 } => (36, 41),
            Self::Checking { answered } => (asked(answered - 1), asked(answered) - 1),
            Self::Asking { answered, .. } => (asked(answered), asked(answered)),
            Self::Collecting => (62, 84),
            Self::Verifying => (86, 98),
        }
    }

    /// What follows for `user` when its time is over.
    pub(crate) fn next(self, user: &TestUser) -> Next {
        match self {
            Self::Created => Next::Phase(Self::Initializing),
            Self::Initializing => Next::Phase(Self::Ready),
            Self::Ready => Next::Phase(Self::Connected),
            Self::Connected => Next::Phase(Self::LoadingTree),
            Self::LoadingTree => Next::Phase(Self::Opening),
            Self::Opening => Next::Phase(Self::SignIn { refusals: 0 }),
            Self::SignIn { .. } | Self::Asking { .. } => Next::Phase(self),
            Self::Checking { answered } => match (user.asks().nth(usize::from(answered)), user.outcome) {
                (Some(ask), _) => Next::Phase(Self::Asking { ask, answered, refused: false }),
                (None, Outcome::Completed | Outcome::Partial) => Next::Phase(Self::Collecting),
                (None, outcome) => Next::End(outcome),
            },
            Self::Collecting => Next::Phase(Self::Verifying),
            Self::Verifying => Next::End(user.outcome),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_speed_counts_as_one_and_time_always_moves() {
        for speed in [0.0, -2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace::new(speed).scale(Millis(400)), Millis(400), "{speed}");
        }
        assert_eq!(Pace::new(10.0).scale(Millis(400)), Millis(40));
        assert_eq!(Pace::new(1.0).times(0.1).scale(Millis(400)), Millis(4000));
        assert_eq!(Pace::new(1e9).scale(Millis(400)), Millis(1));
    }

    #[test]
    fn progress_rises_along_every_road() {
        for user in crate::users::test_users() {
            let (mut phase, mut last) = (Phase::Created, 0);
            loop {
                let (from, to) = phase.progress();
                assert!(last <= from && from <= to && to < 100, "{phase:?} for {}", user.name);
                last = to;
                phase = match phase {
                    Phase::SignIn { .. } => Phase::Checking { answered: 0 },
                    Phase::Asking { answered, .. } => Phase::Checking { answered: answered + 1 },
                    other => match other.next(user) {
                        Next::Phase(next) => next,
                        Next::End(outcome) => break assert_eq!(outcome, user.outcome),
                    },
                };
            }
        }
    }
}
