//! Background task: advances the world when something is due and sends webhooks.

use std::sync::{Arc, Weak};
use std::time::Duration;

use cr3dentials_core::time::UnixMillis;
use tokio::sync::Semaphore;

use super::Shared;
use crate::world::Outgoing;

/// Maximum number of webhooks being sent at the same time.
const MAX_SENDING: usize = 32;

/// Longest sleep of the task. Bounds how long the task outlives the router.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// Starts the task if it is not running yet.
pub(super) fn ensure_started(shared: &Arc<Shared>) {
    shared.driver.call_once(|| {
        // Weak, so that the task does not keep the router's state alive.
        tokio::spawn(run(Arc::downgrade(shared)));
    });
}

async fn run(weak: Weak<Shared>) {
    let slots = Arc::new(Semaphore::new(MAX_SENDING));
    loop {
        let Some(shared) = weak.upgrade() else { return };
        let mut changed = shared.changed.subscribe();
        let (outbox, next) = {
            let (mut world, now) = (shared.world(), shared.now());
            let before = world.changes();
            world.advance(now);
            if world.changes() != before {
                // Wakes the streams. This task made the change, so it does not need to wake for it again.
                shared.changed.send_modify(|count| *count += 1);
                changed.mark_unchanged();
            }
            (world.take_outbox(), world.next_due())
        };
        for outgoing in outbox {
            tokio::spawn(deliver(Arc::clone(&shared), outgoing, Arc::clone(&slots)));
        }
        let sleep = tokio::time::sleep(next.map_or(LONGEST_SLEEP, |due| until(due, shared.now())));
        drop(shared);
        tokio::select! {
            () = sleep => {}
            // Also completes when the router is dropped.
            _ = changed.changed() => {}
        }
    }
}

/// Returns the time until `due`, at most `LONGEST_SLEEP`.
fn until(due: UnixMillis, now: UnixMillis) -> Duration {
    let millis = due.since(now).max(0).cast_unsigned();
    Duration::from_millis(millis).min(LONGEST_SLEEP)
}

async fn deliver(shared: Arc<Shared>, outgoing: Outgoing, slots: Arc<Semaphore>) {
    let Ok(_slot) = slots.acquire().await else { return };
    let (id, sender) = (outgoing.id, shared.sender.clone());
    let weak = Arc::downgrade(&shared);
    drop(shared);
    let result = sender.send(outgoing).await;
    tracing::info!(delivery = id, ?result, "webhook attempted");
    if let Some(shared) = weak.upgrade() {
        shared.with(|world, now| world.sent(id, now, result));
    }
}
