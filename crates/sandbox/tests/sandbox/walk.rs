//! Each test user's verification from beginning to end.

use cr3dentials_core::wire::{Session, Success};
use cr3dentials_sandbox::testing::{Step, User};
use serde_json::{Value, json};

use crate::support::{Partner, text};

async fn walk(name: &str) -> Value {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = User::open(text(&created, "embedUrl")).await.unwrap();
    user.sign_in(name).await.unwrap();
    if name == "otp" {
        user.code("123456").await.unwrap();
    }
    let end = match name {
        "success" | "otp" => "COMPLETED",
        "partial" => "PARTIAL_COMPLETE",
        "error" => "ERROR",
        _ => "CANCELLED",
    };
    partner.until(&created, end).await;
    partner.session(&created).await
}

#[tokio::test]
async fn success_completes_with_data_and_attestation() {
    let session = walk("success").await;
    assert_eq!((&session["progress"], &session["hasAttestation"]), (&json!(100), &json!(true)));
    assert_eq!(session["extractedData"]["profile"]["name"], "Amara Okafor");
    assert!(session["completedAt"].is_string());
    assert_eq!((&session["streamUrl"], &session["errorCode"]), (&Value::Null, &Value::Null));
    assert_eq!(session.get("embedUrl"), None);
    let envelope = json!({ "status": "success", "data": session });
    let _: Success<Session> = serde_json::from_value(envelope).unwrap();
}

#[tokio::test]
async fn otp_completes_after_the_code() {
    assert_eq!(walk("otp").await["status"], "COMPLETED");
}

#[tokio::test]
async fn partial_has_some_data_and_no_attestation() {
    let session = walk("partial").await;
    assert!(session["extractedData"]["profile"].is_object());
    assert_eq!(session["extractedData"].get("monthlyEarnings"), None);
    assert_eq!(session.get("hasAttestation"), None);
}

#[tokio::test]
async fn error_has_a_code_and_no_data() {
    let session = walk("error").await;
    assert_eq!(session["errorCode"], "ACCOUNT_LOCKED");
    assert!(session["errorMessage"].is_string());
    assert_eq!(session["extractedData"], Value::Null);
}

#[tokio::test]
async fn cancel_walks_away() {
    let session = walk("cancel").await;
    assert_eq!((&session["status"], &session["errorCode"]), (&json!("CANCELLED"), &Value::Null));
}

#[tokio::test]
async fn the_user_can_cancel_at_any_step() {
    let partner = Partner::new().await;
    for act in [false, true] {
        let created = partner.create(json!({})).await;
        let user = User::open(text(&created, "embedUrl")).await.unwrap();
        if act {
            user.sign_in("otp").await.unwrap();
            user.wait_for(Step::Code).await.unwrap();
        }
        assert_eq!(user.cancel().await.unwrap().step, Step::Cancelled);
        assert_eq!(partner.session(&created).await["status"], "CANCELLED");
        assert_eq!(user.cancel().await.unwrap_err().status(), Some(409));
    }
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_code_are_asked_again() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = User::open(text(&created, "embedUrl")).await.unwrap();
    for (name, password) in [("nobody", "sandbox"), ("success", "")] {
        let state = user.sign_in_with(name, password).await.unwrap();
        assert_eq!((state.step, state.refused, state.status.as_str()), (Step::SignIn, true, "AWAITING_USER"));
    }
    assert!(!user.sign_in("otp@work.example").await.unwrap().refused);
    let state = user.code("000000").await.unwrap();
    assert_eq!((state.step, state.refused, state.status.as_str()), (Step::Code, true, "AWAITING_USER"));
    user.code(" 123456 ").await.unwrap();
    partner.until(&created, "COMPLETED").await;
}
