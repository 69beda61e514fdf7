//! The API key's request budget, shared by all calls to the provider. Every call requires a [`Permit`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cr3dentials_core::time::Millis;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;

use super::ProviderError;
use super::priority_queue::{Priority, PriorityQueue};
use super::rate_limiter::{RateLimitHeaders, RateLimiter};
use crate::clock;

/// Timeout for a user-facing request to get a request permit.
pub(crate) const USER_PERMIT_TIMEOUT: Millis = Millis::from_secs(5);

/// Grants permits at the rate limiter's pace, in the order of the queue. Clones share one budget.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    waiter_added: Notify,
}

#[derive(Debug)]
struct State {
    rate_limiter: RateLimiter,
    queue: PriorityQueue<oneshot::Sender<Permit>>,
    /// Earliest time of the next request, as last reported by the rate limiter.
    next: Millis,
}

/// Permission to send one request now.
#[must_use = "a permit is spent even if it is dropped unused"]
#[derive(Debug)]
pub(crate) struct Permit {
    budget: Budget,
    settled: bool,
}

impl Budget {
    /// Creates a budget without a burst, and starts the task that grants permits until all clones are dropped.
    pub(crate) fn start() -> Self {
        let now = clock::mono();
        let state = State { rate_limiter: RateLimiter::new(now), queue: PriorityQueue::default(), next: now };
        let inner = Arc::new(Inner { state: Mutex::new(state), waiter_added: Notify::new() });
        tokio::spawn(grant(inner.clone()));
        Self(inner)
    }

    /// Waits for a permit without a timeout. Dropping the future leaves the queue.
    pub(crate) async fn permit(&self, priority: Priority) -> Permit {
        loop {
            let (sender, receiver) = oneshot::channel();
            self.0.lock().queue.push(priority, sender);
            self.0.waiter_added.notify_one();
            if let Ok(permit) = receiver.await {
                return permit;
            }
        }
    }

    /// Waits for a permit for at most `limit`.
    ///
    /// # Errors
    /// Returns [`ProviderError::OverBudget`] after the timeout.
    pub(crate) async fn permit_within(&self, priority: Priority, limit: Millis) -> Result<Permit, ProviderError> {
        timeout(clock::duration(limit), self.permit(priority)).await.map_err(|_| {
            let wait = self.0.lock().next.since(clock::mono()).max(Millis(1_000));
            ProviderError::OverBudget { retry_after: wait }
        })
    }
}

impl Permit {
    /// Reports the response's rate limit headers, and whether the provider rate-limited the request.
    pub(super) fn settle(mut self, limits: RateLimitHeaders, rate_limited: bool) {
        self.finish(limits, rate_limited);
    }

    fn finish(&mut self, limits: RateLimitHeaders, rate_limited: bool) {
        if !std::mem::replace(&mut self.settled, true) {
            self.budget.0.lock().rate_limiter.settle(clock::mono(), limits, rate_limited, rand::random());
        }
    }
}

impl Drop for Permit {
    /// Counts an aborted call as sent, since it may have been.
    fn drop(&mut self) {
        self.finish(RateLimitHeaders::default(), false);
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Grants permits until all clones of the budget are dropped.
async fn grant(inner: Arc<Inner>) {
    loop {
        let wait = next_wait(&inner);
        match wait {
            Some(wait) => {
                // New waiters change who is next, not when.
                tokio::time::sleep(clock::duration(wait)).await;
            }
            None => {
                // Wakes up regularly to check whether the budget is still in use.
                let _ = timeout(std::time::Duration::from_secs(5), inner.waiter_added.notified()).await;
                if Arc::strong_count(&inner) == 1 {
                    return;
                }
            }
        }
    }
}

/// Grants the permits available now. Returns the time until the next one, if there are waiters.
fn next_wait(inner: &Arc<Inner>) -> Option<Millis> {
    let now = clock::mono();
    let mut unused = Vec::new();
    let mut state = inner.lock();
    state.queue.retain(|waiter| !waiter.is_closed());
    let wait = loop {
        if state.queue.is_empty() {
            break None;
        }
        if let Err(at) = state.rate_limiter.take(now) {
            state.next = at;
            break Some(at.since(now));
        }
        let permit = Permit { budget: Budget(inner.clone()), settled: false };
        if let Some(Err(permit)) = state.queue.pop(now).map(|waiter| waiter.send(permit)) {
            unused.push(permit);
        }
    };
    drop(state);
    // Dropping a permit takes the lock.
    drop(unused);
    wait
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn permits_are_granted_at_the_limited_rate_and_by_priority() {
        let budget = Budget::start();
        drop(budget.permit(Priority::Rest).await);
        let started = clock::mono();
        let rest = budget.permit(Priority::Rest);
        let create = budget.permit(Priority::Create);
        let first = tokio::select! {
            biased;
            permit = rest => { drop(permit); "rest" }
            permit = create => { drop(permit); "create" }
        };
        assert_eq!(first, "create");
        assert!(clock::mono().since(started) >= Millis(500));
    }

    #[tokio::test]
    async fn a_timed_out_wait_returns_the_time_to_retry() {
        let budget = Budget::start();
        drop(budget.permit(Priority::Rest).await);
        let Err(ProviderError::OverBudget { retry_after }) = budget.permit_within(Priority::Create, Millis(10)).await
        else {
            panic!("a new rate limiter has no burst");
        };
        assert!(retry_after >= Millis(1_000));
    }
}
