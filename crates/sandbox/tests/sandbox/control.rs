//! The control routes: what they do, and who may call them.

use serde_json::{Value, json};

use crate::support::{Partner, text};

#[tokio::test]
async fn only_a_loopback_host_and_json_are_let_in() {
    let partner = Partner::new().await;
    let clock = format!("{}/clock", partner.sandbox.control_url());
    let post = || partner.client.post(&clock).body("{\"advanceSecs\":0}");
    let json = "application/json";
    assert_eq!(post().header("content-type", json).send().await.unwrap().status(), 200);
    assert_eq!(post().header("content-type", "text/plain").send().await.unwrap().status(), 415);
    assert_eq!(post().send().await.unwrap().status(), 415);
    let rebound = post().header("content-type", json).header("host", "evil.example:7071").send();
    assert_eq!(rebound.await.unwrap().status(), 403);
    let sessions = format!("{}/sessions", partner.sandbox.control_url());
    assert_eq!(partner.client.get(sessions).header("host", "evil.example").send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn values_out_of_bounds_are_refused() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let status = format!("/sessions/{}/status", text(&created, "sessionId"));
    for (path, body) in [
        ("/clock", json!({})),
        ("/clock", json!({ "advanceSecs": -1 })),
        ("/clock", json!({ "advanceSecs": 1e18 })),
        ("/settings", json!({ "dropWebhooks": "yes" })),
        ("/settings", json!({ "upstreamError": 200 })),
        (status.as_str(), json!({ "status": "" })),
        (status.as_str(), json!({ "status": "X".repeat(65) })),
    ] {
        assert_eq!(partner.control(path, body.clone()).await.0, 400, "{path} {body}");
    }
    assert_eq!(partner.control("/nothing", json!({})).await.0, 404);
    assert_eq!(partner.control("/sessions/unknown/terminate", json!({})).await.0, 404);
}

#[tokio::test]
async fn any_status_can_be_forced_until_the_end() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let path = format!("/sessions/{}/status", text(&created, "sessionId"));
    for status in ["VERIFYING", "SOMETHING_NEW", "CREATED", "PARTIAL_COMPLETE"] {
        assert_eq!(partner.control(&path, json!({ "status": status })).await.0, 200, "{status}");
        assert_eq!(partner.session(&created).await["status"], status);
    }
    assert!(partner.session(&created).await["extractedData"].is_object());
    assert_eq!(partner.control(&path, json!({ "status": "RUNNING" })).await.0, 409);
    let terminate = format!("/sessions/{}/terminate", text(&created, "sessionId"));
    assert_eq!(partner.control(&terminate, json!({})).await.0, 409);
    assert_eq!(partner.session(&created).await["status"], "PARTIAL_COMPLETE");
}

#[tokio::test]
async fn the_provider_can_be_made_to_fail() {
    let partner = Partner::new().await;
    partner.control("/settings", json!({ "upstreamError": 503 })).await;
    let (status, body) = partner.get("/partner/browser-platforms").await;
    assert_eq!((status, body), (503, json!({ "statusCode": 503, "message": "Service Unavailable" })));
    let (_, now) = partner.control("/settings", json!({ "dropWebhooks": true })).await;
    assert_eq!(now, json!({ "dropWebhooks": true, "upstreamError": 503 }), "what is not named stays as it was");
    partner.control("/settings", json!({ "upstreamError": null })).await;
    assert_eq!(partner.get("/partner/browser-platforms").await.0, 200);
}

#[tokio::test]
async fn the_clock_expires_sessions() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    partner.control("/clock", json!({ "advanceSecs": 7 * 86_400 })).await;
    let session = partner.session(&created).await;
    assert_eq!((&session["status"], &session["completedAt"]), (&json!("TERMINATED"), &session["expiresAt"]));
    assert_eq!((&session["streamUrl"], session.get("embedUrl")), (&Value::Null, None));
}
