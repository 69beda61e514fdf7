//! Phases of a session from `CREATED` to its end: status, duration, progress and successor of each.

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::SessionStatus;

use crate::users::{Challenge, Outcome, TestUser};

/// Speed of lifecycles; 1 is realistic, 10 is ten times as fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pace(f64);

impl Pace {
    /// Clamps `speed` to a supported value; a non-positive or non-finite one becomes 1.
    pub(crate) fn new(speed: f64) -> Self {
        Self(if speed.is_finite() && speed > 0.0 { speed.clamp(0.001, 100_000.0) } else { 1.0 })
    }

    /// Returns this pace multiplied by `times`.
    pub(crate) fn times(self, times: f64) -> Self {
        Self::new(self.0 * times)
    }

    /// Scales `length` to this pace, to at least a millisecond, so that time always advances.
    pub(crate) fn scale(self, length: Millis) -> Millis {
        // The lengths here are seconds and the speed is bounded, so the cast loses only the fraction.
        Millis(((length.0 as f64 / self.0).round() as u64).max(1))
    }
}

/// Phase of a live session. Finer than its status: `RUNNING` and `AWAITING_USER` occur more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Created,
    Initializing,
    Ready,
    Connected,
    LoadingTree,
    Opening,
    /// The sign-in form, with the number of passwords refused so far.
    SignIn {
        refusals: u8,
    },
    /// The input is being checked: the password (0 passed), or the last of the `passed` challenges.
    Checking {
        passed: u8,
    },
    /// A challenge is shown; `refused` is true if the last input was wrong.
    Challenge {
        challenge: Challenge,
        passed: u8,
        refused: bool,
    },
    Collecting,
    Verifying,
}

/// Successor of a phase.
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
            Self::SignIn { .. } | Self::Challenge { .. } => SessionStatus::AwaitingUser,
            Self::Collecting => SessionStatus::CollectingData,
            Self::Verifying => SessionStatus::Verifying,
        }
    }

    /// Returns the duration of the phase at pace 1; `None` while waiting for the user.
    pub(crate) fn duration(self, page_is_open: bool) -> Option<Millis> {
        match self {
            Self::Created => Some(Millis(400)),
            Self::Initializing => Some(Millis(1200)),
            // A page that was opened early connects as soon as the browser is ready.
            Self::Ready => page_is_open.then_some(Millis(250)),
            Self::Connected | Self::Opening => Some(Millis(500)),
            Self::LoadingTree => Some(Millis(700)),
            Self::SignIn { .. } | Self::Challenge { .. } => None,
            Self::Checking { .. } => Some(Millis(800)),
            Self::Collecting => Some(Millis(1800)),
            Self::Verifying => Some(Millis(1500)),
        }
    }

    /// Returns the progress at the start and at the end of the phase, in percent.
    pub(crate) fn progress(self) -> (u8, u8) {
        // There are at most three challenges.
        let at_challenge = |passed: u8| 42 + 6 * passed.min(3);
        match self {
            Self::Created => (0, 1),
            Self::Initializing => (2, 9),
            Self::Ready => (10, 10),
            Self::Connected => (14, 17),
            Self::LoadingTree => (18, 27),
            Self::Opening => (28, 34),
            Self::SignIn { .. } => (35, 35),
            Self::Checking { passed: 0 } => (36, 41),
            Self::Checking { passed } => (at_challenge(passed - 1), at_challenge(passed) - 1),
            Self::Challenge { passed, .. } => (at_challenge(passed), at_challenge(passed)),
            Self::Collecting => (62, 84),
            Self::Verifying => (86, 98),
        }
    }

    /// Returns the successor for `user` when the phase's duration has elapsed.
    pub(crate) fn next(self, user: &TestUser) -> Next {
        match self {
            Self::Created => Next::Phase(Self::Initializing),
            Self::Initializing => Next::Phase(Self::Ready),
            Self::Ready => Next::Phase(Self::Connected),
            Self::Connected => Next::Phase(Self::LoadingTree),
            Self::LoadingTree => Next::Phase(Self::Opening),
            Self::Opening => Next::Phase(Self::SignIn { refusals: 0 }),
            Self::SignIn { .. } | Self::Challenge { .. } => Next::Phase(self),
            Self::Checking { passed } => match (user.challenges().nth(usize::from(passed)), user.outcome) {
                (Some(challenge), _) => Next::Phase(Self::Challenge { challenge, passed, refused: false }),
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
    fn invalid_speed_counts_as_one_and_durations_are_never_zero() {
        for speed in [0.0, -2.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Pace::new(speed).scale(Millis(400)), Millis(400), "{speed}");
        }
        assert_eq!(Pace::new(10.0).scale(Millis(400)), Millis(40));
        assert_eq!(Pace::new(1.0).times(0.1).scale(Millis(400)), Millis(4000));
        assert_eq!(Pace::new(1e9).scale(Millis(400)), Millis(1));
    }

    #[test]
    fn progress_never_falls_for_any_test_user() {
        for user in crate::users::test_users() {
            let (mut phase, mut last) = (Phase::Created, 0);
            loop {
                let (from, to) = phase.progress();
                assert!(last <= from && from <= to && to < 100, "{phase:?} for {}", user.name);
                last = to;
                phase = match phase {
                    Phase::SignIn { .. } => Phase::Checking { passed: 0 },
                    Phase::Challenge { passed, .. } => Phase::Checking { passed: passed + 1 },
                    other => match other.next(user) {
                        Next::Phase(next) => next,
                        Next::End(outcome) => break assert_eq!(outcome, user.outcome),
                    },
                };
            }
        }
    }
}
