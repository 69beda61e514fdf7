//! Queue of webhooks with retries, and a log of attempts (docs/partner-api.md section 4).

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use cr3dentials_core::time::{Millis, UnixMillis};
use serde::Serialize;

use crate::world::fault::Kind;
use crate::world::session::Pace;

/// Delay before the first retry, at pace 1; it doubles for each further one. The provider does not document its delays.
const FIRST_RETRY_DELAY: Millis = Millis(1000);

/// Maximum time, at pace 1, that a reordered webhook waits for a later one to be delivered.
const REORDER_TIMEOUT: Millis = Millis(10_000);

/// Maximum number of queued deliveries; further ones are dropped.
const MAX_QUEUED: usize = 10_000;

/// Maximum number of entries in the log.
const MAX_LOG: usize = 500;

/// A webhook to send now: `POST` `body` to `url`, then report the result to [`World::sent`](crate::world::World::sent).
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Id of the delivery.
    pub id: u64,
    /// URL of the receiver.
    pub url: String,
    /// Headers, including `Content-Type`.
    pub headers: Vec<(String, String)>,
    /// JSON text.
    pub body: String,
}

impl fmt::Debug for Outgoing {
    /// Omits the URL, whose path is a secret, the header and the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An attempt in the log.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogLine {
    pub(crate) id: u64,
    pub(crate) session_id: String,
    pub(crate) at: UnixMillis,
    /// Number of the attempt, from 1; 0 if the webhook was dropped without one.
    pub(crate) attempt: u32,
    /// Result to display, such as `HTTP 204`.
    pub(crate) result: String,
}

/// A webhook to queue.
pub(crate) struct NewWebhook<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) url: &'a str,
    pub(crate) body: String,
    /// True if the dashboard's header is sent with it.
    pub(crate) with_header: bool,
}

struct QueuedWebhook {
    session_id: String,
    url: String,
    body: String,
    with_header: bool,
    failures: u32,
    /// True while it waits for a later webhook to be delivered first.
    reordered: bool,
    /// Time of the next attempt; `None` while it is being sent.
    due: Option<UnixMillis>,
}

/// Queue of webhooks, and its log.
pub(crate) struct WebhookQueue {
    header: Option<(String, String)>,
    retries: u32,
    pace: Pace,
    queued: BTreeMap<u64, QueuedWebhook>,
    log: VecDeque<LogLine>,
    last_id: u64,
}

impl fmt::Debug for WebhookQueue {
    /// Omits URLs, the header and data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookQueue").field("queued", &self.queued.len()).finish_non_exhaustive()
    }
}

impl WebhookQueue {
    /// Creates an empty queue. `header` is added to webhooks queued `with_header`; a failure is retried `retries` times.
    pub(crate) fn new(header: Option<(String, String)>, retries: u32, pace: Pace) -> Self {
        Self { header, retries, pace, queued: BTreeMap::new(), log: VecDeque::new(), last_id: 0 }
    }

    /// Queues a delivery that is due at once, unless a fault changes that.
    pub(crate) fn add(&mut self, new: NewWebhook<'_>, now: UnixMillis, faults: &[Kind]) {
        let (mut copies, mut due, mut reordered) = (1, now, false);
        let mut lost = (self.queued.len() >= MAX_QUEUED).then_some("dropped: the queue is full");
        for fault in faults {
            match fault {
                Kind::Lose => lost = Some("lost by a fault"),
                Kind::Duplicate { copies: more } => copies += more,
                Kind::Delay { millis } => due = due + Millis(*millis),
                Kind::Reorder => (reordered, due) = (true, due + self.pace.scale(REORDER_TIMEOUT)),
                _ => {}
            }
        }
        if let Some(result) = lost {
            self.last_id += 1;
            let (id, session_id) = (self.last_id, new.session_id.to_owned());
            return self.record(LogLine { id, session_id, at: now, attempt: 0, result: result.to_owned() });
        }
        for _ in 0..copies {
            self.last_id += 1;
            let queued = QueuedWebhook {
                session_id: new.session_id.to_owned(),
                url: new.url.to_owned(),
                body: new.body.clone(),
                with_header: new.with_header,
                failures: 0,
                reordered,
                due: Some(due),
            };
            self.queued.insert(self.last_id, queued);
        }
    }

    /// Takes the deliveries that are due.
    pub(crate) fn take_due(&mut self, now: UnixMillis) -> Vec<Outgoing> {
        let due = self.queued.iter_mut().filter(|(_, queued)| queued.due.is_some_and(|at| at <= now));
        due.map(|(id, queued)| {
            queued.due = None;
            let json = ("Content-Type".to_owned(), "application/json".to_owned());
            let header = self.header.clone().filter(|_| queued.with_header);
            let headers = [json].into_iter().chain(header).collect();
            Outgoing { id: *id, url: queued.url.clone(), headers, body: queued.body.clone() }
        })
        .collect()
    }

    /// Records the result of an attempt: the response's HTTP status, or why there was no response.
    pub(crate) fn sent(&mut self, id: u64, now: UnixMillis, result: Result<u16, &str>) {
        let Some(queued) = self.queued.get_mut(&id) else { return };
        let attempt = queued.failures + 1;
        let session_id = queued.session_id.clone();
        if matches!(result, Ok(200..=299)) || attempt > self.retries {
            self.queued.remove(&id);
        } else {
            queued.failures = attempt;
            let delay = Millis(FIRST_RETRY_DELAY.0 << (attempt - 1));
            queued.due = Some(now + self.pace.scale(delay));
        }
        if matches!(result, Ok(200..=299)) {
            // Earlier webhooks that waited for a later delivery can be sent now.
            for (_, late) in self.queued.range_mut(..id).filter(|(_, queued)| queued.reordered) {
                late.reordered = false;
                late.due = late.due.map(|due| due.min(now));
            }
        }
        let result = result.map_or_else(str::to_owned, |status| format!("HTTP {status}"));
        self.record(LogLine { id, session_id, at: now, attempt, result });
    }

    pub(crate) fn next_due(&self) -> Option<UnixMillis> {
        self.queued.values().filter_map(|queued| queued.due).min()
    }

    /// Drops all queued deliveries, as a crash would.
    pub(crate) fn clear(&mut self) {
        self.queued.clear();
    }

    /// Returns the log, newest first.
    pub(crate) fn log(&self) -> impl Iterator<Item = &LogLine> {
        self.log.iter().rev()
    }

    fn record(&mut self, line: LogLine) {
        if self.log.len() >= MAX_LOG {
            self.log.pop_front();
        }
        self.log.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhooks() -> WebhookQueue {
        WebhookQueue::new(Some(("X-Partner".to_owned(), "secret".to_owned())), 3, Pace::new(1.0))
    }

    fn new(session_id: &str) -> NewWebhook<'_> {
        NewWebhook { session_id, url: "https://a.com/", body: "{}".to_owned(), with_header: true }
    }

    #[test]
    fn failed_webhook_is_retried_three_times_with_doubling_delays() {
        let mut webhooks = webhooks();
        webhooks.add(new("s"), UnixMillis(0), &[]);
        let mut now = UnixMillis(0);
        for wait in [1000, 2000, 4000] {
            let sent = webhooks.take_due(now);
            assert_eq!(sent.len(), 1);
            assert_eq!(sent[0].headers[1], ("X-Partner".to_owned(), "secret".to_owned()));
            assert!(webhooks.take_due(now).is_empty(), "it is not sent twice at once");
            webhooks.sent(1, now, Ok(500));
            assert_eq!(webhooks.next_due(), Some(now + Millis(wait)));
            now = now + Millis(wait);
        }
        assert_eq!(webhooks.take_due(now).len(), 1);
        webhooks.sent(1, now, Err("timed out"));
        assert_eq!(webhooks.next_due(), None);
        let results: Vec<_> = webhooks.log().map(|line| (line.attempt, line.result.as_str())).collect();
        assert_eq!(results, [(4, "timed out"), (3, "HTTP 500"), (2, "HTTP 500"), (1, "HTTP 500")]);
    }

    #[test]
    fn delivery_ends_with_a_2xx_but_not_with_a_redirect() {
        let mut webhooks = webhooks();
        webhooks.add(new("s"), UnixMillis(0), &[]);
        webhooks.take_due(UnixMillis(0));
        webhooks.sent(1, UnixMillis(0), Ok(302));
        assert!(webhooks.next_due().is_some());
        webhooks.take_due(UnixMillis(1000));
        webhooks.sent(1, UnixMillis(1000), Ok(204));
        assert_eq!(webhooks.next_due(), None);
    }

    #[test]
    fn log_is_bounded_and_contains_lost_webhooks() {
        let mut webhooks = webhooks();
        for _ in 0..MAX_LOG + 5 {
            webhooks.add(new("s"), UnixMillis(0), &[Kind::Lose]);
        }
        assert_eq!(webhooks.log().count(), MAX_LOG);
        assert_eq!(webhooks.next_due(), None);
        assert_eq!(webhooks.log().next().map(|line| line.result.as_str()), Some("lost by a fault"));
    }

    #[test]
    fn duplicates_are_sent_together_and_retried_independently() {
        let mut webhooks = webhooks();
        webhooks.add(new("s"), UnixMillis(0), &[Kind::Duplicate { copies: 2 }]);
        let sent = webhooks.take_due(UnixMillis(0));
        assert_eq!(sent.iter().map(|outgoing| outgoing.id).collect::<Vec<_>>(), [1, 2, 3]);
        webhooks.sent(1, UnixMillis(0), Ok(200));
        webhooks.sent(2, UnixMillis(0), Ok(500));
        webhooks.sent(3, UnixMillis(0), Ok(200));
        assert_eq!(webhooks.next_due(), Some(UnixMillis(1000)));
    }

    #[test]
    fn delayed_webhook_waits_and_reordered_one_follows_the_next() {
        let mut webhooks = webhooks();
        webhooks.add(new("slow"), UnixMillis(0), &[Kind::Delay { millis: 700 }]);
        assert!(webhooks.take_due(UnixMillis(699)).is_empty());
        assert_eq!(webhooks.take_due(UnixMillis(700)).len(), 1);

        webhooks.add(new("first"), UnixMillis(1000), &[Kind::Reorder]);
        webhooks.add(new("second"), UnixMillis(1000), &[]);
        let sent = webhooks.take_due(UnixMillis(1000));
        assert_eq!(sent.iter().map(|outgoing| outgoing.id).collect::<Vec<_>>(), [3]);
        webhooks.sent(3, UnixMillis(1200), Ok(200));
        assert_eq!(webhooks.take_due(UnixMillis(1200)).len(), 1);
    }

    #[test]
    fn reordered_webhook_without_a_next_one_is_sent_on_timeout() {
        let mut webhooks = webhooks();
        webhooks.add(new("only"), UnixMillis(0), &[Kind::Reorder]);
        assert_eq!(webhooks.next_due(), Some(UnixMillis(10_000)));
    }
}
