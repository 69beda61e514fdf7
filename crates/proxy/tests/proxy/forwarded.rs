//! Without users, only people at this very machine are served.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Directory, World, sandbox};
use crate::program::Setup;

#[tokio::test]
async fn without_users_nobody_from_another_machine_is_served() {
    let world = World::new().await;
    let session = world.browser.start().await;
    let routes = [
        (Method::GET, "/platforms".to_owned()),
        (Method::GET, "/platforms/1/icon".to_owned()),
        (Method::POST, "/sessions".to_owned()),
        (Method::GET, format!("/sessions/{}", session.id)),
        (Method::POST, format!("/sessions/{}/frame", session.id)),
        (Method::POST, format!("/sessions/{}/closed", session.id)),
    ];
    for (method, path) in routes {
        for (name, value) in [
            ("X-Forwarded-For", "203.0.113.7"),
            ("X-Forwarded-For", "127.0.0.1, 203.0.113.7"),
            ("X-Forwarded-For", "203.0.113.7, 127.0.0.1"),
            ("X-Forwarded-For", "unknown"),
            ("X-Forwarded-For", "::ffff:203.0.113.7"),
            ("Forwarded", "for=203.0.113.7;proto=https"),
            ("Forwarded", "for=127.0.0.1, For=\"[2001:db8::1]:4711\""),
            ("Forwarded", "proto=https;for=_hidden"),
            ("X-Real-IP", "10.0.0.1"),
            ("CF-Connecting-IP", "2001:db8::1"),
            ("True-Client-IP", "not an address"),
        ] {
            let request = world.browser.request(method.clone(), &path).header(name, value);
            let request = request.header("Cr3d-Token", &session.token).header("Idempotency-Key", "key");
            let refused = Answer::of(&path, request.json(&json!({ "platformId": 1 }))).await;
            assert_eq!(refused.status, 403, "{method} {path} with {name}: {value}: {}", refused.text);
            refused.is_error(403, "forbidden");
            assert!(refused.text.contains("user_auth"), "{}", refused.text);
            assert_eq!(refused.header("access-control-allow-origin"), crate::harness::PAGE);
        }
    }
    for (name, value) in [
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-For", "::1, ::ffff:127.0.0.1, 127.0.0.1:1234, [::1]:80"),
        ("Forwarded", "for=127.0.0.1;host=shop.example.com, for=\"[::1]\""),
        ("Forwarded", "proto=https;by=203.0.113.7"),
        ("X-Forwarded-Host", "shop.example.com"),
        ("X-Real-IP", "::ffff:127.0.0.1"),
    ] {
        let path = format!("/sessions/{}", session.id);
        let request =
            world.browser.request(Method::GET, &path).header(name, value).header("Cr3d-Token", &session.token);
        assert_eq!(Answer::of(&path, request).await.status, 200, "{name}: {value}");
    }
}

#[tokio::test]
async fn refusals_of_other_machines_do_not_flood_the_log() {
    let (sandbox, directory) = (sandbox().await, Directory::new());
    let program = Setup::new(&sandbox.base_url(), &directory).start().await;
    for _ in 0..40 {
        let request = program.browser.request(Method::GET, "/platforms").header("X-Real-IP", "203.0.113.7");
        Answer::of("/platforms", request).await.is_error(403, "forbidden");
    }
    let log = program.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!((1..10).contains(&lines.len()), "{lines:?}");
    assert!(lines[0].contains("user_auth"), "{lines:?}");
}
