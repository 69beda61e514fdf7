//! Lifecycle, webhooks and iframe (sections 3, 4, 6 and 7).

use cr3dentials_core::wire::SessionStatus;
use cr3dentials_sandbox::Webhooks;
use cr3dentials_sandbox::world::Response;
use serde_json::{Value, json};

use super::Rule;
use super::provider::{Provider, names, text};

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
    ("4", "a webhook on each terminal status, and only then", |p| {
        let url = json!({ "webhookUrl": "https://partner.example.com/hook" });
        for name in ["success", "partial", "error", "cancel", "terminated"] {
            let created = p.ended(name, url.clone());
            let outbox = p.outbox();
            assert_eq!(outbox.len(), 1, "{name}");
            let body: Value = serde_json::from_str(&outbox[0].body).unwrap();
            assert_eq!(
                (&body["sessionId"], text(&body, "status")),
                (&created["sessionId"], p.status(&created).as_str())
            );
        }
        p.create(url);
        p.pass(60_000);
        assert!(p.outbox().is_empty());
    }),
    ("4", "the dashboard's URL is used if the session has none", |p| {
        *p = Provider::with(|settings| settings.webhook_url = Some("https://partner.example.com/all".to_owned()));
        p.ended("success", json!({}));
        p.ended("success", json!({ "webhookUrl": "https://partner.example.com/own" }));
        let urls: Vec<_> = p.outbox().into_iter().map(|outgoing| outgoing.url).collect();
        assert_eq!(urls, ["https://partner.example.com/all", "https://partner.example.com/own"]);
    }),
    ("4", "a receiver has 30 seconds", |_| assert_eq!(Webhooks::TIMEOUT.as_secs(), 30)),
    ("4", "there is no webhook without a URL", |p| {
        p.ended("success", json!({}));
        assert!(p.outbox().is_empty());
    }),
    ("4", "the body has every documented field and no envelope", |p| {
        p.ended("success", json!({ "webhookUrl": "https://partner.example.com/hook" }));
        let body: Value = serde_json::from_str(&p.outbox()[0].body).unwrap();
        let wanted = [
            "completedAt",
            "externalReferenceId",
            "extractedData",
            "metadata",
            "platformId",
            "proofHash",
            "sessionId",
            "status",
        ];
        assert_eq!(names(&body), wanted);
        assert!(body["metadata"].is_object() && body["externalReferenceId"].is_null());
        let hash = text(&body, "proofHash");
        assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }),
    ("4", "one custom header is sent", |p| {
        p.ended("success", json!({ "webhookUrl": "https://partner.example.com/hook" }));
        let expected = [("Content-Type", "application/json"), ("X-Partner", "shh")];
        assert_eq!(p.outbox()[0].headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }),
    ("4", "anything but a 2xx is retried three times, with growing delays", |p| {
        p.ended("success", json!({ "webhookUrl": "https://partner.example.com/hook" }));
        let mut delays = Vec::new();
        for result in [Ok(500), Ok(302), Err("no response in time"), Ok(404)] {
            let sent = p.outbox();
            assert_eq!(sent.len(), 1);
            p.world.sent(sent[0].id, p.now, result);
            if let Some(due) = p.world.next_due().filter(|due| due.since(p.now) < 3_600_000) {
                delays.push(due.since(p.now));
                p.now = due;
            }
        }
        assert_eq!(delays, [1000, 2000, 4000]);
        p.pass(3_600_000);
        assert!(p.outbox().is_empty());
    }),
    ("6", "an embed token opens the page once", |p| {
        let created = p.create(json!({}));
        assert_eq!([p.open(&created).status, p.open(&created).status], [200, 410]);
    }),
    ("6", "an embed token expires", |p| {
        let created = p.create(json!({}));
        p.pass(120_000);
        assert_eq!(p.open(&created).status, 410);
    }),
    ("6", "Get's embedUrl opens the session again after a reload", |p| {
        let created = p.create(json!({}));
        assert_eq!(p.open(&created).status, 200);
        let again = p.session(&created);
        assert_eq!(p.open(&again).status, 200);
    }),
    ("6", "the page may be framed only by the listed parents", |p| {
        let created = p.create(json!({}));
        let page = p.open(&created);
        let policy = &page.headers.iter().find(|(name, _)| *name == "content-security-policy").unwrap().1;
        assert!(policy.ends_with("frame-ancestors https://partner.example.com"), "{policy}");
    }),
    ("7", "sessions are isolated: each page has its own key", |p| {
        let (one, other) = (p.create(json!({})), p.create(json!({})));
        let key = |page: Response| {
            let html = String::from_utf8(page.body).unwrap();
            html.split_once("frame-key\" content=\"").unwrap().1.split('"').next().unwrap().to_owned()
        };
        let keys = [p.open(&one), p.open(&other)].map(key);
        assert_ne!(keys[0], keys[1]);
    }),
];
