//! Webhooks waiting to be sent, and a log of those that were (partner-api section 4).

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use cr3dentials_core::time::{Millis, UnixMillis};
use serde::Serialize;

use super::faults::Kind;
use super::lifecycle::Pace;

/// The wait after the first failure, at pace 1; it doubles. The provider does not say how long it waits.
const FIRST_WAIT: Millis = Millis(1000);

/// How long a webhook that is to come late waits for another one to be sent, at pace 1.
const OVERTAKEN_WITHIN: Millis = Millis(10_000);

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
    /// Which try this was, from 1; 0 when it was lost without one.
    pub(crate) attempt: u32,
    /// What came of it, for people.
    pub(crate) result: String,
}

/// What is to be sent.
pub(crate) struct New<'a> {
    pub(crate) session_id: &'a str,
    pub(crate) url: &'a str,
    pub(crate) body: String,
    /// Whether the dashboard's header goes along.
    pub(crate) with_header: bool,
}

struct Waiting {
    session_id: String,
    url: String,
    body: String,
    with_header: bool,
    failures: u32,
    /// Waits to be overtaken by the next one.
    reordered: bool,
    /// `None` while it is being sent.
    due: Option<UnixMillis>,
}

/// The outbox and its log.
pub(crate) struct Webhooks {
    header: Option<(String, String)>,
    retries: u32,
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
    /// `header` goes with those that have it go along; a failure is tried again `retries` times.
    pub(crate) fn new(header: Option<(String, String)>, retries: u32, pace: Pace) -> Self {
        Self { header, retries, pace, waiting: BTreeMap::new(), log: VecDeque::new(), made: 0 }
    }

    /// Makes a delivery that is due at once, unless the faults have something else in mind.
    pub(crate) fn add(&mut self, new: New<'_>, now: UnixMillis, faults: &[Kind]) {
        let (mut copies, mut due, mut reordered) = (1, now, false);
        let mut lost = (self.waiting.len() >= MAX_WAITING).then_some("dropped: too many are waiting");
        for fault in faults {
            match fault {
                Kind::Lose => lost = Some("lost on request"),
                Kind::Duplicate { copies: more } => copies += more,
                Kind::Delay { millis } => due = due + Millis(*millis),
                Kind::Reorder => (reordered, due) = (true, due + self.pace.scale(OVERTAKEN_WITHIN)),
                _ => {}
            }
        }
        if let Some(result) = lost {
            self.made += 1;
            let (id, session_id) = (self.made, new.session_id.to_owned());
            return self.note(LogLine { id, session_id, at: now, attempt: 0, result: result.to_owned() });
        }
        for _ in 0..copies {
            self.made += 1;
            let waiting = Waiting {
                session_id: new.session_id.to_owned(),
                url: new.url.to_owned(),
                body: new.body.clone(),
                with_header: new.with_header,
                failures: 0,
                reordered,
                due: Some(due),
            };
            self.waiting.insert(self.made, waiting);
        }
    }

    /// Takes what is due.
    pub(crate) fn take_due(&mut self, now: UnixMillis) -> Vec<Outgoing> {
        let due = self.waiting.iter_mut().filter(|(_, waiting)| waiting.due.is_some_and(|at| at <= now));
        due.map(|(id, waiting)| {
            waiting.due = None;
            let json = ("Content-Type".to_owned(), "application/json".to_owned());
            let header = self.header.clone().filter(|_| waiting.with_header);
            let headers = [json].into_iter().chain(header).collect();
            Outgoing { id: *id, url: waiting.url.clone(), headers, body: waiting.body.clone() }
        })
        .collect()
    }

    /// Notes how a try went: the answer's HTTP status, or what kept it from being answered.
    pub(crate) fn sent(&mut self, id: u64, now: UnixMillis, result: Result<u16, &str>) {
        let Some(waiting) = self.waiting.get_mut(&id) else { return };
        let attempt = waiting.failures + 1;
        let session_id = waiting.session_id.clone();
        if matches!(result, Ok(200..=299)) || attempt > self.retries {
            self.waiting.remove(&id);
        } else {
            waiting.failures = attempt;
            let wait = Millis(FIRST_WAIT.0 << (attempt - 1));
            waiting.due = Some(now + self.pace.scale(wait));
        }
        if matches!(result, Ok(200..=299)) {
            // Whoever waited to be overtaken by a later one has been.
            for (_, late) in self.waiting.range_mut(..id).filter(|(_, waiting)| waiting.reordered) {
                late.reordered = false;
                late.due = late.due.map(|due| due.min(now));
            }
        }
        let result = result.map_or_else(str::to_owned, |status| format!("HTTP {status}"));
        self.note(LogLine { id, session_id, at: now, attempt, result });
    }

    pub(crate) fn next_due(&self) -> Option<UnixMillis> {
        self.waiting.values().filter_map(|waiting| waiting.due).min()
    }

    /// Forgets what was to be sent, as a crash does.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
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
        Webhooks::new(Some(("X-Partner".to_owned(), "secret".to_owned())), 3, Pace::new(1.0))
    }

    fn new(session_id: &str) -> New<'_> {
        New { session_id, url: "https://a.com/", body: "{}".to_owned(), with_header: true }
    }

    #[test]
    fn failures_are_retried_three_times_with_doubling_waits() {
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
    fn a_2xx_ends_it_and_a_redirect_does_not() {
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
    fn the_log_is_bounded_and_lost_ones_are_noted() {
        let mut webhooks = webhooks();
        for _ in 0..MAX_LOG + 5 {
            webhooks.add(new("s"), UnixMillis(0), &[Kind::Lose]);
        }
        assert_eq!(webhooks.log().count(), MAX_LOG);
        assert_eq!(webhooks.next_due(), None);
        assert_eq!(webhooks.log().next().map(|line| line.result.as_str()), Some("lost on request"));
    }

    #[test]
    fn duplicates_are_sent_side_by_side_and_each_is_tried_on_its_own() {
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
    fn a_delayed_one_waits_and_a_reordered_one_is_overtaken() {
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
    fn a_reordered_one_that_nobody_overtakes_goes_in_the_end() {
        let mut webhooks = webhooks();
        webhooks.add(new("only"), UnixMillis(0), &[Kind::Reorder]);
        assert_eq!(webhooks.next_due(), Some(UnixMillis(10_000)));
    }
}
