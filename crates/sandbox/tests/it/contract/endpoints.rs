//! Endpoints (section 2).

use cr3dentials_core::wire::SESSION_COUNTRIES;
use cr3dentials_sandbox::world::Method;
use serde_json::{Value, json};

use super::Rule;
use crate::harness::provider::{fields, names, seconds_at};
use crate::harness::{CREATE, LIST, PLATFORMS, session_path, text};

pub(super) const RULES: &[Rule] = &[
    ("2 platforms", "the list is a bare array with every documented field", |p| {
        let platforms = p.get(PLATFORMS).data();
        let wanted = [
            "id",
            "name",
            "displayName",
            "description",
            "icon",
            "loginUrl",
            "allowCustomUrl",
            "config",
            "isActive",
            "createdAt",
            "updatedAt",
        ];
        for platform in platforms.as_array().unwrap() {
            assert_eq!(fields(platform, &wanted).len(), wanted.len());
            assert!(
                platform["id"].is_u64() && platform["isActive"].is_boolean() && platform["allowCustomUrl"].is_boolean()
            );
        }
    }),
    ("2 platforms", "platform 1 is Uber", |p| {
        let uber = &p.get(PLATFORMS).data()[0];
        assert_eq!((&uber["id"], &uber["name"], &uber["displayName"]), (&json!(1), &json!("uber"), &json!("Uber")));
        assert_eq!(uber["loginUrl"], "https://auth.uber.com/v2");
    }),
    ("2 platforms", "names are unique slugs", |p| {
        let platforms = p.get(PLATFORMS).data();
        let mut slugs: Vec<_> = platforms.as_array().unwrap().iter().map(|platform| text(platform, "name")).collect();
        assert!(slugs.iter().all(|slug| slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        let count = slugs.len();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), count);
    }),
    ("2 create", "platformId is required and a number", |p| {
        p.post(&json!({})).refuses(400, "platformId");
        p.post(&json!({ "platformId": "1" })).refuses(400, "platformId");
    }),
    ("2 create", "the platform must exist and be active", |p| {
        p.post(&json!({ "platformId": 99 })).refuses(400, "platformId");
        p.post(&json!({ "platformId": 6 })).refuses(400, "not active");
    }),
    ("2 create", "expiresInHours is an integer from 1 to 168", |p| {
        for hours in [json!(0), json!(169), json!(1.5), json!("24")] {
            p.post(&json!({ "platformId": 1, "expiresInHours": hours })).refuses(400, "expiresInHours");
        }
        for hours in [1, 168] {
            let created = p.create(json!({ "expiresInHours": hours }));
            let length = seconds_at(text(&created, "expiresAt")) - seconds_at(text(&created, "createdAt"));
            assert_eq!(length, hours * 3_600_000);
        }
    }),
    ("2 create", "expiresInHours defaults to its maximum, seven days", |p| {
        let created = p.create(json!({}));
        let length = seconds_at(text(&created, "expiresAt")) - seconds_at(text(&created, "createdAt"));
        assert_eq!(length, 7 * 86_400_000);
    }),
    ("2 create", "receiverData is an object", |p| {
        p.post(&json!({ "platformId": 1, "receiverData": "me" })).refuses(400, "receiverData");
        p.create(json!({ "receiverData": { "name": "A", "email": "a@partner.example", "phone": "+1" } }));
    }),
    ("2 create", "webhookUrl is HTTPS with a valid top-level domain", |p| {
        let url = |url: &str| json!({ "platformId": 1, "webhookUrl": url });
        for bad in
            ["http://partner.example.com/", "https://localhost/", "https://a.nosuchtld/", "https://10.0.0.1/", "x"]
        {
            p.post(&url(bad)).refuses(400, "webhookUrl");
        }
        p.create(json!({ "webhookUrl": "https://partner.example.co.uk/hook" }));
    }),
    ("2 create", "externalReferenceId is returned only if given", |p| {
        assert_eq!(p.create(json!({ "externalReferenceId": "loan-7" }))["externalReferenceId"], "loan-7");
        assert_eq!(p.create(json!({})).get("externalReferenceId"), None);
    }),
    ("2 create", "country is one of eight", |p| {
        for country in SESSION_COUNTRIES {
            p.create(json!({ "country": country }));
        }
        p.post(&json!({ "platformId": 1, "country": "FR" })).refuses(400, "country");
    }),
    ("2 create", "the response has every documented field", |p| {
        let created = p.create(json!({}));
        let wanted = ["sessionId", "status", "embedUrl", "platformId", "expiresAt", "createdAt"];
        assert_eq!(fields(&created, &wanted).len(), wanted.len());
        assert_eq!(created["status"], "CREATED");
    }),
    ("2 create", "sessionId is a UUID", |p| {
        let created = p.create(json!({}));
        let groups: Vec<_> = text(&created, "sessionId").split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }),
    ("2 create", "embedUrl is /verify/<id>?token=<token>", |p| {
        let created = p.create(json!({}));
        let start = format!("http://127.0.0.1:7071/verify/{}?token=", text(&created, "sessionId"));
        assert!(text(&created, "embedUrl").starts_with(&start));
    }),
    ("2 create", "dates are ISO 8601 with milliseconds", |p| {
        assert_eq!(p.create(json!({}))["createdAt"], "2026-01-01T00:00:00.123Z");
    }),
    ("2 create", "there is no idempotency: a repeated create is a second session", |p| {
        let (one, other) = (p.create(json!({})), p.create(json!({})));
        assert_ne!(one["sessionId"], other["sessionId"]);
        assert_eq!(p.list("")["total"], 2);
    }),
    ("2 get", "the response has every documented field", |p| {
        let created = p.create(json!({}));
        let session = p.session(&created);
        fields(
            &session,
            &[
                "sessionId",
                "status",
                "progress",
                "embedUrl",
                "streamUrl",
                "platformId",
                "platform",
                "expiresAt",
                "createdAt",
                "completedAt",
                "errorMessage",
                "errorCode",
                "extractedData",
            ],
        );
        let platform = fields(&session["platform"], &["id", "name", "displayName", "icon", "loginUrl"]);
        assert_eq!(platform.len(), 5);
    }),
    ("2 get", "progress is from 0 to 100, and 100 when complete", |p| {
        let created = p.ended("success", json!({}));
        assert_eq!(p.session(&created)["progress"], 100);
        let live = p.create(json!({}));
        assert!(p.session(&live)["progress"].as_u64().unwrap() < 10);
    }),
    ("2 get", "streamUrl is a WebSocket URL while active, else null", |p| {
        let created = p.create(json!({}));
        assert_eq!(p.session(&created)["streamUrl"], Value::Null);
        p.pass(5000);
        assert!(text(&p.session(&created), "streamUrl").starts_with("ws://"));
        let ended = p.ended("success", json!({}));
        assert_eq!(p.session(&ended)["streamUrl"], Value::Null);
    }),
    ("2 get", "completedAt is set only in a terminal status", |p| {
        let created = p.create(json!({}));
        assert_eq!(p.session(&created)["completedAt"], Value::Null);
        for name in ["success", "partial", "error", "cancel", "terminated"] {
            let ended = p.ended(name, json!({}));
            assert_eq!(p.session(&ended)["completedAt"], p.now.to_string(), "{name}");
        }
    }),
    ("2 get", "errorCode and errorMessage are set only with ERROR", |p| {
        for name in ["success", "partial", "error", "cancel", "terminated"] {
            let ended = p.ended(name, json!({}));
            let session = p.session(&ended);
            let failed = name == "error";
            assert_eq!(
                (session["errorCode"].is_string(), session["errorMessage"].is_string()),
                (failed, failed),
                "{name}"
            );
        }
    }),
    ("2 get", "errorCode may be null even at ERROR", |p| {
        let created = p.run("error-without-code");
        let session = p.session(&created);
        assert_eq!((&session["status"], &session["errorCode"]), (&json!("ERROR"), &Value::Null));
    }),
    ("2 get", "hasAttestation is true if there is an attestation, else absent", |p| {
        let completed = p.ended("success", json!({}));
        assert_eq!(p.session(&completed)["hasAttestation"], true);
        for name in ["partial", "error", "cancel"] {
            let ended = p.ended(name, json!({}));
            assert_eq!(p.session(&ended).get("hasAttestation"), None, "{name}");
        }
    }),
    ("2 get", "extractedData is returned once complete, the attestation never", |p| {
        let live = p.create(json!({}));
        assert_eq!(p.session(&live)["extractedData"], Value::Null);
        let ended = p.ended("success", json!({}));
        let session = p.session(&ended);
        assert!(session["extractedData"].is_object());
        assert!(session.get("attestation").is_none() && session.get("proofHash").is_none());
    }),
    ("2 get", "an unknown session is 404", |p| {
        p.get(&format!("{CREATE}/00000000-0000-4000-8000-000000000000")).refuses(404, "Not Found");
    }),
    ("2", "there are no undocumented endpoints", |p| {
        let created = p.create(json!({}));
        for rest in ["cancel", "terminate", "attestation"] {
            for method in [Method::Get, Method::Post, Method::Other] {
                let path = format!("/v1{CREATE}/{}/{rest}", text(&created, "sessionId"));
                assert_eq!(p.send(method, &path, p.headers.clone(), b"{}".to_vec()).status, 404, "{rest}");
            }
        }
    }),
    ("2 list", "the response is {sessions, total, limit, offset}", |p| {
        p.create(json!({}));
        let list = p.list("");
        assert_eq!(names(&list), ["limit", "offset", "sessions", "total"]);
        assert_eq!((&list["total"], &list["limit"], &list["offset"]), (&json!(1), &json!(20), &json!(0)));
    }),
    ("2 list", "limit is from 1 to 100, offset from 0", |p| {
        for query in ["?limit=0", "?limit=101", "?limit=x"] {
            p.get(&format!("{LIST}{query}")).refuses(400, "limit");
        }
        p.get(&format!("{LIST}?offset=-1")).refuses(400, "offset");
        assert_eq!(p.list("?limit=100")["limit"], 100);
    }),
    ("2 list", "a page has limit sessions, starting at offset", |p| {
        let mut ids: Vec<Value> = (0..5).map(|_| p.create(json!({}))["sessionId"].clone()).collect();
        ids.reverse();
        let page = p.list("?limit=2&offset=1");
        let shown: Vec<_> = page["sessions"].as_array().unwrap().iter().map(|one| one["sessionId"].clone()).collect();
        assert_eq!((shown, &page["total"]), (ids[1..3].to_vec(), &json!(5)));
    }),
    ("2 list", "status filters, and must be a known one", |p| {
        p.create(json!({}));
        let ended = p.ended("cancel", json!({}));
        let list = p.list("?status=CANCELLED");
        assert_eq!((&list["total"], &list["sessions"][0]["sessionId"]), (&json!(1), &ended["sessionId"]));
        p.get(&format!("{LIST}?status=DONE")).refuses(400, "status");
    }),
    ("2 list", "a key sees only its own sessions", |p| {
        let created = p.create(json!({}));
        p.headers.api_key = Some("other".to_owned());
        assert_eq!(p.list("")["total"], 0);
        p.get(&session_path(&created)).refuses(404, "Not Found");
    }),
];
