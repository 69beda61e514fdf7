use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use cr3dentials_test_support::{Harness, TestSession};

#[tokio::test]
async fn a_token_opens_only_its_own_session() {
    let harness = Harness::new().await;
    let (one, two) = (harness.browser.start().await, harness.browser.start().await);
    assert_eq!(harness.browser.poll(&one, "").await.data()["sessionId"], one.id.as_str());
    let foreign = harness.browser.poll_with(&two.id, &one.token, "").await;
    foreign.is_error(404, "not-found");
    // The response is the same for another user's session and for one that does not exist.
    let unknown = harness.browser.poll_with("no-such-session", &one.token, "").await;
    assert_eq!((unknown.status, unknown.text), (foreign.status, foreign.text));
}

#[tokio::test]
async fn all_invalid_tokens_get_the_same_response() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let parts: Vec<&str> = session.token.split('.').collect();
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let later = URL_SAFE_NO_PAD.encode(payload.replace("\"e\":1", "\"e\":2"));
    assert_ne!(later, parts[1]);
    let wrong = [
        String::new(),
        "v1".to_owned(),
        session.token[..session.token.len() - 1].to_owned(),
        format!("{}A", session.token),
        format!("v1.{later}.{}", parts[2]),
        format!("v2.{}.{}", parts[1], parts[2]),
        format!("v1.{}.", parts[1]),
        format!("v1.{}.{}", parts[1], URL_SAFE_NO_PAD.encode([0; 32])),
        "x".repeat(4000),
    ];
    for token in wrong {
        let response = harness.browser.poll_with(&session.id, &token, "").await;
        response.is_error(404, "not-found");
    }
    let without = harness.browser.get(&format!("/sessions/{}", session.id)).await;
    without.is_error(404, "not-found");
    for action in ["frame", "closed"] {
        let forged = TestSession { token: format!("v1.{later}.{}", parts[2]), ..session.clone() };
        harness.browser.post(&forged, action).await.is_error(404, "not-found");
    }
}

#[tokio::test]
async fn a_token_is_valid_after_a_restart() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let base_path = harness.config.base_path.clone();
    harness.proxy.stop().await.unwrap();
    let again = cr3dentials_proxy::spawn(harness.config.clone()).await.unwrap();
    let browser = cr3dentials_test_support::Browser::new(format!("{}{base_path}", again.root_url()));
    assert_eq!(browser.poll(&session, "").await.data()["sessionId"], session.id.as_str());
}
