use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use cr3dentials_proxy::{User, UserAuth};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::mock_provider::{MockProvider, NEVER};
use cr3dentials_test_support::{Browser, Directory, Harness, PAGE_ORIGIN, TestResponse, TestSession, config, sandbox};

type Seen = Arc<Mutex<Vec<HeaderMap>>>;

/// Starts the partner's endpoint. It responds according to the cookie and keeps the headers it received.
async fn endpoint() -> (UserAuth, Seen) {
    async fn me(State(seen): State<Seen>, request: Request) -> Response {
        let headers = request.headers().clone();
        let cookie = headers.get("cookie").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        seen.lock().unwrap().push(headers);
        match cookie.as_str() {
            "ada" | "eve" => [("x-user-id", cookie)].into_response(),
            "nameless" => ().into_response(),
            "blank" => [("x-user-id", " ")].into_response(),
            "moved" => Redirect::temporary("/other").into_response(),
            "broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            _ => StatusCode::UNAUTHORIZED.into_response(),
        }
    }
    let seen = Seen::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/me", listener.local_addr().unwrap()).parse().unwrap();
    let other = get(async || [("x-user-id", "ada")]);
    let app = Router::new().route("/me", get(me)).route("/other", other).with_state(seen.clone());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    (UserAuth::Forward { url, header: "x-user-id".to_owned() }, seen)
}

async fn create_as(browser: &Browser, cookie: &str) -> TestResponse {
    let request = browser
        .request(Method::POST, "/sessions")
        .header("Idempotency-Key", "key")
        .header("Cookie", cookie)
        .header("Authorization", "Bearer partners-own")
        .header("X-User-Id", "mallory")
        .header("X-Other", "private")
        .json(&json!({ "platformId": 1 }));
    browser.send("/sessions", request).await
}

#[tokio::test]
async fn the_partners_endpoint_identifies_the_user() {
    let (auth, seen) = endpoint().await;
    let harness = Harness::with(|config| config.user_auth = auth).await;
    let created = create_as(&harness.browser, "ada").await;
    assert_eq!(created.status, 201);
    let session = TestSession::of(&created);
    assert_eq!(harness.backend.result(&session).await["user"], "ada");
    let headers = seen.lock().unwrap()[0].clone();
    assert_eq!(headers["cookie"], "ada");
    assert_eq!(headers["authorization"], "Bearer partners-own");
    for name in ["x-user-id", "x-other", "origin", "idempotency-key", "cr3d-contract", "x-api-key"] {
        assert!(!headers.contains_key(name), "{name}");
    }
    for refused in ["unknown", "nameless", "blank"] {
        create_as(&harness.browser, refused).await.is_error(403, "forbidden");
    }
    for unclear in ["moved", "broken"] {
        create_as(&harness.browser, unclear).await.is_error(503, "unavailable");
    }
}

#[tokio::test]
async fn an_unreachable_endpoint_refuses_all_users() {
    let url = "http://127.0.0.1:9/me".parse().unwrap();
    let harness =
        Harness::with(|config| config.user_auth = UserAuth::Forward { url, header: "x-user-id".into() }).await;
    create_as(&harness.browser, "ada").await.is_error(503, "unavailable");
}

#[tokio::test]
async fn many_requests_to_a_hanging_endpoint_end_in_two_seconds() {
    let provider = MockProvider::start(|_| Response::builder().status(NEVER).body(().into()).unwrap()).await;
    let url = format!("{}/me", provider.url).parse().unwrap();
    let harness =
        Harness::with(|config| config.user_auth = UserAuth::Forward { url, header: "x-user-id".into() }).await;
    let started = Instant::now();
    // More than the maximum of concurrent look-ups, each with different credentials.
    let requests = (0..200).map(|number| {
        let browser = harness.browser.clone();
        tokio::spawn(async move { create_as(&browser, &number.to_string()).await })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap().is_error(503, "unavailable");
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn the_partners_own_layer_takes_precedence() {
    let sandbox = sandbox().await;
    let directory = Directory::create();
    let mut config = config(&sandbox.base_url(), &directory);
    config.user_auth = UserAuth::Layer;
    let proxy = cr3dentials_proxy::open(config).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let with_user = proxy.public_router().layer(axum::Extension(User("grace".to_owned())));
    let app = Router::new().nest("/app", with_user).nest("/bare", proxy.public_router());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    let bare = Browser::new(format!("{root}/bare/api/verification"));
    bare.create("key", &json!({ "platformId": 1 })).await.is_error(403, "forbidden");
    let layered = Browser::new(format!("{root}/app/api/verification"));
    let session = layered.start().await;
    assert_eq!(layered.origin.as_deref(), Some(PAGE_ORIGIN));
    assert_eq!(layered.poll(&session, "").await.status, 200);
    bare.poll(&session, "").await.is_error(403, "forbidden");
    bare.post(&session, "closed").await.is_error(403, "forbidden");
}

/// Sends a request as the user with this cookie: a status poll for the action `status`, else the action.
async fn act_as(browser: &Browser, cookie: &str, session: &TestSession, action: &str) -> TestResponse {
    let (method, path) = match action {
        "status" => (Method::GET, format!("/sessions/{}", session.id)),
        action => (Method::POST, format!("/sessions/{}/{action}", session.id)),
    };
    let request = browser.request(method, &path).header("Cookie", cookie).header("Cr3d-Token", &session.token);
    browser.send(&path, request).await
}

#[tokio::test]
async fn a_session_of_another_user_returns_other_user() {
    let (auth, _) = endpoint().await;
    let harness = Harness::with(|config| config.user_auth = auth).await;
    let session = TestSession::of(&create_as(&harness.browser, "ada").await);
    for action in ["status", "closed", "frame"] {
        act_as(&harness.browser, "eve", &session, action).await.is_error(403, "other-user");
        act_as(&harness.browser, "unknown", &session, action).await.is_error(403, "forbidden");
        // Without a valid token, the response is the same as for a session that does not exist.
        let forged = TestSession { token: format!("{}x", session.token), ..session.clone() };
        act_as(&harness.browser, "eve", &forged, action).await.is_error(404, "not-found");
        let unknown = TestSession { id: "no-such-session".to_owned(), ..session.clone() };
        act_as(&harness.browser, "ada", &unknown, action).await.is_error(404, "not-found");
        assert_eq!(act_as(&harness.browser, "ada", &session, action).await.status, 200, "{action}");
    }
    // Idempotency keys belong to one user.
    assert_ne!(TestSession::of(&create_as(&harness.browser, "eve").await).id, session.id);
}

#[tokio::test]
async fn a_user_is_looked_up_once_for_the_same_credentials() {
    let (auth, seen) = endpoint().await;
    let harness = Harness::with(|config| config.user_auth = auth).await;
    let session = TestSession::of(&create_as(&harness.browser, "ada").await);
    let look_ups = || seen.lock().unwrap().len();
    assert_eq!(look_ups(), 1);
    // Without the create's `Authorization`, so the credentials differ. Ten concurrent polls share one look-up.
    let polls = (0..10).map(|_| {
        let (browser, session) = (harness.browser.clone(), session.clone());
        tokio::spawn(async move { act_as(&browser, "ada", &session, "status").await.status })
    });
    for poll in polls.collect::<Vec<_>>() {
        assert_eq!(poll.await.unwrap(), 200);
    }
    act_as(&harness.browser, "ada", &session, "closed").await.data();
    assert_eq!(look_ups(), 2, "look-ups after a create, ten polls and a close");
    // Refusals and failures are not cached, and other credentials are looked up separately.
    for cookie in ["unknown", "unknown", "broken", "broken", "eve"] {
        act_as(&harness.browser, cookie, &session, "status").await;
    }
    assert_eq!(look_ups(), 7);
}
