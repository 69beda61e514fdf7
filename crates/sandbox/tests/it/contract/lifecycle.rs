//! Session statuses (section 3).

use cr3dentials_core::wire::SessionStatus;
use serde_json::json;

use super::Rule;
use crate::harness::text;

pub(super) const RULES: &[Rule] = &[
    ("3", "CREATED and INITIALIZING lead to READY, which waits for the user", |p| {
        let created = p.create(json!({}));
        let seen = [0, 400, 1200, 3_600_000].map(|millis| {
            p.pass(millis);
            p.status(&created)
        });
        assert_eq!(seen, ["CREATED", "INITIALIZING", "READY", "READY"]);
    }),
    ("3", "the page connects the user, the workflow loads and runs until the user must act", |p| {
        let created = p.create(json!({}));
        p.pass(2000);
        assert_eq!(p.open(&created).status, 200);
        let seen = [0, 500, 700, 500].map(|millis| {
            p.pass(millis);
            p.status(&created)
        });
        assert_eq!(seen, ["CONNECTED", "LOADING_TREE", "RUNNING", "AWAITING_USER"]);
    }),
    ("3", "RUNNING and AWAITING_USER alternate, then data is collected and the attestation is made", |p| {
        let created = p.create(json!({}));
        let key = p.key(&created);
        p.pass(10_000);
        let mut seen = vec![p.status(&created)];
        for action in [
            json!({ "id": 1, "type": "signIn", "username": "otp", "password": "x" }),
            json!({ "id": 2, "type": "code", "code": "123456" }),
        ] {
            p.act(&created, &key, &action);
            seen.push(p.status(&created));
            p.pass(800);
            seen.push(p.status(&created));
        }
        p.pass(1800);
        seen.push(p.status(&created));
        p.pass(1500);
        seen.push(p.status(&created));
        let expected =
            ["AWAITING_USER", "RUNNING", "AWAITING_USER", "RUNNING", "COLLECTING_DATA", "VERIFYING", "COMPLETED"];
        assert_eq!(seen, expected);
    }),
    ("3", "CANCELLED is caused by the user", |p| {
        let created = p.create(json!({}));
        let key = p.key(&created);
        p.act(&created, &key, &json!({ "id": 1, "type": "cancel" }));
        assert_eq!(p.status(&created), "CANCELLED");
    }),
    ("3", "each of the fourteen statuses can be reached", |p| {
        for status in SessionStatus::ALL {
            let created = p.create(json!({}));
            let path = format!("/sessions/{}/status", text(&created, "sessionId"));
            p.control(&path, &json!({ "status": status }));
            assert_eq!(p.status(&created), status.as_str());
        }
    }),
    ("3", "expiry is TERMINATED with the clock past expiresAt", |p| {
        let created = p.create(json!({ "expiresInHours": 1 }));
        p.pass(3_599_999);
        assert_eq!(p.status(&created), "READY");
        p.pass(1);
        let ended = p.session(&created);
        assert_eq!((&ended["status"], &ended["completedAt"]), (&json!("TERMINATED"), &ended["expiresAt"]));
    }),
    ("3", "a terminal session never changes again", |p| {
        for name in ["success", "partial", "error", "cancel", "terminated"] {
            let created = p.ended(name, json!({}));
            let before = p.session(&created);
            p.pass(8 * 86_400_000);
            assert_eq!(p.session(&created), before, "{name}");
        }
    }),
];
