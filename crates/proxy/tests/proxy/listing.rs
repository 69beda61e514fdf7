//! Several sessions are kept up to date by pages of the provider's list, and nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cr3dentials_sandbox::{ApiKey, Config, Running, Switches};
use serde_json::{Value, json};

use crate::harness::{API_KEY, Browser, Directory, Started, config, control, until};
use crate::upstream::{CREATE, LIST, Upstream, ordinary, success};

/// The sandbox's switches, with one turned.
fn switched(name: &str, value: Value) -> Switches {
    let mut switches = serde_json::to_value(Switches::default()).unwrap();
    switches[name] = value;
    serde_json::from_value(switches).unwrap()
}

const PEOPLE: usize = 6;

/// People who sit before their sign-in windows, and what it costs to know that they do.
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
        for _ in 0..PEOPLE {
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

    /// Everybody looks on for `time`. Answers how many pages and how many sessions the provider was asked for.
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
    // Each by itself would be two questions a session; a page each four seconds, and what a first look costs, is less.
    assert!(pages >= 1 && pages + sessions <= PEOPLE, "{pages} pages and {sessions} sessions");

    // What changes is heard of as soon as without the list.
    let (one, asked) = (&waiting.sessions[3], Instant::now());
    let before = waiting.browser.ask(one, "").await.data().clone();
    waiting.force(one, "COLLECTING_DATA").await;
    let view = waiting.browser.ask(one, &format!("after={}&wait=10", before["rev"])).await;
    assert_eq!(view.data()["status"], "COLLECTING_DATA");
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn six_people_at_their_sign_in_cost_what_one_costs() {
    costs_what_one_costs(Switches::default()).await;
}

#[tokio::test]
async fn a_list_that_says_next_to_nothing_is_enough() {
    costs_what_one_costs(switched("listItems", "bare".into())).await;
}

#[tokio::test]
async fn the_order_of_the_list_does_not_matter() {
    costs_what_one_costs(switched("listOrder", "unknown".into())).await;
}

async fn is_asked_one_by_one(switches: Switches) {
    let waiting = Waiting::with(switches).await;
    let (pages, sessions) = waiting.look_on(Duration::from_secs(8)).await;
    assert!(pages <= 1 && sessions >= PEOPLE, "{pages} pages and {sessions} sessions");
    let one = &waiting.sessions[0];
    waiting.force(one, "CANCELLED").await;
    let over = || async { (waiting.browser.ask(one, "").await.data()["status"] == "CANCELLED").then_some(()) };
    until("the end", over).await;
}

#[tokio::test]
async fn a_provider_without_a_list_is_asked_one_by_one() {
    is_asked_one_by_one(switched("listPath", Value::Null)).await;
}

#[tokio::test]
async fn a_list_with_a_limit_of_its_own_stops_nothing_else() {
    is_asked_one_by_one(switched("listLimit", 0.into())).await;
}

#[tokio::test]
async fn a_list_page_full_of_data_is_still_used() {
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
