//! Webhooks waiting to be sent, and a log of those that were (partner-api section 4).

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use cr3dentials_core::time::{Millis, UnixMillis};
use serde::Serialize;

use super::lifecycle::Pace;

/// The tries after the first one.
const RETRIES: u32 = 3;

/// The wait after the first failure, at pace 1; it doubles. The provider does not say how long it waits.
const FIRST_WAIT: Millis = Millis(1000);

/// The deliveries that may wait at once; further ones are dropped.
const MAX_WAITING: usize = 10_000;

/// The log's length.
const MAX_LOG: usize = 500;

/// A webhook to send now: `POST` `body` to `url`, then tell [`World::sent`](super::World::sent) how it went.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Names this delivery.
    pub id: u64,
    /// Where to.
    pub url: String,
    /// Headers, `Content-Type` included.
    pub headers: Vec<(String, String)>,
    /// The JSON text.
    pub body: String,
}

impl fmt::Debug for Outgoing {
    /// Without the URL, whose path is a secret, the header and the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A line of the log.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogLine {
    pub(crate) id: u64,
    pub(crate) session_id: String,
    pub(crate) at: UnixMillis,
    /// Which try this was, from 1; 0 when it was dropped without one.
    pub(crate) attempt: u32,
    /// What came of it, for people.
    pub(crate) result: String,
}

struct Waiting {
    session_id: String,
    url: String,
    body: String,
    failures: u32,
    /// `None` while it is being sent.
    due: Option<UnixMillis>,
}

/// The outbox and its log.
pub(crate) struct Webhooks {
    header: Option<(String, String)>,
    pace: Pace,
    waiting: BTreeMap<u64, Waiting>,
    log: VecDeque<LogLine>,
    made: u64,
}

impl fmt::Debug for Webhooks {
    /// Without URLs, the header and data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl Webhooks {
    pub(crate) fn new(header: Option<(String, String)>, pace: Pace) -> Self {
        Self { header, pace, waiting: BTreeMap::new(), log: VecDeque::new(), made: 0 }
    }

    /// Makes a delivery that is due at once, or only notes it down when webhooks are dropped.
    pub(crate) fn add(&mut self, session_id: &str, url: &str, body: String, now: UnixMillis, dropped: bool) {
        self.made += 1;
        let (id, session_id) = (self.made, session_id.to_owned());
        if dropped || self.waiting.len() >= MAX_WAITING {
            return self.note(LogLine { id, session_id, at: now, attempt: 0, result: "dropped".to_owned() });
        }
        self.waiting.insert(id, Waiting { session_id, url: url.to_owned(), body, failures: 0, due: Some(now) });
    }

    /// Takes what is due.
    pub(crate) fn take_due(&mut self, now: UnixMillis) -> Vec<Outgoing> {
        let due = self.waiting.iter_mut().filter(|(_, waiting)| waiting.due.is_some_and(|at| at <= now));
        due.map(|(id, waiting)| {
            waiting.due = None;
            let json = ("Content-Type".to_owned(), "application/json".to_owned());
            let headers = [json].into_iter().chain(self.header.clone()).collect();
            Outgoing { id: *id, url: waiting.url.clone(), headers, body: waiting.body.clone() }
        })
        .collect()
    }

    /// Notes how a try went: the answer's HTTP status, or what kept it from being answered.
    pub(crate) fn sent(&mut self, id: u64, now: UnixMillis, result: Result<u16, &str>) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        let attempt = waiting.failures + 1;
        let session_id = waiting.session_id.clone();
        if matches!(result, Ok(200..=299)) || attempt > RETRIES {
            self.waiting.remove(&id);
        } else {
            waiting.failures = attempt;
            let wait = Millis(FIRST_WAIT.0 << (attempt - 1));
            waiting.due = Some(now + self.pace.scale(wait));
        }
        let result = result.map_or_else(str::to_owned, |status| format!("HTTP {status}"));
        self.note(LogLine { id, session_id, at: now, attempt, result });
    }

    pub(crate) fn next_due(&self) -> Option<UnixMillis> {
        self.waiting.values().filter_map(|waiting| waiting.due).min()
    }

    /// The log, newest first.
    pub(crate) fn log(&self) -> impl Iterator<Item = &LogLine> {
        self.log.iter().rev()
    }

    fn note(&mut self, line: LogLine) {
        if self.log.len() >= MAX_LOG {
            self.log.pop_front();
        }
        self.log.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhooks() -> Webhooks {
        Webhooks::new(Some(("X-Partner".to_owned(), "secret".to_owned())), Pace::new(1.0))
    }

    #[test]
    fn failures_are_retried_three_times_with_doubling_waits() {
        let mut webhooks = webhooks();
        webhooks.add("s", "https://a.com/", "{}".to_owned(), UnixMillis(0), false);
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
    fn a_2xx_ends_it_and_a_redirect_does_not() {
        let mut webhooks = webhooks();
        webhooks.add("s", "https://a.com/", "{}".to_owned(), UnixMillis(0), false);
        webhooks.take_due(UnixMillis(0));
        webhooks.sent(1, UnixMillis(0), Ok(302));
        assert!(webhooks.next_due().is_some());
        webhooks.take_due(UnixMillis(1000));
        webhooks.sent(1, UnixMillis(1000), Ok(204));
        assert_eq!(webhooks.next_due(), None);
    }

    #[test]
    fn the_log_is_bounded_and_dropped_ones_are_noted() {
        let mut webhooks = webhooks();
        for _ in 0..MAX_LOG + 5 {
            webhooks.add("s", "https://a.com/", "{}".to_owned(), UnixMillis(0), true);
        }
        assert_eq!(webhooks.log().count(), MAX_LOG);
        assert_eq!(webhooks.next_due(), None);
        assert_eq!(webhooks.log().next().map(|line| line.result.as_str()), Some("dropped"));
    }
}
