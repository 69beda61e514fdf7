use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::SessionStatus;
use serde_json::json;

use super::schedule::{RefreshOutcome, RefreshSchedule};
use super::{SessionRegistry, WatchedSession, list_refresh};
use crate::clock;
use crate::provider::ListItem;
use crate::store::{NewSession, Record, Store};

/// A separate database that is deleted when the test ends.
struct Database(PathBuf);

impl Database {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cr3dentials-registry-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    async fn open(&self) -> Store {
        Store::open(&self.0.join("proxy.sqlite")).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn record(id: &str, status: &SessionStatus, now: UnixMillis) -> Record {
    let raw = json!({ "sessionId": id, "status": status });
    Record {
        user: "ada".to_owned(),
        session: serde_json::from_value(raw.clone()).unwrap(),
        raw,
        rev: 1,
        created_at: now,
        updated_at: now,
        ended_at: None,
    }
}

/// Reads the schedule, applies a list page and publishes a new status, each in two threads: the work that runs at the
/// same time on one session in a busy proxy.
#[test]
fn busy_sessions_do_not_block_each_other() {
    const ROUNDS: usize = 1_000_000;
    let (now, wall) = (clock::mono(), clock::wall());
    let watched =
        Arc::new(WatchedSession::new(record("one", &SessionStatus::Running, wall), RefreshSchedule::loaded(now, now)));
    let (done, finished) = mpsc::channel();
    let run = |work: fn(&WatchedSession, Millis, UnixMillis)| {
        for _ in 0..2 {
            let (watched, done) = (watched.clone(), done.clone());
            // Not joined: a thread that is blocked forever would block the test as well.
            std::thread::spawn(move || {
                (0..ROUNDS).for_each(|_| work(&watched, now, wall));
                let _ = done.send(());
            });
        }
    };
    run(|watched, now, wall| {
        let _ = watched.due(now, wall);
    });
    run(|watched, now, _| {
        let item = ListItem { session_id: String::new(), status: SessionStatus::Running, progress: None };
        list_refresh::apply_item(watched, &item, now);
    });
    run(|watched, _, _| watched.publish(watched.record()));
    let deadline = Instant::now() + Duration::from_secs(60);
    for count in 0..6 {
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(finished.recv_timeout(left).is_ok(), "deadlock: only {count} of 6 threads finished");
    }
}

/// Runs in virtual time, at the rate that the key's budget allows.
#[tokio::test]
async fn every_watched_session_is_refreshed_after_a_restart() {
    const SESSIONS: u32 = 150;
    const SPACING: Millis = Millis(580);
    const INTERVAL: Millis = Millis::from_secs(4);
    let database = Database::new();
    let store = database.open().await;
    for number in 0..SESSIONS {
        let id = format!("session-{number}");
        let status = if number % 2 == 0 { SessionStatus::Running } else { SessionStatus::AwaitingUser };
        let (user, key) = ("ada", id.as_str());
        store.begin_creation(user, key, &[0; 32], clock::wall()).await.unwrap();
        let new = NewSession {
            record: record(&id, &status, clock::wall()),
            embed_url: "https://frame.example/verify/x".to_owned(),
            webhook_hash: None,
        };
        store.finish_creation(user, key, &new).await.unwrap();
    }
    let registry = SessionRegistry::load(store, false).await.unwrap();
    let (start, wall) = (clock::mono(), clock::wall());
    let bound = Millis(u64::from(SESSIONS) * SPACING.0 + INTERVAL.0);

    let mut refreshed: HashMap<String, Millis> =
        registry.snapshot().iter().map(|watched| (watched.id().to_owned(), start)).collect();
    let (mut now, end) = (start, start + Millis(3 * bound.0));
    while now < end {
        registry.snapshot().iter().for_each(|watched| watched.schedule().record_poll(now, false));
        if let Some((_, watched)) = registry.next_due(now, wall).filter(|(due, _)| due.at <= now) {
            watched.schedule().record_request(now);
            watched.schedule().record_result(now, RefreshOutcome::Refreshed, 0);
            refreshed.insert(watched.id().to_owned(), now);
        }
        let late = refreshed.values().filter(|at| now.since(**at) > bound).count();
        assert_eq!(late, 0, "sessions of {SESSIONS} were not refreshed within {} ms", bound.0);
        now = now + SPACING;
    }
}
