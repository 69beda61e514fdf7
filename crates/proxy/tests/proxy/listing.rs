//! Refresh of several sessions by pages of the provider's list.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cr3dentials_sandbox::{ApiKey, Config, Running, Switches};
use serde_json::{Value, json};

use crate::harness::{API_KEY, Browser, Directory, Started, config, control, until};
use crate::upstream::{CREATE, LIST, Upstream, ordinary, success};

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
    upstream: Upstream,
    browser: Browser,
    sessions: Vec<Started>,
    _proxy: cr3dentials_proxy::Running,
    _directory: Directory,
}

impl Waiting {
    async fn with(switches: Switches) -> Self {
        let keys = vec![ApiKey::new(API_KEY)];
        let sandbox = cr3dentials_sandbox::spawn(Config { keys, switches, ..Config::default() }).await.unwrap();
        let upstream = Upstream::before(&sandbox.base_url()).await;
        let directory = Directory::new();
        let proxy = cr3dentials_proxy::spawn(config(&upstream.url, &directory)).await.unwrap();
        let browser = Browser::new(proxy.public_url());
        let mut sessions = Vec::new();
        for _ in 0..USERS {
            sessions.push(browser.start().await);
        }
        let waiting = Self { sandbox, upstream, browser, sessions, _proxy: proxy, _directory: directory };
        for session in &waiting.sessions {
            waiting.force(session, "AWAITING_USER").await;
        }
        for session in &waiting.sessions {
            waiting.browser.follow_to(session, "AWAITING_USER").await;
        }
        waiting
    }

    async fn force(&self, session: &Started, status: &str) {
        control(&self.sandbox, &format!("/sessions/{}/status", session.id), json!({ "status": status })).await;
    }

    /// Polls all sessions for `time`. Returns the number of list requests and of individual requests to the provider.
    async fn look_on(&self, time: Duration) -> (usize, usize) {
        self.upstream.seen.lock().unwrap().clear();
        let until = Instant::now() + time;
        let watchers = self.sessions.iter().cloned().map(|session| {
            let browser = self.browser.clone();
            tokio::spawn(async move {
                while Instant::now() < until {
                    let rev = browser.ask(&session, "").await.data()["rev"].clone();
                    browser.ask(&session, &format!("after={rev}&wait=2")).await.data();
                }
            })
        });
        for watcher in watchers.collect::<Vec<_>>() {
            watcher.await.unwrap();
        }
        let pages = self.upstream.count(LIST);
        (pages, self.upstream.seen.lock().unwrap().len() - pages)
    }
}

async fn costs_what_one_costs(switches: Switches) {
    let waiting = Waiting::with(switches).await;
    let (pages, sessions) = waiting.look_on(Duration::from_secs(8)).await;
    // Individual requests would be two for each session. A page every four seconds and the first requests are fewer.
    assert!(pages >= 1 && pages + sessions <= USERS, "{pages} pages and {sessions} sessions");

    // A change is seen as soon as without the list.
    let (one, asked) = (&waiting.sessions[3], Instant::now());
    let before = waiting.browser.ask(one, "").await.data().clone();
    waiting.force(one, "COLLECTING_DATA").await;
    let view = waiting.browser.ask(one, &format!("after={}&wait=10", before["rev"])).await;
    assert_eq!(view.data()["status"], "COLLECTING_DATA");
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
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
    let over = || async { (waiting.browser.ask(one, "").await.data()["status"] == "CANCELLED").then_some(()) };
    until("the session to end", over).await;
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
    let upstream = Upstream::start(move |line| match line {
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
    let directory = Directory::new();
    let proxy = cr3dentials_proxy::spawn(config(&upstream.url, &directory)).await.unwrap();
    let browser = Browser::new(proxy.public_url());
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(browser.start().await);
    }
    until("a second page", || async {
        for session in &sessions {
            browser.ask(session, "").await.data();
        }
        (upstream.count(LIST) >= 2).then_some(())
    })
    .await;
}
