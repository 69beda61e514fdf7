//! Two users, one tab: the next user who signs in with the partner sees and receives nothing of the first one's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use cr3dentials_proxy::UserAuth;
use serde_json::json;
use tokio::net::TcpListener;

use crate::stage::{Stage, play_as, until};

/// The partner's endpoint: the cookie `who` names the user. Counts how often it is asked.
async fn partner() -> (UserAuth, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
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
    (UserAuth::Forward { url, header: "x-user-id".to_owned() }, asked)
}

async fn signs_in_with_the_partner(stage: &Stage, user: &str) {
    stage.browser.run(&format!("document.cookie = 'who={user}'")).await;
}

/// The session that the page knows, once there is one that is not `before`.
async fn another_session(stage: &Stage, before: &str) -> String {
    until("another session", || async {
        let id = stage.browser.run("return events.findLast(e => e.detail.sessionId)?.detail.sessionId").await;
        id.as_str().filter(|id| *id != before).map(str::to_owned)
    })
    .await
}

/// Opens the page as the user `amara`; returns her session once its frame is there.
async fn session_of_the_first_user(stage: &Stage) -> String {
    let browser = &stage.browser;
    // A cookie needs a page of the origin; this one starts nothing.
    browser.open(&format!("{}/states.html", stage.origin)).await;
    signs_in_with_the_partner(stage, "amara").await;
    browser.open(&format!("{}/element.html", stage.origin)).await;
    browser.wait_for_text(".cr3d-title", "Your turn").await;
    another_session(stage, "").await
}

/// Everything that the page has heard and shows.
async fn all(stage: &Stage) -> String {
    let script = "return JSON.stringify([events, deep('.cr3d').textContent, Object.values(sessionStorage)])";
    stage.browser.run(script).await.to_string()
}

#[test]
fn after_a_reload_the_next_user_sees_nothing_of_the_first() {
    play_as("other_user", partner, |stage, asked| async move {
        let browser = &stage.browser;
        let first = session_of_the_first_user(&stage).await;

        signs_in_with_the_partner(&stage, "bo").await;
        stage.force(&first, "COMPLETED").await;
        browser.driver.refresh().await.unwrap();
        let second = another_session(&stage, &first).await;
        browser.sign_in("success").await;
        browser.wait_for_text(".cr3d-title", "Verified").await;
        assert!(!all(&stage).await.contains(&first), "the first user's session is named");
        let ends = browser.run("return events.filter(e => e.name === 'cr3d-end').map(e => e.detail.sessionId)").await;
        assert_eq!(ends, json!([second]));
        assert_eq!(stage.result(&first).await["user"], "amara");
        assert_eq!(stage.result(&second).await["user"], "bo");

        // Once for each of them, whatever the page polls.
        let polls = stage.record.started().iter().filter(|target| target.contains("/sessions/")).count();
        let asked = asked.load(Ordering::Relaxed);
        assert!(asked <= 4 && polls > asked, "{polls} polls, and the partner was asked {asked} times");
    });
}

#[test]
fn an_element_put_back_in_shows_the_next_user_nothing_of_the_first() {
    play_as("other_user_in_place", partner, |stage, _| async move {
        let browser = &stage.browser;
        let first = session_of_the_first_user(&stage).await;

        browser.run("window.element = document.querySelector('cr3dentials-verify'); element.remove()").await;
        signs_in_with_the_partner(&stage, "bo").await;
        stage.force(&first, "COMPLETED").await;
        browser.run("window.before = events.length; document.querySelector('#place').append(element)").await;
        another_session(&stage, &first).await;
        let heard = browser.run("return JSON.stringify(events.slice(before))").await.to_string();
        assert!(!heard.contains(&first), "{heard}");
        assert!(!all(&stage).await.contains("is verified"));
    });
}
