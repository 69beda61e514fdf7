//! Refusal of requests from other machines while `user_auth` is `none`.

use cr3dentials_proxy::UserAuth;
use reqwest::Method;
use serde_json::json;

use crate::program::Setup;
use cr3dentials_test_support::{Directory, Harness, TestResponse, sandbox};

#[tokio::test]
async fn without_user_auth_other_machines_are_refused() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
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
            ("Forwarded", "by=\"x"),
            ("Forwarded", "by=\"x\\\"\", for=8.8.8.8"),
            ("Forwarded", "by=x\"y, for=\"127.0.0.1\""),
            ("Forwarded", "for=127.0.0.1 8.8.8.8"),
            ("Forwarded", "for=127.0.0.1,"),
            ("Forwarded", "8.8.8.8"),
            ("Forwarded", ""),
            ("X-Real-IP", "10.0.0.1"),
            ("X-Client-IP", "203.0.113.7"),
            ("X-Cluster-Client-IP", "203.0.113.7"),
            ("Fly-Client-IP", "203.0.113.7"),
            ("Fastly-Client-IP", "203.0.113.7"),
            ("X-Original-Forwarded-For", "127.0.0.1, 203.0.113.7"),
            ("X-Envoy-External-Address", "203.0.113.7"),
            ("Host", "shop.example.com"),
            ("Host", "192.168.0.7:7072"),
            ("Host", "localhost.example.com"),
            ("Host", "notlocalhost"),
            ("Host", "localhost:x"),
            ("Host", "me@localhost"),
            ("Host", ""),
            ("CF-Connecting-IP", "2001:db8::1"),
            ("True-Client-IP", "not an address"),
        ] {
            let request = harness.browser.request(method.clone(), &path).header(name, value);
            let request = request.header("Cr3d-Token", &session.token).header("Idempotency-Key", "key");
            let refused = TestResponse::of(&path, request.json(&json!({ "platformId": 1 }))).await;
            assert_eq!(refused.status, 403, "{method} {path} with {name}: {value}: {}", refused.text);
            refused.is_error(403, "forbidden");
            assert!(refused.text.contains("user_auth"), "{}", refused.text);
            assert_eq!(refused.header("access-control-allow-origin"), cr3dentials_test_support::PAGE_ORIGIN);
        }
    }
    for (name, value) in [
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-For", "::1, ::ffff:127.0.0.1, 127.0.0.1:1234, [::1]:80"),
        ("Forwarded", "for=127.0.0.1;host=shop.example.com, for=\"[::1]\""),
        ("Forwarded", "proto=https;by=203.0.113.7"),
        ("Forwarded", "For=\"127.0.0.1:80\" ; by=\"a\\,b\" , for=127.0.0.2"),
        ("X-Forwarded-Host", "shop.example.com"),
        ("Host", "localhost"),
        ("Host", "LOCALHOST:3000"),
        ("Host", "shop.localhost:3000"),
        ("Host", "127.9.9.9"),
        ("Host", "[::1]:7072"),
        ("X-Real-IP", "::ffff:127.0.0.1"),
    ] {
        let path = format!("/sessions/{}", session.id);
        let request =
            harness.browser.request(Method::GET, &path).header(name, value).header("Cr3d-Token", &session.token);
        assert_eq!(TestResponse::of(&path, request).await.status, 200, "{name}: {value}");
    }
}

#[tokio::test]
async fn with_user_auth_every_host_and_client_is_served() {
    let auth = UserAuth::Forward { url: "http://127.0.0.1:9/me".parse().unwrap(), header: "x-user-id".to_owned() };
    let harness = Harness::with(|config| config.user_auth = auth).await;
    let request = harness.browser.request(Method::GET, "/platforms").header("Host", "shop.example.com");
    let platforms = TestResponse::of("/platforms", request.header("X-Forwarded-For", "203.0.113.7")).await;
    assert_eq!(platforms.status, 200, "{}", platforms.text);
}

#[tokio::test]
async fn refusals_of_other_machines_do_not_flood_the_log() {
    let (sandbox, directory) = (sandbox().await, Directory::create());
    let program = Setup::new(&sandbox.base_url(), &directory).start().await;
    for _ in 0..40 {
        let request = program.browser.request(Method::GET, "/platforms").header("X-Real-IP", "203.0.113.7");
        TestResponse::of("/platforms", request).await.is_error(403, "forbidden");
    }
    let log = program.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    assert!((1..10).contains(&lines.len()), "{lines:?}");
    assert!(lines[0].contains("user_auth"), "{lines:?}");
}
