//! The key's budget, shared by everything that calls the provider: no call without a [`Permit`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cr3dentials_core::time::Millis;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::UpstreamError;
use super::claims::{Claims, Class};
use super::governor::{Governor, Limits};
use crate::clock;

/// Hands out permits at the governor's pace, in the order of the claims. Clones share one budget.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Debug)]
struct State {
    governor: Governor,
    claims: Claims<oneshot::Sender<Permit>>,
    /// The earliest time for the next request, as last heard from the governor.
    next: Millis,
}

/// The right to send one request now.
#[must_use = "a permit is spent whether it is used or not"]
#[derive(Debug)]
pub(crate) struct Permit {
    budget: Budget,
    settled: bool,
}

impl Budget {
    /// A budget without a burst, and the task that runs it until every clone is gone.
    pub(crate) fn start() -> Self {
        let now = clock::mono();
        let state = State { governor: Governor::new(now), claims: Claims::default(), next: now };
        let shared = Arc::new(Shared { state: Mutex::new(state), arrived: Notify::new() });
        tokio::spawn(grant(shared.clone()));
        Self(shared)
    }

    /// Waits for a permit, as long as it takes. Dropping the future gives up the place.
    pub(crate) async fn permit(&self, class: Class) -> Permit {
        loop {
            let (sender, receiver) = oneshot::channel();
            self.0.lock().claims.push(class, sender);
            self.0.arrived.notify_one();
            if let Ok(permit) = receiver.await {
                return permit;
            }
        }
    }

    /// Waits for a permit, but not for long.
    ///
    /// # Errors
    /// [`UpstreamError::OverBudget`].
    pub(crate) async fn permit_within(&self, class: Class, patience: Millis) -> Result<Permit, UpstreamError> {
        timeout(clock::duration(patience), self.permit(class)).await.map_err(|_| {
            let wait = self.0.lock().next.since(clock::mono()).max(Millis(1_000));
            UpstreamError::OverBudget { retry_after: wait }
        })
    }
}

impl Permit {
    /// Tells what the provider said.
    pub(super) fn settle(mut self, limits: Limits, refused: bool) {
        self.finish(limits, refused);
    }

    fn finish(&mut self, limits: Limits, refused: bool) {
        if !std::mem::replace(&mut self.settled, true) {
            self.budget.0.lock().governor.settle(clock::mono(), limits, refused, rand::random());
        }
    }
}

impl Drop for Permit {
    /// A call that was given up may have been sent: it stays paid for.
    fn drop(&mut self) {
        self.finish(Limits::default(), false);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Grants permits for as long as somebody else holds the budget.
async fn grant(shared: Arc<Shared>) {
    loop {
        let wait = next_wait(&shared);
        match wait {
            Some(wait) => {
                // New arrivals change who is next, not when.
                tokio::time::sleep(clock::duration(wait)).await;
            }
            None => {
                // Wakes now and then to see whether it is still needed.
                let _ = timeout(std::time::Duration::from_secs(5), shared.arrived.notified()).await;
                if Arc::strong_count(&shared) == 1 {
                    return;
                }
            }
        }
    }
}

/// Grants what can be granted now; the time until the next can be, if somebody waits.
fn next_wait(shared: &Arc<Shared>) -> Option<Millis> {
    let now = clock::mono();
    let mut unclaimed = Vec::new();
    let mut state = shared.lock();
    state.claims.retain(|claim| !claim.is_closed());
    let wait = loop {
        if state.claims.is_empty() {
            break None;
        }
        if let Err(at) = state.governor.take(now) {
            state.next = at;
            break Some(at.since(now));
        }
        let permit = Permit { budget: Budget(shared.clone()), settled: false };
        if let Some(Err(permit)) = state.claims.pop(now).map(|claim| claim.send(permit)) {
            unclaimed.push(permit);
        }
    };
    drop(state);
    // Their drop takes the lock.
    drop(unclaimed);
    wait
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn permits_come_at_the_governors_pace_and_by_class() {
        let budget = Budget::start();
        drop(budget.permit(Class::Rest).await);
        let started = clock::mono();
        let rest = budget.permit(Class::Rest);
        let create = budget.permit(Class::Create);
        let first = tokio::select! {
            biased;
            permit = rest => { drop(permit); "rest" }
            permit = create => { drop(permit); "create" }
        };
        assert_eq!(first, "create");
        assert!(clock::mono().since(started) >= Millis(500));
    }

    #[tokio::test]
    async fn who_cannot_wait_is_told_when_to_come_back() {
        let budget = Budget::start();
        drop(budget.permit(Class::Rest).await);
        let Err(UpstreamError::OverBudget { retry_after }) = budget.permit_within(Class::Create, Millis(10)).await
        else {
            panic!("a governor that has just started has no burst");
        };
        assert!(retry_after >= Millis(1_000));
    }
}
