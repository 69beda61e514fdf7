//! The walk over HTTP: sandbox and proxy on real sockets, a browser that asks, a person who signs in, and the partner's
//! server that reads the result. Every end, with webhooks and without.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../crates/proxy/tests/proxy/harness.rs"]
#[allow(dead_code, reason = "shared with the proxy's own tests, which use all of it")]
mod harness;
mod leaks;
mod matrix;
mod secrets;
mod stage;

use serde_json::{Value, json};

use stage::Stage;

/// Plays a verification with webhooks and again without.
macro_rules! walk {
    ($($name:ident),*) => {$(
        mod $name {
            #[tokio::test]
            async fn with_webhooks() {
                let stage = super::Stage::with_webhooks().await;
                super::play::$name(&stage).await;
                stage.finish().await;
            }

            #[tokio::test]
            async fn without_webhooks() {
                let stage = super::Stage::without_webhooks().await;
                super::play::$name(&stage).await;
                stage.finish().await;
            }
        }
    )*};
}

walk!(completed, one_time_code, partial, failed, cancelled, expired, resumed);

mod play {
    use super::*;

    pub(super) async fn completed(stage: &Stage) {
        stage.open().await.sign_in("success").await.unwrap();
        assert_eq!(stage.end().await["hasAttestation"], true);
        let result = stage.result("COMPLETED").await;
        assert_eq!(result["hasAttestation"], true);
        stage.holds_data(&result);
        stage.holds_proof().await;
    }

    pub(super) async fn one_time_code(stage: &Stage) {
        let user = stage.open().await;
        user.sign_in("otp").await.unwrap();
        // A wrong code is asked for again, and nothing has ended.
        user.code("000000").await.unwrap();
        user.code("123456").await.unwrap();
        assert_eq!(stage.end().await["errorCode"], Value::Null);
        let result = stage.result("COMPLETED").await;
        stage.holds_data(&result);
        stage.holds_proof().await;
    }

    pub(super) async fn partial(stage: &Stage) {
        stage.open().await.sign_in("partial").await.unwrap();
        stage.end().await;
        stage.holds_data(&stage.result("PARTIAL_COMPLETE").await);
    }

    pub(super) async fn failed(stage: &Stage) {
        stage.open().await.sign_in("error").await.unwrap();
        let view = stage.end().await;
        assert_eq!(view["errorCode"], "ACCOUNT_LOCKED");
        assert!(view.get("errorMessage").is_none(), "it is for developers, and off by default");
        let result = stage.result("ERROR").await;
        assert_eq!((&result["errorCode"], &result["extractedData"]), (&json!("ACCOUNT_LOCKED"), &Value::Null));
        assert!(result["errorMessage"].is_string());
    }

    pub(super) async fn cancelled(stage: &Stage) {
        stage.open().await.cancel().await.unwrap();
        stage.end().await;
        assert_eq!(stage.result("CANCELLED").await["extractedData"], Value::Null);
    }

    pub(super) async fn expired(stage: &Stage) {
        let _user = stage.open().await;
        stage.world.control("/clock", json!({ "advanceSecs": 169 * 3600 })).await;
        let view = stage.end().await;
        assert!(view["completedAt"].as_str() >= view["expiresAt"].as_str(), "{view}");
        assert_eq!(stage.result("TERMINATED").await["hasAttestation"], false);
    }

    /// The page is loaded again in the middle: the session goes on in a frame with a fresh URL.
    pub(super) async fn resumed(stage: &Stage) {
        let first = stage.open().await;
        stage.world.browser.follow_to(&stage.session, "AWAITING_USER").await;
        let again = stage.open_again().await;
        assert_eq!(first.state().await.unwrap_err().status(), Some(403), "the page before has ended");
        again.sign_in("success").await.unwrap();
        stage.end().await;
        stage.holds_data(&stage.result("COMPLETED").await);
    }

    /// The page is loaded again, and the provider has no other way in: the session is shown as it is until it expires.
    pub(super) async fn locked_out(stage: &Stage) {
        let _first = stage.open().await;
        stage.world.browser.follow_to(&stage.session, "AWAITING_USER").await;
        assert_eq!(stage.try_again().await.unwrap_err().status(), Some(410));
        let view = stage.world.browser.ask(&stage.session, "fresh=1").await;
        assert_eq!(view.data()["status"], "AWAITING_USER");
        stage.world.control("/clock", json!({ "advanceSecs": 169 * 3600 })).await;
        stage.end().await;
        stage.result("TERMINATED").await;
    }
}
