//! Tests over HTTP: sandbox and proxy on real sockets, a simulated browser that polls, a user who signs in, and the
//! partner's server that reads the result. Every end, with webhooks and without.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod leaks;
mod matrix;
mod scenario;
mod secrets;

use serde_json::{Value, json};

use scenario::Scenario;

/// Runs each scenario with webhooks and again without.
macro_rules! with_and_without_webhooks {
    ($($name:ident),*) => {$(
        mod $name {
            #[tokio::test]
            async fn with_webhooks() {
                let scenario = super::Scenario::with_webhooks().await;
                super::scenarios::$name(&scenario).await;
                scenario.finish().await;
            }

            #[tokio::test]
            async fn without_webhooks() {
                let scenario = super::Scenario::without_webhooks().await;
                super::scenarios::$name(&scenario).await;
                scenario.finish().await;
            }
        }
    )*};
}

with_and_without_webhooks!(completed, one_time_code, partial, failed, cancelled, expired, resumed);

mod scenarios {
    use super::*;

    pub(super) async fn completed(scenario: &Scenario) {
        scenario.open().await.sign_in("success").await.unwrap();
        assert_eq!(scenario.end().await["hasAttestation"], true);
        let result = scenario.result("COMPLETED").await;
        assert_eq!(result["hasAttestation"], true);
        scenario.holds_data(&result);
        scenario.holds_proof().await;
    }

    pub(super) async fn one_time_code(scenario: &Scenario) {
        let user = scenario.open().await;
        user.sign_in("otp").await.unwrap();
        // A wrong code can be retried and does not end the session.
        user.code("000000").await.unwrap();
        user.code("123456").await.unwrap();
        assert_eq!(scenario.end().await["errorCode"], Value::Null);
        let result = scenario.result("COMPLETED").await;
        scenario.holds_data(&result);
        scenario.holds_proof().await;
    }

    pub(super) async fn partial(scenario: &Scenario) {
        scenario.open().await.sign_in("partial").await.unwrap();
        scenario.end().await;
        scenario.holds_data(&scenario.result("PARTIAL_COMPLETE").await);
    }

    pub(super) async fn failed(scenario: &Scenario) {
        scenario.open().await.sign_in("error").await.unwrap();
        let view = scenario.end().await;
        assert_eq!(view["errorCode"], "ACCOUNT_LOCKED");
        assert!(view.get("errorMessage").is_none(), "the message is for developers and off by default");
        let result = scenario.result("ERROR").await;
        assert_eq!((&result["errorCode"], &result["extractedData"]), (&json!("ACCOUNT_LOCKED"), &Value::Null));
        assert!(result["errorMessage"].is_string());
    }

    pub(super) async fn cancelled(scenario: &Scenario) {
        scenario.open().await.cancel().await.unwrap();
        scenario.end().await;
        assert_eq!(scenario.result("CANCELLED").await["extractedData"], Value::Null);
    }

    pub(super) async fn expired(scenario: &Scenario) {
        let _user = scenario.open().await;
        scenario.harness.control("/clock", json!({ "advanceSecs": 169 * 3600 })).await;
        let view = scenario.end().await;
        assert!(view["completedAt"].as_str() >= view["expiresAt"].as_str(), "{view}");
        assert_eq!(scenario.result("TERMINATED").await["hasAttestation"], false);
    }

    /// The page is reloaded during sign-in: the session continues in a frame with a new URL.
    pub(super) async fn resumed(scenario: &Scenario) {
        let first = scenario.open().await;
        scenario.harness.browser.follow_to(&scenario.session, "AWAITING_USER").await;
        let again = scenario.open_again().await;
        assert_eq!(first.state().await.unwrap_err().status(), Some(403), "the first frame must be closed");
        again.sign_in("success").await.unwrap();
        scenario.end().await;
        scenario.holds_data(&scenario.result("COMPLETED").await);
    }

    /// The page is reloaded, and the provider gives out no second URL: the session keeps its status until it expires.
    pub(super) async fn locked_out(scenario: &Scenario) {
        let _first = scenario.open().await;
        scenario.harness.browser.follow_to(&scenario.session, "AWAITING_USER").await;
        assert_eq!(scenario.try_again().await.unwrap_err().status(), Some(410));
        let view = scenario.harness.browser.poll(&scenario.session, "fresh=1").await;
        assert_eq!(view.data()["status"], "AWAITING_USER");
        scenario.harness.control("/clock", json!({ "advanceSecs": 169 * 3600 })).await;
        scenario.end().await;
        scenario.result("TERMINATED").await;
    }
}
