//! Partner API endpoints: authentication, validation and error messages.

use cr3dentials_core::wire::{ErrorBody, Platform, Session, SessionList, Success};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{PLATFORMS, Partner, response, text};

#[tokio::test]
async fn both_key_headers_are_accepted_and_others_are_refused() {
    let partner = Partner::new().await;
    let get = |name: &'static str, value: String| partner.client.get(partner.url(PLATFORMS)).header(name, value).send();
    let key = &partner.sandbox.api_key();
    for (name, value) in [("x-api-key", key.to_owned()), ("authorization", format!("Bearer {key}"))] {
        assert_eq!(get(name, value).await.unwrap().status(), StatusCode::OK, "{name}");
    }
    for (name, value) in [
        ("x-api-key", "wrong".to_owned()),
        ("authorization", format!("Basic {key}")),
        ("authorization", key.to_owned()),
        ("accept", "*/*".to_owned()),
    ] {
        let (status, body) = response(get(name, value).await.unwrap()).await;
        assert_eq!((status, body), (401, json!({ "statusCode": 401, "message": "Unauthorized" })), "{name}");
    }
}

#[tokio::test]
async fn platforms_are_a_bare_array_in_the_envelope() {
    let partner = Partner::new().await;
    let (status, body) = partner.get(PLATFORMS).await;
    assert_eq!((status, &body["status"]), (200, &json!("success")));
    let platforms: Success<Vec<Platform>> = serde_json::from_value(body).unwrap();
    let uber = &platforms.data[0];
    assert_eq!((uber.id, uber.name.as_str(), uber.login_url.as_str()), (1, "uber", "https://auth.uber.com/v2"));
    assert!(platforms.data.len() >= 5);
    assert_eq!(platforms.data.iter().filter(|platform| !platform.is_active).count(), 1);
    for platform in platforms.data {
        let icon = partner.client.get(platform.icon.unwrap()).send().await.unwrap();
        assert_eq!(icon.headers()["content-type"], "image/svg+xml");
        assert!(icon.text().await.unwrap().starts_with("<svg"));
    }
}

#[tokio::test]
async fn create_returns_every_documented_field() {
    let partner = Partner::new().await;
    let created = partner
        .create(json!({
            "platformId": 2, "receiverData": { "name": "A" }, "expiresInHours": 2, "country": "DE",
            "webhookUrl": "https://partner.example.com/hook", "externalReferenceId": "loan-7",
        }))
        .await;
    assert_eq!((&created["status"], &created["platformId"]), (&json!("CREATED"), &json!(2)));
    assert_eq!(created["externalReferenceId"], "loan-7");
    let id = text(&created, "sessionId");
    assert_eq!((id.len(), id.as_bytes()[14]), (36, b'4'), "a version 4 UUID");
    let embed = text(&created, "embedUrl");
    assert!(embed.starts_with(&format!("{}/verify/{id}?token=", partner.sandbox.frame_origin())), "{embed}");
    let at = |name| cr3dentials_core::time::UnixMillis::parse(text(&created, name)).unwrap();
    assert_eq!(at("expiresAt").since(at("createdAt")), 2 * 3_600_000);
}

#[tokio::test]
async fn create_refuses_invalid_fields_with_a_list_of_problems() {
    let partner = Partner::new().await;
    let (status, body) = partner.post(json!({ "platformId": 6, "expiresInHours": 0, "country": "XX" })).await;
    assert_eq!((status, &body["statusCode"], &body["error"]), (400, &json!(400), &json!("Bad Request")));
    assert_eq!(body["message"].as_array().unwrap().len(), 3, "{body}");
    let body: ErrorBody = serde_json::from_value(body).unwrap();
    assert!(body.message.contains("platform 6 is not active"));
}

#[tokio::test]
async fn malformed_and_undeclared_bodies_are_refused() {
    let partner = Partner::new().await;
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = partner.client.post(partner.url("/partner/browser-session"));
        request.header("x-api-key", partner.sandbox.api_key()).header("content-type", kind).body(body).send()
    };
    for body in [&b"{"[..], b"", b"\xff\xfe", b"{\"platformId\":1}x"] {
        let (status, body) = response(send("application/json", body.to_vec()).await.unwrap()).await;
        assert_eq!((status, &body["error"]), (400, &json!("Bad Request")), "{body}");
    }
    assert_eq!(send("text/plain", b"{\"platformId\":1}".to_vec()).await.unwrap().status(), 415);
    assert_eq!(send("application/json; charset=utf-8", b"{\"platformId\":1}".to_vec()).await.unwrap().status(), 201);
}

#[tokio::test]
async fn large_body_is_refused_and_the_connection_stays_usable() {
    let partner = Partner::new().await;
    let (status, body) = partner.post(json!({ "platformId": 1, "receiverData": { "x": "x".repeat(2 << 20) } })).await;
    assert_eq!((status, &body["message"]), (413, &json!("The body is too large")));
    assert_eq!(partner.get(PLATFORMS).await.0, 200);
}

#[tokio::test]
async fn unknown_path_or_session_is_404() {
    let partner = Partner::new().await;
    for path in [
        "/partner/browser-session/00000000-0000-4000-8000-000000000000",
        "/partner/browser-session/",
        "/partner/browser-session/%00/../..",
        "/partner/nothing",
        "",
    ] {
        let (status, body) = partner.get(path).await;
        assert_eq!((status, body), (404, json!({ "statusCode": 404, "message": "Not Found" })), "{path}");
    }
}

#[tokio::test]
async fn wrong_method_is_405_and_names_the_allowed_one() {
    let partner = Partner::new().await;
    for (method, path, allowed) in [
        (Method::DELETE, PLATFORMS, "GET"),
        (Method::GET, "/partner/browser-session", "POST"),
        (Method::POST, "/partner/browser-session/x", "GET"),
        (Method::PATCH, "/partner/browser-sessions", "GET"),
    ] {
        let request = partner.client.request(method, partner.url(path)).header("x-api-key", partner.sandbox.api_key());
        let refused = request.send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &allowed.parse().unwrap()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn list_is_paged_filtered_and_newest_first() {
    let partner = Partner::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(text(&partner.create(json!({})).await, "sessionId").to_owned());
    }
    ids.reverse();
    let terminate = format!("/sessions/{}/terminate", ids[1]);
    assert_eq!(partner.control(&terminate, json!({})).await.0, 200);

    let list = |query: &'static str| {
        let partner = &partner;
        async move {
            let (status, body) = partner.get(&format!("/partner/browser-sessions{query}")).await;
            assert_eq!(status, 200, "{body}");
            let list: Success<SessionList> = serde_json::from_value(body).unwrap();
            list.data
        }
    };
    let shown = |sessions: &[Session]| sessions.iter().map(|session| session.session_id.clone()).collect::<Vec<_>>();
    let all = list("").await;
    assert_eq!((shown(&all.sessions), all.total, all.limit, all.offset), (ids.clone(), 5, 20, 0));
    assert!(all.sessions.iter().all(|session| session.embed_url.is_none()));
    let page = list("?limit=2&offset=3").await;
    assert_eq!((shown(&page.sessions), page.total, page.limit, page.offset), (ids[3..].to_vec(), 5, 2, 3));
    let ended = list("?status=TERMINATED").await;
    assert_eq!((shown(&ended.sessions), ended.total), (vec![ids[1].clone()], 1));
    assert!(list("?offset=9223372036854775807").await.sessions.is_empty());
}

#[tokio::test]
async fn list_refuses_an_out_of_bounds_query() {
    let partner = Partner::new().await;
    for query in
        ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=9223372036854775808", "status=DONE", "status="]
    {
        let (status, body) = partner.get(&format!("/partner/browser-sessions?{query}")).await;
        let name = query.split('=').next().unwrap();
        assert_eq!(status, 400, "{query}");
        assert!(body["message"][0].as_str().unwrap().starts_with(name), "{body}");
    }
}

#[tokio::test]
async fn key_has_120_requests_and_headers_count_them() {
    let partner = Partner::new().await;
    let get = |key: &'static str| partner.client.get(partner.url(PLATFORMS)).header("x-api-key", key).send();
    for left in (0..120).rev() {
        let response = get("sandbox-key").await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-ratelimit-limit"], "120");
        assert_eq!(response.headers()["x-ratelimit-remaining"], left.to_string());
    }
    let refused = get("sandbox-key").await.unwrap();
    assert_eq!(refused.headers()["x-ratelimit-remaining"], "0");
    let reset: i64 = refused.headers()["x-ratelimit-reset"].to_str().unwrap().parse().unwrap();
    let (status, body) = response(refused).await;
    assert_eq!((status, &body["statusCode"], &body["message"]), (429, &json!(429), &json!("Too Many Requests")));
    assert!(body["error"].is_string());

    assert_eq!(get("wrong").await.unwrap().status(), 401, "other keys have their own window");
    let (_, clock) = partner.control("/clock", json!({ "advanceSecs": 60 })).await;
    let now = cr3dentials_core::time::UnixMillis::parse(text(&clock, "now")).unwrap();
    assert!(now.0 >= reset * 1000 - 1000, "the window was due to reset at {reset}");
    assert_eq!(get("sandbox-key").await.unwrap().status(), 200);
}

#[tokio::test]
async fn error_responses_have_rate_limit_headers() {
    let partner = Partner::new().await;
    for path in [PLATFORMS, "/partner/nothing"] {
        let response = partner.client.get(partner.url(path)).send().await.unwrap();
        assert!(response.headers().contains_key("x-ratelimit-limit"), "{path}");
        assert!(response.headers().contains_key("x-ratelimit-reset"), "{path}");
    }
}

#[tokio::test]
async fn null_means_absent_in_create() {
    let partner = Partner::new().await;
    let body = json!({ "webhookUrl": null, "country": null, "externalReferenceId": null, "receiverData": null });
    assert_eq!(partner.create(body).await.get("externalReferenceId"), None::<&Value>);
}
