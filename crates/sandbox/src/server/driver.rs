//! The background task: wakes when something is due, plays it, and sends webhooks.

use std::sync::{Arc, Weak};
use std::time::Duration;

use cr3dentials_core::time::UnixMillis;
use tokio::sync::Semaphore;

use super::{Shared, now};
use crate::world::Outgoing;

/// How long a receiver may take to answer (partner-api section 4).
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);

/// Webhooks on their way at the same time.
const MAX_SENDING: usize = 32;

/// The longest sleep. It bounds how long the task outlives the router.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);

/// Starts the task, once.
pub(super) fn ensure_started(shared: &Arc<Shared>) {
    shared.driver.call_once(|| {
        // Weak: the task must not keep alive what it serves.
        tokio::spawn(run(Arc::downgrade(shared)));
    });
}

async fn run(weak: Weak<Shared>) {
    let client = match client() {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "webhooks cannot be sent"),
    };
    let slots = Arc::new(Semaphore::new(MAX_SENDING));
    loop {
        let Some(shared) = weak.upgrade() else { return };
        let (outbox, next) = {
            let mut world = shared.world();
            world.advance(now());
            (world.take_outbox(), world.next_due())
        };
        for outgoing in outbox {
            tokio::spawn(deliver(client.clone(), outgoing, Arc::clone(&slots), weak.clone()));
        }
        let sleep = tokio::time::sleep(next.map_or(LONGEST_SLEEP, until));
        tokio::select! {
            () = sleep => {}
            () = shared.changed.notified() => {}
        }
    }
}

/// How long until `due`, within bounds.
fn until(due: UnixMillis) -> Duration {
    let millis = due.since(now()).max(0).cast_unsigned();
    Duration::from_millis(millis).min(LONGEST_SLEEP)
}

fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .timeout(WEBHOOK_TIMEOUT)
        // A receiver that moved has to say so itself: a redirect is no 2xx.
        .redirect(reqwest::redirect::Policy::none())
        // Receivers on this machine must be reached directly, whatever the environment says.
        .no_proxy()
        .build()
}

async fn deliver(client: reqwest::Client, outgoing: Outgoing, slots: Arc<Semaphore>, weak: Weak<Shared>) {
    let Ok(_slot) = slots.acquire().await else { return };
    let Outgoing { id, url, headers, body } = outgoing;
    let request = headers.into_iter().fold(client.post(url), |request, (name, value)| request.header(name, value));
    let result = match request.body(body).send().await {
        Ok(response) => Ok(response.status().as_u16()),
        // Not the error's own text: it names the URL.
        Err(error) if error.is_timeout() => Err("no answer in time"),
        Err(error) if error.is_connect() => Err("could not connect"),
        Err(_) => Err("the connection broke"),
    };
    tracing::info!(delivery = id, ?result, "webhook sent");
    if let Some(shared) = weak.upgrade() {
        shared.world().sent(id, now(), result);
        shared.changed.notify_one();
    }
}
