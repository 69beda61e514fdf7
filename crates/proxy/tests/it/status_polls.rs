use std::time::{Duration, Instant};

use serde_json::json;

use crate::mock_provider::{mock_harness, ordinary};
use cr3dentials_test_support::{Harness, until};

#[tokio::test]
async fn a_session_view_has_the_fields_of_the_contract() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let view = harness.browser.poll(&session, "").await;
    let mut names: Vec<_> = view.data().as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "completedAt",
            "createdAt",
            "errorCode",
            "expiresAt",
            "hasAttestation",
            "platform",
            "platformId",
            "progress",
            "rev",
            "serverTime",
            "sessionId",
            "status"
        ]
    );
    assert_eq!(view.data()["platform"]["icon"], "platforms/1/icon");
}

#[tokio::test]
async fn a_long_poll_returns_when_the_session_changes() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    harness.browser.follow_to(&session, "READY").await;
    let view = harness.browser.poll(&session, "").await.data().clone();
    let started = Instant::now();
    let held = tokio::spawn({
        let (browser, session) = (harness.browser.clone(), session.clone());
        async move { browser.poll(&session, &format!("after={}&wait=25", view["rev"])).await.data().clone() }
    });
    let _user = session.open().await;
    let moved = held.await.unwrap();
    assert_ne!(moved["status"], "READY");
    assert!(started.elapsed() < Duration::from_secs(20), "the poll waited for its timeout");
}

#[tokio::test]
async fn a_long_poll_returns_after_its_timeout() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let view = harness.browser.follow_to(&session, "READY").await;
    let started = Instant::now();
    let same = harness.browser.poll(&session, &format!("after={}&wait=2", view["rev"])).await;
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert_eq!((&same.data()["rev"], &same.data()["status"]), (&view["rev"], &json!("READY")));
}

#[tokio::test]
async fn query_parameters_that_are_not_known_are_ignored() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let view = harness.browser.poll(&session, "after=0&wait=0&n=1769850312031-4&more").await;
    assert_eq!(view.data()["sessionId"], session.id);
}

#[tokio::test]
async fn the_revision_changes_only_with_the_view() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let _user = session.open().await;
    harness.browser.follow_to(&session, "AWAITING_USER").await;
    // Every response of the provider in between differs in streamUrl and embedUrl, which browsers never see.
    let mut views = Vec::new();
    for _ in 0..3 {
        views.push(harness.browser.poll(&session, "fresh=1").await.data().clone());
        harness.browser.poll(&session, &format!("after={}&wait=3", views.last().unwrap()["rev"])).await;
    }
    for pair in views.windows(2) {
        let visible = |view: &serde_json::Value| {
            let mut view = view.clone();
            view.as_object_mut().unwrap().retain(|name, _| name != "rev" && name != "serverTime");
            view
        };
        assert_eq!(pair[0]["rev"] == pair[1]["rev"], visible(&pair[0]) == visible(&pair[1]));
    }
}

#[tokio::test]
async fn a_hundred_watchers_cost_as_much_as_one() {
    let harness = mock_harness(ordinary).await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let session = browser.start().await;
    let get = format!("GET /v1/partner/browser-session/{}", session.id);
    let view = browser.follow_to(&session, "RUNNING").await;
    let (before, started) = (provider.count(&get), Instant::now());
    let watchers = (0..100).map(|_| {
        let (browser, session, rev) = (browser.clone(), session.clone(), view["rev"].clone());
        tokio::spawn(async move { browser.poll(&session, &format!("after={rev}&wait=5&fresh=1")).await.status })
    });
    for watcher in watchers.collect::<Vec<_>>() {
        assert_eq!(watcher.await.unwrap(), 200);
    }
    // One for `fresh`, then one every two seconds, regardless of the number of watchers.
    let most = 2 + started.elapsed().as_secs() / 2;
    let requests = provider.count(&get) - before;
    assert!(requests >= 1 && requests as u64 <= most, "{requests} of {most}");
}

#[tokio::test]
async fn polls_above_the_limit_return_immediately() {
    let harness = mock_harness(ordinary).await;
    let browser = &harness.browser;
    let session = browser.start().await;
    let view = browser.follow_to(&session, "RUNNING").await;
    let watchers = (0..140).map(|_| {
        let (browser, session, rev) = (browser.clone(), session.clone(), view["rev"].clone());
        tokio::spawn(async move {
            let started = Instant::now();
            assert_eq!(browser.poll(&session, &format!("after={rev}&wait=6")).await.data()["rev"], rev);
            started.elapsed() >= Duration::from_secs(6)
        })
    });
    let mut held = 0;
    for watcher in watchers.collect::<Vec<_>>() {
        held += usize::from(watcher.await.unwrap());
    }
    assert_eq!(held, 128);
}

#[tokio::test]
async fn fresh_refreshes_immediately_and_once_in_three_seconds() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    harness.browser.follow_to(&session, "READY").await;
    // The schedule waits 4 s while the user must act, but the control command changes the status immediately.
    harness.control(&format!("/sessions/{}/status", session.id), json!({ "status": "VERIFYING" })).await;
    let started = Instant::now();
    let view = harness.browser.poll(&session, "fresh=1").await.data().clone();
    harness.browser.poll(&session, &format!("after={}&wait=25&fresh=1", view["rev"])).await;
    let first = harness.browser.follow_to(&session, "VERIFYING").await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_ne!(first["rev"], view["rev"]);
}

#[tokio::test]
async fn an_unknown_status_is_passed_on_and_not_terminal() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    harness.browser.follow_to(&session, "READY").await;
    harness.control(&format!("/sessions/{}/status", session.id), json!({ "status": "POLISHING" })).await;
    harness.browser.follow_to(&session, "POLISHING").await;
    assert_eq!(harness.backend.result(&session).await["terminal"], false);
    harness.control(&format!("/sessions/{}/status", session.id), json!({ "status": "COMPLETED" })).await;
    harness.browser.follow_to(&session, "COMPLETED").await;
}

#[tokio::test]
async fn a_closed_session_is_refreshed_less_often() {
    let harness = mock_harness(ordinary).await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let (closed, open) = (browser.start().await, browser.start().await);
    let gets = |id: &str| provider.count(&format!("GET /v1/partner/browser-session/{id}"));
    browser.follow_to(&closed, "RUNNING").await;
    browser.follow_to(&open, "RUNNING").await;
    assert_eq!(browser.post(&closed, "closed").await.data()["status"], "RUNNING");
    let (closed_before, open_before) = (gets(&closed.id), gets(&open.id));
    until("three more requests for the open session", || async { (gets(&open.id) >= open_before + 3).then_some(()) })
        .await;
    assert!(gets(&closed.id) <= closed_before + 1, "one may have been in flight");
    // A user who returns is served as before.
    browser.poll(&closed, "").await;
    until("a request for the closed session", || async { (gets(&closed.id) >= closed_before + 2).then_some(()) }).await;
}

#[tokio::test]
async fn long_polls_return_at_shutdown() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let view = harness.browser.follow_to(&session, "READY").await;
    let started = Instant::now();
    let held = tokio::spawn({
        let (browser, session) = (harness.browser.clone(), session.clone());
        async move { browser.poll(&session, &format!("after={}&wait=25", view["rev"])).await.status }
    });
    // The provider's request count shows that the poll is held.
    let before = harness.provider_requests().await;
    until("the watcher's request", || async { (harness.provider_requests().await > before + 1).then_some(()) }).await;
    harness.proxy.stop().await.unwrap();
    assert_eq!(held.await.unwrap(), 200);
    assert!(started.elapsed() < Duration::from_secs(20));
}
