//! Iframe, embed tokens and isolation (sections 6 and 7).

use cr3dentials_sandbox::world::Response;
use serde_json::json;

use super::Rule;
use crate::harness::meta;

pub(super) const RULES: &[Rule] = &[
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
            meta(&html, "frame-key")
        };
        let keys = [p.open(&one), p.open(&other)].map(key);
        assert_ne!(keys[0], keys[1]);
    }),
];
