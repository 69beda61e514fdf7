use cr3dentials_sandbox::testing::User;

use cr3dentials_test_support::{Harness, fail_with};

#[tokio::test]
async fn a_fresh_embed_url_is_available_once_in_ten_seconds() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let _first = session.open().await;
    harness.browser.follow_to(&session, "AWAITING_USER").await;
    assert!(User::open(&session.embed_url).await.is_err(), "a URL can be used once");
    let fresh = harness.browser.post(&session, "frame").await;
    let url = fresh.data()["embedUrl"].as_str().unwrap();
    assert_eq!(fresh.data().as_object().unwrap().len(), 1);
    let again = User::open(url).await.unwrap();
    let second = harness.browser.post(&session, "frame").await;
    second.is_error(429, "rate-limited");
    let wait: u64 = second.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    again.sign_in("success").await.unwrap();
    harness.browser.follow_to(&session, "COMPLETED").await;
    harness.browser.post(&session, "frame").await.is_error(409, "conflict");
}

#[tokio::test]
async fn a_failed_attempt_does_not_count_against_the_interval() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    fail_with(&harness.provider, Some(500));
    harness.browser.post(&session, "frame").await.is_error(502, "provider-error");
    fail_with(&harness.provider, None);
    assert_eq!(harness.browser.post(&session, "frame").await.status, 200);
}
