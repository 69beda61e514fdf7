//! Authentication, envelope and rate limits (sections 1 and 5).

use cr3dentials_sandbox::world::{Headers, Method};
use serde_json::{Value, json};

use super::Rule;
use crate::harness::provider::names;
use crate::harness::{PLATFORMS, session_path, text};

pub(super) const RULES: &[Rule] = &[
    ("1", "the key goes in x-api-key", |p| assert_eq!(p.get(PLATFORMS).0.status, 200)),
    ("1", "or the key goes in Authorization: Bearer", |p| {
        let reply =
            p.get_with(|headers| (headers.api_key, headers.authorization) = (None, Some("Bearer key".to_owned())));
        assert_eq!(reply.0.status, 200);
    }),
    ("1", "no key, a wrong key and another scheme are refused", |p| {
        p.get_with(|headers| headers.api_key = None).refuses(401, "Unauthorized");
        p.get_with(|headers| headers.api_key = Some("wrong".to_owned())).refuses(401, "Unauthorized");
        let basic =
            |headers: &mut Headers| (headers.api_key, headers.authorization) = (None, Some("Basic key".to_owned()));
        p.get_with(basic).refuses(401, "Unauthorized");
    }),
    ("1", "the 401 is the documented body", |p| {
        let body = p.get_with(|headers| headers.api_key = None).json();
        assert_eq!(body, json!({ "statusCode": 401, "message": "Unauthorized" }));
    }),
    ("1", "rotating a key ends the old one at once", |p| {
        p.control("/keys/key-1/rotate", &json!({}));
        p.get(PLATFORMS).refuses(401, "Unauthorized");
        p.headers.api_key = p.world.api_key().map(str::to_owned);
        assert_eq!(p.get(PLATFORMS).0.status, 200);
    }),
    ("1", "a key may expire", |p| {
        p.control("/keys", &json!({ "expiresInSecs": 60 }));
        let headers = p.headers.clone();
        let made = p.send(Method::Post, "/sandbox/keys", headers, b"{\"expiresInSecs\":60}".to_vec());
        let made: Value = serde_json::from_slice(&made.body).unwrap();
        p.headers.api_key = Some(text(&made, "apiKey").to_owned());
        assert_eq!(p.get(PLATFORMS).0.status, 200);
        p.pass(60_000);
        p.get(PLATFORMS).refuses(401, "Unauthorized");
    }),
    ("1", "a key is for development or for production, and both are accepted", |p| {
        for environment in ["development", "production"] {
            let body = json!({ "environment": environment }).to_string().into_bytes();
            let made = p.send(Method::Post, "/sandbox/keys", p.headers.clone(), body);
            let made: Value = serde_json::from_slice(&made.body).unwrap();
            let key = text(&made, "apiKey").to_owned();
            assert_eq!(p.get_with(|headers| headers.api_key = Some(key)).0.status, 200, "{environment}");
        }
    }),
    ("1", "a body must be declared as JSON", |p| {
        p.headers.content_type = Some("text/plain".to_owned());
        p.post(&json!({ "platformId": 1 })).refuses(415, "Content-Type");
        p.headers.content_type = None;
        p.post(&json!({ "platformId": 1 })).refuses(415, "Content-Type");
    }),
    ("1", "a success is {status: success, data}", |p| {
        let body = p.get(PLATFORMS).json();
        assert_eq!((names(&body), &body["status"]), (vec!["data", "status"], &json!("success")));
    }),
    ("1", "the envelope's status is not the session's", |p| {
        let created = p.create(json!({}));
        let body = p.get(&session_path(&created)).json();
        assert_eq!((&body["status"], &body["data"]["status"]), (&json!("success"), &json!("CREATED")));
    }),
    ("1", "an error has the matching HTTP status and lists the problems", |p| {
        let body = p.post(&json!({ "platformId": "x", "country": "XX" })).json();
        assert_eq!((&body["statusCode"], &body["error"]), (&json!(400), &json!("Bad Request")));
        assert_eq!(body["message"].as_array().unwrap().len(), 2, "{body}");
    }),
    ("5", "120 requests of any kind in 60 seconds", |p| {
        for _ in 0..60 {
            assert_eq!(p.get(PLATFORMS).0.status, 200);
            assert_eq!(p.get("/partner/nothing").0.status, 404);
        }
        p.get(PLATFORMS).refuses(429, "Too Many Requests");
        p.pass(59_999);
        p.get(PLATFORMS).refuses(429, "Too Many Requests");
        p.pass(1);
        assert_eq!(p.get(PLATFORMS).0.status, 200);
    }),
    ("5", "create has a further, smaller limit", |p| {
        for _ in 0..60 {
            p.create(json!({}));
        }
        p.post(&json!({ "platformId": 1 })).refuses(429, "Too Many Requests");
        assert_eq!(p.get(PLATFORMS).0.status, 200);
    }),
    ("5", "X-RateLimit-* on every response", |p| {
        let refused = p.get_with(|headers| headers.api_key = None);
        for reply in [p.get(PLATFORMS), p.get("/partner/nothing"), p.post(&json!({})), refused] {
            assert_eq!(reply.header("x-ratelimit-limit"), "120");
            assert!(reply.header("x-ratelimit-remaining").parse::<u32>().unwrap() < 120);
            assert_eq!(reply.header("x-ratelimit-reset"), "1767225661");
        }
    }),
    ("5", "the 429's body is the documented one", |p| {
        p.control("/settings", &json!({ "rateLimit": 0 }));
        let body = p.get(PLATFORMS).json();
        assert_eq!(names(&body), ["error", "message", "statusCode"]);
        assert_eq!((&body["statusCode"], &body["message"]), (&json!(429), &json!("Too Many Requests")));
    }),
];
