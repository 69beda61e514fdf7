use reqwest::Method;
use serde_json::json;

use crate::mock_provider::{PLATFORMS, mock_harness, ordinary, success};
use cr3dentials_test_support::{Harness, PAGE_ORIGIN, TestResponse, client};

#[tokio::test]
async fn platforms_have_the_fields_that_browsers_may_see() {
    let harness = Harness::new().await;
    let response = harness.browser.get("/platforms").await;
    let first = &response.data()[0];
    let mut names: Vec<_> = first.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["description", "displayName", "icon", "id", "isActive", "name"]);
    assert_eq!((&first["name"], &first["icon"]), (&json!("uber"), &json!("platforms/1/icon")));
    assert!(response.header("cache-control").contains("max-age"));
}

#[tokio::test]
async fn platforms_are_fetched_once_for_all_browsers() {
    let harness = Harness::new().await;
    let requests = (0..20).map(|_| {
        let browser = harness.browser.clone();
        tokio::spawn(async move { browser.get("/platforms").await.status })
    });
    for request in requests.collect::<Vec<_>>() {
        assert_eq!(request.await.unwrap(), 200);
    }
    assert_eq!(harness.provider_requests().await, 1);
}

#[tokio::test]
async fn icons_are_proxied_and_cannot_run_scripts() {
    let harness = Harness::new().await;
    let icon = harness.browser.get("/platforms/1/icon").await;
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/svg+xml"));
    assert!(icon.text.contains("<svg"));
    assert!(icon.header("content-security-policy").contains("sandbox"));
    assert_eq!(icon.header("x-content-type-options"), "nosniff");
    for path in ["/platforms/999/icon", "/platforms/uber/icon", "/platforms/-1/icon"] {
        harness.browser.get(path).await.is_error(404, "not-found");
    }
}

#[tokio::test]
async fn responses_carry_the_contract_version_and_are_not_cached() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    for response in [
        harness.browser.poll(&session, "").await,
        harness.browser.get("/nowhere").await,
        harness.browser.send("/sessions", harness.browser.request(Method::DELETE, "/sessions")).await,
        harness.backend.get("/results").await,
        harness.backend.get_as("/results", "wrong").await,
    ] {
        assert_eq!(response.header("cr3d-contract"), "1", "{}", response.path);
        assert_eq!(response.header("cache-control"), "no-store", "{}", response.path);
    }
}

#[tokio::test]
async fn contract_versions_may_differ_by_at_most_one() {
    let harness = Harness::new().await;
    let get = |version: &'static str| {
        let url = format!("{}/platforms", harness.browser.base);
        let request = client().get(url).header("Origin", PAGE_ORIGIN);
        TestResponse::of(
            "/platforms",
            if version.is_empty() { request } else { request.header("Cr3d-Contract", version) },
        )
    };
    for served in ["", "0", "1", "2"] {
        assert_eq!(get(served).await.status, 200, "{served}");
    }
    let refused = get("3").await;
    refused.is_error(426, "contract-version");
    assert_eq!(refused.header("access-control-allow-origin"), PAGE_ORIGIN, "the page must be able to read why");
    get("one").await.is_error(400, "bad-request");
}

#[tokio::test]
async fn only_listed_origins_may_post() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    for origin in [None, Some("null"), Some("https://evil.example"), Some("http://localhost:8080.evil.example")] {
        let mut browser = harness.browser.clone();
        browser.origin = origin.map(str::to_owned);
        browser.create("key", &json!({ "platformId": 1 })).await.is_error(403, "forbidden");
        browser.post(&session, "frame").await.is_error(403, "forbidden");
        browser.post(&session, "closed").await.is_error(403, "forbidden");
        let response = browser.poll(&session, "").await;
        assert_eq!(response.header("access-control-allow-origin"), "", "{origin:?}");
    }
}

#[tokio::test]
async fn a_preflight_from_a_listed_origin_is_allowed() {
    let harness = Harness::new().await;
    let preflight = |origin: &'static str| {
        let request = client()
            .request(Method::OPTIONS, format!("{}/sessions", harness.browser.base))
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "cr3d-token,cr3d-contract,idempotency-key,content-type");
        TestResponse::of("/sessions", request)
    };
    let response = preflight(PAGE_ORIGIN).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("access-control-allow-origin"), PAGE_ORIGIN);
    assert_eq!(response.header("access-control-allow-credentials"), "true");
    let allowed = response.header("access-control-allow-headers").to_lowercase();
    for name in ["cr3d-token", "cr3d-contract", "idempotency-key", "content-type"] {
        assert!(allowed.contains(name), "{name}: {allowed}");
    }
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), "");
    let exposed = harness.browser.get("/platforms").await;
    assert!(exposed.header("access-control-expose-headers").to_lowercase().contains("retry-after"));
}

#[tokio::test]
async fn invalid_and_oversized_bodies_are_refused() {
    let harness = Harness::new().await;
    let post = |body: String, content_type: &'static str| {
        let request = harness.browser.request(Method::POST, "/sessions").header("Idempotency-Key", "key");
        harness.browser.send("/sessions", request.header("Content-Type", content_type).body(body))
    };
    post("{".into(), "application/json").await.is_error(400, "bad-request");
    post("\u{0}".into(), "application/json").await.is_error(400, "bad-request");
    post("[".repeat(10_000), "application/json").await.is_error(400, "bad-request");
    post("{}".into(), "text/plain").await.is_error(415, "bad-request");
    post(" ".repeat(2 << 20), "application/json").await.is_error(413, "too-large");
    post("{}".into(), "application/json").await.is_error(400, "bad-request");
    assert_eq!(harness.browser.create("key", &json!({ "platformId": 1 })).await.status, 201);
}

#[tokio::test]
async fn create_requires_a_valid_idempotency_key() {
    let harness = Harness::new().await;
    let body = json!({ "platformId": 1 });
    let without = harness.browser.request(Method::POST, "/sessions").json(&body);
    harness.browser.send("/sessions", without).await.is_error(400, "bad-request");
    for key in ["", "with space", &"x".repeat(129)] {
        harness.browser.create(key, &body).await.is_error(400, "bad-request");
    }
    assert_eq!(harness.browser.create(&"x".repeat(128), &body).await.status, 201);
}

#[tokio::test]
async fn unknown_paths_and_methods_return_contract_errors() {
    let harness = Harness::new().await;
    harness.browser.get("/nowhere").await.is_error(404, "not-found");
    harness
        .browser
        .send("/platforms", harness.browser.request(Method::POST, "/platforms"))
        .await
        .is_error(405, "bad-request");
    let root = |path: &str| {
        let path = path.to_owned();
        let url = format!("{}{path}", harness.proxy.root_url());
        async move { TestResponse::of(&path, client().get(url)).await }
    };
    root("/").await.is_error(404, "not-found");
    root("/webhooks/x").await.is_error(405, "bad-request");
    root("/results").await.is_error(404, "not-found");
    assert_eq!(root("/healthz").await.data()["healthy"], true);
}

#[tokio::test]
async fn an_invalid_query_is_refused() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    for query in ["after=x", "wait=-1", "after=1e9", "wait=99999999999999999999999"] {
        harness.browser.poll(&session, query).await.is_error(400, "bad-request");
    }
}

#[tokio::test]
async fn tracing_and_sign_in_headers_are_allowed_by_cors() {
    let harness = Harness::new().await;
    let names = ["authorization", "traceparent", "tracestate", "baggage", "sentry-trace", "x-csrf-token", "cr3d-token"];
    let preflight = |origin: &'static str, path: &str| {
        let request = client()
            .request(Method::OPTIONS, format!("{}{path}", harness.browser.base))
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", names.join(","));
        TestResponse::of("preflight", request)
    };
    for path in ["/sessions", "/sessions/x", "/platforms", "/nowhere"] {
        let listed = preflight(PAGE_ORIGIN, path).await;
        let allowed = listed.header("access-control-allow-headers").to_lowercase();
        for name in names {
            assert!(allowed.split(',').any(|allowed| allowed.trim() == name), "{path}: {name} is not in {allowed:?}");
        }
        let unlisted = preflight("https://evil.example", path).await;
        let headers: Vec<_> =
            unlisted.headers.keys().filter(|name| name.as_str().starts_with("access-control")).collect();
        assert!(headers.is_empty(), "{path}: an unlisted page gets {headers:?}");
    }
}

#[tokio::test]
async fn every_response_carries_a_request_id() {
    let harness = Harness::new().await;
    let session = harness.browser.start().await;
    let preflight = client()
        .request(Method::OPTIONS, format!("{}/sessions", harness.browser.base))
        .header("Origin", PAGE_ORIGIN)
        .header("Access-Control-Request-Method", "POST");
    let root = |path: &str| client().get(format!("{}{path}", harness.proxy.root_url()));
    let responses = [
        harness.browser.poll(&session, "").await,
        harness.browser.get("/nowhere").await,
        harness.browser.post(&session, "nowhere").await,
        TestResponse::of("preflight", preflight).await,
        TestResponse::of("/", root("/")).await,
        TestResponse::of("/healthz", root("/healthz")).await,
        TestResponse::of("/webhooks", client().post(format!("{}/webhooks/x", harness.proxy.root_url()))).await,
        harness.backend.get("/results").await,
        harness.backend.get_as("/results", "wrong").await,
        harness.backend.get("/nowhere").await,
    ];
    let mut ids: Vec<_> = responses.iter().map(|response| response.header("x-request-id")).collect();
    for (response, id) in responses.iter().zip(&ids) {
        assert!((1..=64).contains(&id.len()), "{} {} has the id {id:?}", response.path, response.status);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), responses.len(), "request ids repeat");
    let exposed = responses[0].header("access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("x-request-id"), "{exposed}");
}

#[tokio::test]
async fn a_valid_request_id_of_the_caller_is_kept() {
    let harness = Harness::new().await;
    let with = |id: &str| {
        let request = harness.browser.request(Method::GET, "/platforms").header("X-Request-Id", id);
        TestResponse::of("/platforms", request)
    };
    for id in ["a", "0af7651916cd43dd8448eb211c80319c", "req_1.2-3", &"x".repeat(64)] {
        assert_eq!(with(id).await.header("x-request-id"), id);
    }
    for id in ["", "two words", "<script>", &"x".repeat(65), "a/b"] {
        let made = with(id).await;
        assert!(made.header("x-request-id") != id && !made.header("x-request-id").is_empty(), "{id}");
    }
}

#[tokio::test]
async fn one_bad_platform_does_not_hide_the_others() {
    let harness = mock_harness(|line| match line {
        PLATFORMS => success(&json!([
            { "id": 1, "name": "uber", "displayName": "Uber", "loginUrl": null, "allowCustomUrl": null, "isActive": null },
            { "id": 2, "displayName": "Without a name" },
            "nonsense",
            { "id": "4", "name": "four", "displayName": "Four" },
            { "id": 5, "name": "lyft", "displayName": "Lyft", "isActive": true, "colors": ["new", { "field": 1 }] },
        ])),
        _ => ordinary(line),
    })
    .await;
    let browser = &harness.browser;
    let platforms = browser.get("/platforms").await;
    assert_eq!(platforms.status, 200, "{}", platforms.text);
    let names: Vec<_> = platforms.data().as_array().unwrap().iter().map(|platform| platform["name"].clone()).collect();
    assert_eq!(names, ["uber", "lyft"]);
    assert_eq!(browser.create("key", &json!({ "platformId": 1 })).await.status, 201);
}
