use std::time::{Duration, Instant};

use serde_json::json;

use crate::mock_provider::{CREATE, PLATFORMS, json_response, mock_harness, ordinary, success};

/// Returns the rate limiter's maximum for a time as short as a test: its burst, one request per 580 ms, and the first.
fn most_in(time: Duration) -> usize {
    12 + 1 + usize::try_from(time.as_millis() / 580).unwrap()
}

#[tokio::test]
async fn many_browsers_stay_within_the_request_budget() {
    let started = Instant::now();
    let harness = mock_harness(ordinary).await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    let mut sessions = Vec::new();
    for _ in 0..6 {
        sessions.push(browser.start().await);
    }
    let browsers = sessions.iter().cycle().take(120).cloned().map(|session| {
        let browser = browser.clone();
        tokio::spawn(async move {
            for _ in 0..40 {
                let view = browser.poll(&session, "fresh=1").await;
                browser.poll(&session, &format!("after={}&wait=1&fresh=1", view.data()["rev"])).await.data();
                if started.elapsed() > Duration::from_secs(10) {
                    return;
                }
            }
        })
    });
    for one in browsers.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let (requests, most) = (provider.seen.lock().unwrap().len(), most_in(started.elapsed()));
    assert!(requests <= most, "{requests} of {most}");
    assert!(requests > most / 3, "the budget is not used: {requests} of {most}");
}

#[tokio::test]
async fn a_create_goes_ahead_of_waiting_refreshes() {
    let harness = mock_harness(ordinary).await;
    let browser = &harness.browser;
    let mut watchers = Vec::new();
    for _ in 0..6 {
        let (browser, session) = (browser.clone(), browser.start().await);
        watchers.push(tokio::spawn(async move { browser.poll(&session, "after=2&wait=20&fresh=1").await.status }));
    }
    let before = Instant::now();
    browser.start().await;
    // A permit that was already granted may go first.
    assert!(before.elapsed() < Duration::from_millis(1_800), "{:?}", before.elapsed());
    watchers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn the_providers_rate_limit_headers_are_respected() {
    // It reports that no requests are left for the next seconds.
    let harness = mock_harness(|line| {
        let mut response = ordinary(line);
        if line == PLATFORMS {
            response.headers_mut().insert("x-ratelimit-remaining", "0".parse().unwrap());
            response.headers_mut().insert("x-ratelimit-reset", "3".parse().unwrap());
        }
        response
    })
    .await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    browser.start().await;
    let seen = provider.seen.lock().unwrap();
    assert!(seen[1].line == CREATE && seen[1].at - seen[0].at >= Duration::from_millis(2_900));
}

#[tokio::test]
async fn a_429_stops_all_requests_and_sets_retry_after() {
    let harness = mock_harness(|line| match line {
        CREATE => {
            let mut response = json_response(429, &json!({ "statusCode": 429, "message": "Too Many Requests" }));
            response.headers_mut().insert("retry-after", "30".parse().unwrap());
            response
        }
        PLATFORMS => success(&json!([{ "id": 1, "name": "uber", "displayName": "Uber" }])),
        _ => ordinary(line),
    })
    .await;
    let (provider, browser) = (&harness.provider, &harness.browser);
    browser.create("one", &json!({ "platformId": 1 })).await.is_error(429, "rate-limited");
    let second = browser.create("two", &json!({ "platformId": 1 })).await;
    second.is_error(429, "rate-limited");
    let wait: u64 = second.header("retry-after").parse().unwrap();
    assert!((20..=30).contains(&wait), "{wait}");
    assert_eq!(provider.count(CREATE), 1);
}
