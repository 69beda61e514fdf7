//! Control routes: effects and access.

use cr3dentials_sandbox::testing::Step;
use serde_json::{Value, json};

use crate::harness::{Partner, text};

#[tokio::test]
async fn control_routes_require_a_loopback_host_and_json() {
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
async fn control_routes_refuse_out_of_bounds_values() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let status = format!("/sessions/{}/status", text(&created, "sessionId"));
    for (path, body) in [
        ("/clock", json!({})),
        ("/clock", json!({ "advanceSecs": -1 })),
        ("/clock", json!({ "advanceSecs": 1e18 })),
        ("/settings", json!({ "user": "unknown" })),
        ("/settings", json!({ "rateLimit": -1 })),
        ("/settings", json!({ "speed": 2 })),
        ("/switches", json!({ "resetFormat": "years" })),
        ("/faults", json!([{ "on": "any", "kind": "status", "status": 200 }])),
        ("/faults", json!({})),
        ("/keys", json!({ "environment": "moon" })),
        ("/keys", json!({ "expiresInSecs": "soon" })),
        ("/restart", json!({ "memory": "no" })),
        ("/restart", json!({ "downMillis": 600_001 })),
        (status.as_str(), json!({ "status": "" })),
        (status.as_str(), json!({ "status": "X".repeat(65) })),
    ] {
        assert_eq!(partner.control(path, body.clone()).await.0, 400, "{path} {body}");
    }
    assert_eq!(partner.control("/nothing", json!({})).await.0, 404);
    assert_eq!(partner.control("/sessions/unknown/terminate", json!({})).await.0, 404);
}

#[tokio::test]
async fn any_status_can_be_forced_until_the_session_ends() {
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
async fn control_routes_refuse_pages_of_another_origin() {
    let partner = Partner::new().await;
    let clock = format!("{}/clock", partner.sandbox.control_url());
    let addr = partner.sandbox.addr;
    for (origin, status) in [
        (format!("http://{addr}"), 200),
        ("http://localhost:8080".to_owned(), 403),
        ("null".to_owned(), 403),
        (format!("http://{addr}.evil.example"), 403),
    ] {
        let post = partner.client.post(&clock).header("origin", &origin).json(&json!({ "advanceSecs": 0 }));
        assert_eq!(post.send().await.unwrap().status(), status, "{origin}");
    }
}

#[tokio::test]
async fn new_sessions_follow_the_configured_test_user() {
    let partner = Partner::new().await;
    partner.control("/settings", json!({ "user": "stuck-ready" })).await;
    let stuck = partner.create(json!({})).await;
    partner.control("/settings", json!({ "user": null })).await;
    let ordinary = partner.create(json!({})).await;
    for created in [&stuck, &ordinary] {
        partner.client.get(text(created, "embedUrl")).send().await.unwrap();
    }
    partner.until(&ordinary, "AWAITING_USER").await;
    assert_eq!(partner.peek(&stuck).await["status"], "READY");

    let path = format!("/sessions/{}/user", text(&stuck, "sessionId"));
    assert_eq!(partner.control(&path, json!({ "name": "unknown" })).await.0, 400);
    assert_eq!(partner.control(&path, json!({ "name": "success" })).await.0, 200);
    partner.until(&stuck, "AWAITING_USER").await;
}

#[tokio::test]
async fn pending_challenge_is_skipped_when_the_new_user_has_none() {
    let partner = Partner::new().await;
    for (name, step) in [("otp", Step::Code), ("question", Step::Question), ("accounts", Step::Account)] {
        let created = partner.create(json!({})).await;
        let user = partner.user(&created).await;
        user.sign_in(name).await.unwrap();
        user.wait_for(step).await.unwrap();
        partner.control_session(&created, "user", json!({ "name": "success" })).await;
        partner.until(&created, "COMPLETED").await;
    }
}

#[tokio::test]
async fn overview_is_complete_and_contains_no_secrets() {
    let partner = Partner::new().await;
    let created = partner.create(json!({ "webhookUrl": "https://partner.example.com/secret-path" })).await;
    partner.terminate(&created).await;
    let overview = partner.show("/overview").await;
    for part in ["now", "settings", "sessions", "webhooks", "switches", "faults", "keys"] {
        assert!(!overview[part].is_null(), "{part}");
    }
    for secret in ["secret-path", "token=", &partner.sandbox.api_key()] {
        assert!(!overview.to_string().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn console_is_served_with_a_strict_policy_to_loopback_hosts() {
    let partner = Partner::new().await;
    let page = partner.client.get(partner.sandbox.console_url()).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("never-loads") && html.contains("embedTokenOnGet") && !html.contains("{{"));
    let rebound = partner.client.get(partner.sandbox.console_url()).header("host", "evil.example");
    assert_eq!(rebound.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn advanced_clock_expires_sessions() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    partner.control("/clock", json!({ "advanceSecs": 7 * 86_400 })).await;
    let session = partner.session(&created).await;
    assert_eq!((&session["status"], &session["completedAt"]), (&json!("TERMINATED"), &session["expiresAt"]));
    assert_eq!(session["streamUrl"], Value::Null);
}
