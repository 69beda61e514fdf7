//! Two users in one tab: the second user who signs in with the partner sees and receives nothing of the first one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use cr3dentials_proxy::UserAuth;
use serde_json::json;
use tokio::net::TcpListener;

use crate::harness::{Harness, run_test_as, until};

/// Starts the partner's user endpoint, where the cookie `who` names the user, and returns its request counter.
async fn partner() -> (UserAuth, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let who = move |headers: HeaderMap| async move {
        count.fetch_add(1, Ordering::Relaxed);
        let cookie = headers.get("cookie").and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        match cookie.split("; ").find_map(|pair| pair.strip_prefix("who=")) {
            Some(user) => [("x-user-id", user.to_owned())].into_response(),
            None => StatusCode::UNAUTHORIZED.into_response(),
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/who", listener.local_addr().unwrap()).parse().unwrap();
    let router: Router = Router::new().route("/who", get(who));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (UserAuth::Forward { url, header: "x-user-id".to_owned() }, requests)
}

async fn sign_in_with_the_partner(harness: &Harness, user: &str) {
    harness.browser.run(&format!("document.cookie = 'who={user}'")).await;
}

/// Waits until the page has a session other than `before`, and returns its id.
async fn another_session(harness: &Harness, before: &str) -> String {
    until("another session", || async {
        let id = harness.browser.run("return events.findLast(e => e.detail.sessionId)?.detail.sessionId").await;
        id.as_str().filter(|id| *id != before).map(str::to_owned)
    })
    .await
}

/// Opens the page as the user `amara`; returns her session once its frame is loaded.
async fn session_of_the_first_user(harness: &Harness) -> String {
    let browser = &harness.browser;
    // A cookie needs a page of the origin; this page starts no session.
    browser.open(&format!("{}/states.html", harness.origin)).await;
    sign_in_with_the_partner(harness, "amara").await;
    browser.open(&format!("{}/element.html", harness.origin)).await;
    browser.wait_for_text(".cr3d-title", "Your turn").await;
    another_session(harness, "").await
}

/// Returns all events, visible text and stored data of the page.
async fn all(harness: &Harness) -> String {
    let script = "return JSON.stringify([events, deep('.cr3d').textContent, Object.values(sessionStorage)])";
    harness.browser.run(script).await.to_string()
}

#[test]
fn after_reload_second_user_sees_nothing_of_the_first() {
    run_test_as("other_user", partner, |harness, requests| async move {
        let browser = &harness.browser;
        let first = session_of_the_first_user(&harness).await;

        sign_in_with_the_partner(&harness, "bo").await;
        harness.force(&first, "COMPLETED").await;
        browser.driver.refresh().await.unwrap();
        let second = another_session(&harness, &first).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert!(!all(&harness).await.contains(&first), "the page has the first user's session");
        let ends = browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.sessionId)").await;
        assert_eq!(ends, json!([second]));
        assert_eq!(harness.result(&first).await["user"], "amara");
        assert_eq!(harness.result(&second).await["user"], "bo");

        // The user endpoint is called once per user, however often the page polls.
        let polls = harness.record.started().iter().filter(|target| target.contains("/sessions/")).count();
        let requests = requests.load(Ordering::Relaxed);
        assert!(requests <= 4 && polls > requests, "{polls} polls, but {requests} requests to the user endpoint");
    });
}

#[test]
fn reinserted_element_shows_second_user_nothing_of_the_first() {
    run_test_as("other_user_in_place", partner, |harness, _| async move {
        let browser = &harness.browser;
        let first = session_of_the_first_user(&harness).await;

        browser.run("window.element = document.querySelector('cr3dentials-verify'); element.remove()").await;
        sign_in_with_the_partner(&harness, "bo").await;
        harness.force(&first, "COMPLETED").await;
        browser.run("window.before = events.length; document.querySelector('#place').append(element)").await;
        another_session(&harness, &first).await;
        let events = browser.run("return JSON.stringify(events.slice(before))").await.to_string();
        assert!(!events.contains(&first), "{events}");
        assert!(!all(&harness).await.contains("is verified"));
    });
}
