//! A gateway between the page and the backend, if there is one.

use cr3dentials_core::engine::{Failure, FailureKind};
use cr3dentials_core::time::Millis;
use rand::RngExt;
use rand::rngs::StdRng;

/// A gateway, together with the backend's ability to hold requests.
#[derive(Clone, Copy)]
pub(crate) struct Gateway {
    /// The backend holds long polls.
    pub(crate) holds: bool,
    /// Time after which the gateway cuts a request.
    pub(crate) cut_after: Option<Millis>,
    /// It closes the connection instead of responding with a 504.
    pub(crate) closes: bool,
    /// Of a hundred responses, the number that the gateway replaces by its own.
    replaced: u32,
}

impl Gateway {
    /// No gateway, and a backend that holds requests.
    pub(crate) fn absent() -> Self {
        Self { holds: true, cut_after: None, closes: false, replaced: 0 }
    }

    pub(crate) fn cutting(length: Millis, closes: bool) -> Self {
        Self { cut_after: Some(length), closes, ..Self::absent() }
    }

    pub(crate) fn random(rng: &mut StdRng) -> Self {
        let cut_after = rng.random_ratio(1, 2).then(|| Millis(rng.random_range(100..30_000)));
        let replaced = [0, 0, 0, 30, 100][rng.random_range(0..5)];
        Self { holds: rng.random_ratio(1, 2), cut_after, closes: rng.random_ratio(1, 2), replaced }
    }

    /// Returns the failure as which a response of the gateway arrives, if it responds in the backend's place.
    pub(crate) fn intercept(self, rng: &mut StdRng) -> Option<Failure> {
        rng.random_ratio(self.replaced, 100).then(|| {
            let retry_after = rng.random_ratio(1, 3).then(|| Millis::from_secs(rng.random_range(0..30)));
            Failure { kind: FailureKind::Intermediary, retry_after }
        })
    }
}
