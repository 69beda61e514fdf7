//! Complete verifications, one for each kind of test user.

use cr3dentials_core::wire::{Session, SessionStatus, Success};
use cr3dentials_sandbox::testing::Step;
use serde_json::{Value, json};

use crate::harness::{Partner, until};

/// Runs a test user's verification to its end, entering the correct values at each step.
async fn walk(name: &str) -> Value {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    user.sign_in(name).await.unwrap();
    let end = until(|| async {
        let state = user.state().await.unwrap();
        match state.step {
            Step::SignIn => drop(user.sign_in(name).await),
            Step::Code => drop(user.code("123456").await),
            Step::Question => drop(user.answer("Bento").await),
            Step::Account => drop(user.pick(1).await),
            _ => {}
        }
        state.status.is_terminal().then_some(state.status)
    })
    .await;
    let session = partner.session(&created).await;
    assert_eq!(session["status"], end.as_str());
    session
}

#[tokio::test]
async fn success_completes_with_data_and_attestation() {
    let session = walk("success").await;
    assert_eq!((&session["progress"], &session["hasAttestation"]), (&json!(100), &json!(true)));
    assert_eq!(session["extractedData"]["profile"]["name"], "Amara Okafor");
    assert!(session["completedAt"].is_string());
    assert_eq!((&session["streamUrl"], &session["errorCode"]), (&Value::Null, &Value::Null));
    let envelope = json!({ "status": "success", "data": session });
    let _: Success<Session> = serde_json::from_value(envelope).unwrap();
}

#[tokio::test]
async fn users_with_challenges_complete_after_them() {
    for name in ["otp", "question", "accounts", "everything", "retry", "stream-drops"] {
        assert_eq!(walk(name).await["status"], "COMPLETED", "{name}");
    }
}

#[tokio::test]
async fn results_can_lack_attestation_data_or_error_code() {
    let session = walk("no-attestation").await;
    assert_eq!((&session["status"], session.get("hasAttestation")), (&json!("COMPLETED"), None));
    let session = walk("partial-without-data").await;
    assert_eq!((&session["status"], &session["extractedData"]), (&json!("PARTIAL_COMPLETE"), &Value::Null));
    let session = walk("error-without-code").await;
    assert_eq!((&session["status"], &session["errorCode"]), (&json!("ERROR"), &Value::Null));
    assert!(session["errorMessage"].is_string());
    assert_eq!(walk("terminated").await["status"], "TERMINATED");
}

#[tokio::test]
async fn running_and_awaiting_user_alternate() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    let mut seen = Vec::new();
    user.sign_in("everything").await.unwrap();
    seen.push(user.state().await.unwrap().status);
    user.wait_for(Step::Code).await.unwrap();
    seen.push(user.state().await.unwrap().status);
    seen.push(user.code("123456").await.unwrap().status);
    let asked = user.wait_for(Step::Question).await.unwrap();
    assert_eq!(asked.question.as_deref(), Some("What was the name of your first pet?"));
    seen.push(asked.status);
    assert!(user.answer("Rex").await.unwrap().refused);
    seen.push(user.answer(" bento ").await.unwrap().status);
    let asked = user.wait_for(Step::Account).await.unwrap();
    assert_eq!(asked.accounts.len(), 2);
    seen.push(asked.status);
    assert!(user.pick(2).await.unwrap().refused, "there is no third account");
    seen.push(user.pick(0).await.unwrap().status);
    let names: Vec<_> = seen.iter().map(SessionStatus::as_str).collect();
    assert_eq!(names, ["RUNNING", "AWAITING_USER", "RUNNING", "AWAITING_USER", "RUNNING", "AWAITING_USER", "RUNNING"]);
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
async fn cancel_ends_as_cancelled_without_an_error_code() {
    let session = walk("cancel").await;
    assert_eq!((&session["status"], &session["errorCode"]), (&json!("CANCELLED"), &Value::Null));
}

#[tokio::test]
async fn user_can_cancel_at_any_step() {
    let partner = Partner::new().await;
    for act in [false, true] {
        let created = partner.create(json!({})).await;
        let user = partner.user(&created).await;
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
async fn wrong_name_or_code_is_refused_and_can_be_retried() {
    let partner = Partner::new().await;
    let created = partner.create(json!({})).await;
    let user = partner.user(&created).await;
    for (name, password) in [("unknown", "sandbox"), ("success", "")] {
        let state = user.sign_in_with(name, password).await.unwrap();
        assert_eq!((state.step, state.refused, state.status.as_str()), (Step::SignIn, true, "AWAITING_USER"));
    }
    assert!(!user.sign_in("otp@work.example").await.unwrap().refused);
    let state = user.code("000000").await.unwrap();
    assert_eq!((state.step, state.refused, state.status.as_str()), (Step::Code, true, "AWAITING_USER"));
    user.code(" 123456 ").await.unwrap();
    partner.until(&created, "COMPLETED").await;
}
