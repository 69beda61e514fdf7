//! Refresh of several sessions by pages of the provider's list.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cr3dentials_sandbox::{ApiKey, Config, Running, Switches};
use serde_json::{Value, json};

use crate::mock_provider::{CREATE, LIST, MockProvider, mock_harness, ordinary, success};
use cr3dentials_test_support::{API_KEY, Harness, TestSession, control, until};

/// Returns the sandbox's default switches with one changed.
fn switched(name: &str, value: Value) -> Switches {
    let mut switches = serde_json::to_value(Switches::default()).unwrap();
    switches[name] = value;
    serde_json::from_value(switches).unwrap()
}

const USERS: usize = 6;

/// Sessions that wait for their users to sign in, with counts of the requests to the provider.
struct Waiting {
    sandbox: Running,
    /// The proxy, with a recording provider between it and the sandbox.
    harness: Harness<MockProvider>,
    sessions: Vec<TestSession>,
}

impl Waiting {
    async fn with(switches: Switches) -> Self {
        let keys = vec![ApiKey::new(API_KEY)];
        let sandbox = cr3dentials_sandbox::spawn(Config { keys, switches, ..Config::default() }).await.unwrap();
        let provider = MockProvider::in_front_of(&sandbox.base_url()).await;
        let url = provider.url.clone();
        let harness = Harness::start(provider, &url, |_| ()).await;
        let mut sessions = Vec::new();
        for _ in 0..USERS {
            sessions.push(harness.browser.start().await);
        }
        let waiting = Self { sandbox, harness, sessions };
        for session in &waiting.sessions {
            waiting.force(session, "AWAITING_USER").await;
        }
        for session in &waiting.sessions {
            waiting.harness.browser.follow_to(session, "AWAITING_USER").await;
        }
        waiting
    }

    async fn force(&self, session: &TestSession, status: &str) {
        control(&self.sandbox, &format!("/sessions/{}/status", session.id), json!({ "status": status })).await;
    }

    /// Polls all sessions for `time`. Returns the number of list requests and of individual requests to the provider.
    async fn look_on(&self, time: Duration) -> (usize, usize) {
        self.harness.provider.seen.lock().unwrap().clear();
        let until = Instant::now() + time;
        let watchers = self.sessions.iter().cloned().map(|session| {
            let browser = self.harness.browser.clone();
            tokio::spawn(async move {
                while Instant::now() < until {
                    let rev = browser.poll(&session, "").await.data()["rev"].clone();
                    browser.poll(&session, &format!("after={rev}&wait=2")).await.data();
                }
            })
        });
        for watcher in watchers.collect::<Vec<_>>() {
            watcher.await.unwrap();
        }
        let pages = self.harness.provider.count(LIST);
        (pages, self.harness.provider.seen.lock().unwrap().len() - pages)
    }
}

async fn costs_what_one_costs(switches: Switches) {
    let waiting = Waiting::with(switches).await;
    let (pages, sessions) = waiting.look_on(Duration::from_secs(8)).await;
    // Individual requests would be two for each session. A page every four seconds and the first requests are fewer.
    assert!(pages >= 1 && pages + sessions <= USERS, "{pages} pages and {sessions} sessions");

    // A change is seen as soon as without the list.
    let (one, started) = (&waiting.sessions[3], Instant::now());
    let before = waiting.harness.browser.poll(one, "").await.data().clone();
    waiting.force(one, "COLLECTING_DATA").await;
    let view = waiting.harness.browser.poll(one, &format!("after={}&wait=10", before["rev"])).await;
    assert_eq!(view.data()["status"], "COLLECTING_DATA");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn six_waiting_sessions_cost_as_much_as_one() {
    costs_what_one_costs(Switches::default()).await;
}

#[tokio::test]
async fn list_items_with_minimal_fields_suffice() {
    costs_what_one_costs(switched("listItems", "bare".into())).await;
}

#[tokio::test]
async fn the_order_of_the_list_does_not_matter() {
    costs_what_one_costs(switched("listOrder", "unknown".into())).await;
}

async fn is_asked_one_by_one(switches: Switches) {
    let waiting = Waiting::with(switches).await;
    let (pages, sessions) = waiting.look_on(Duration::from_secs(8)).await;
    assert!(pages <= 1 && sessions >= USERS, "{pages} pages and {sessions} sessions");
    let one = &waiting.sessions[0];
    waiting.force(one, "CANCELLED").await;
    let ended =
        || async { (waiting.harness.browser.poll(one, "").await.data()["status"] == "CANCELLED").then_some(()) };
    until("the session to end", ended).await;
}

#[tokio::test]
async fn without_a_list_sessions_are_fetched_one_by_one() {
    is_asked_one_by_one(switched("listPath", Value::Null)).await;
}

#[tokio::test]
async fn a_separate_list_limit_does_not_affect_other_requests() {
    is_asked_one_by_one(switched("listLimit", 0.into())).await;
}

#[tokio::test]
async fn list_pages_with_much_data_are_used() {
    let created = Arc::new(AtomicUsize::new(0));
    let count = created.clone();
    let harness = mock_harness(move |line| match line {
        CREATE => {
            let id = format!("session-{}", count.fetch_add(1, Ordering::Relaxed));
            success(&json!({ "sessionId": id, "embedUrl": "https://frame.example/verify/x?token=y" }))
        }
        LIST => {
            let live = (0..count.load(Ordering::Relaxed))
                .map(|number| json!({ "sessionId": format!("session-{number}"), "status": "RUNNING", "progress": 10 }));
            let strange = [json!("nonsense"), json!({ "sessionId": null }), json!({ "status": "RUNNING" })];
            let ended = (0..91).map(|number| {
                let data = json!({ "trips": "x".repeat(15_000) });
                json!({ "sessionId": format!("old-{number}"), "status": "COMPLETED", "extractedData": data })
            });
            let sessions: Vec<_> = strange.into_iter().chain(ended).chain(live).collect();
            success(&json!({ "total": sessions.len(), "limit": null, "sessions": sessions }))
        }
        _ => ordinary(line),
    })
    .await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(browser.start().await);
    }
    until("a second page", || async {
        for session in &sessions {
            browser.poll(session, "").await.data();
        }
        (provider.count(LIST) >= 2).then_some(())
    })
    .await;
}
