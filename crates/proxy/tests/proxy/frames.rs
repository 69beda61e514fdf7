use cr3dentials_sandbox::testing::User;

use crate::harness::{World, fail_with};

#[tokio::test]
async fn a_fresh_embed_url_is_available_once_in_ten_seconds() {
    let world = World::new().await;
    let session = world.browser.start().await;
    let _first = session.open().await;
    world.browser.follow_to(&session, "AWAITING_USER").await;
    assert!(User::open(&session.embed_url).await.is_err(), "a URL can be used once");
    let fresh = world.browser.post(&session, "frame").await;
    let url = fresh.data()["embedUrl"].as_str().unwrap();
    assert_eq!(fresh.data().as_object().unwrap().len(), 1);
    let again = User::open(url).await.unwrap();
    let second = world.browser.post(&session, "frame").await;
    second.is_error(429, "rate-limited");
    let wait: u64 = second.header("retry-after").parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
    again.sign_in("success").await.unwrap();
    world.browser.follow_to(&session, "COMPLETED").await;
    world.browser.post(&session, "frame").await.is_error(409, "conflict");
}

#[tokio::test]
async fn a_failed_attempt_does_not_count_against_the_interval() {
    let world = World::new().await;
    let session = world.browser.start().await;
    fail_with(&world.sandbox, Some(500));
    world.browser.post(&session, "frame").await.is_error(502, "provider-error");
    fail_with(&world.sandbox, None);
    assert_eq!(world.browser.post(&session, "frame").await.status, 200);
}
