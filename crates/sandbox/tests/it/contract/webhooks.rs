//! Webhooks (section 4).

use cr3dentials_sandbox::Webhooks;
use serde_json::{Value, json};

use super::Rule;
use crate::harness::provider::{Provider, names};
use crate::harness::text;

pub(super) const RULES: &[Rule] = &[
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
];
