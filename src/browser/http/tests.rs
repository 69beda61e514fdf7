//! Tests of the requests, with the page's `fetch` replaced.

use js_sys::{Array, JSON};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::super::foreign::evaluate;
use super::*;

wasm_bindgen_test_configure!(run_in_browser);

/// Puts a `fetch` into the page that records its arguments and responds as the expression `respond` says, with
/// `(url, init, number of the call)`.
fn replace_fetch(respond: &str) -> Array {
    let script = "window.fetch = (url, init) => { it.push([url, init]); return (RESPOND)(url, init, it.length); }";
    let calls = Array::new();
    evaluate(&script.replace("RESPOND", respond), &calls);
    calls
}

const CREATED: &str = r#"{"data": {"sessionId": "s", "clientToken": "t", "embedUrl": "https://frame.example/1"}}"#;
const SESSION: &str = r#"{"data": {"sessionId": "s", "status": "READY"}}"#;

/// Responds with `body` when the request is authorized by `B`, otherwise with 401.
fn only_b(body: &str) -> String {
    ["(_, init) => new Response(`", body, "`, { status: init.headers.Authorization === 'B' ? 200 : 401 })"].concat()
}

fn client(options: &str) -> Client {
    let options = evaluate(options, &JsValue::UNDEFINED);
    Client::new(&Options::from_js(&options).unwrap(), PartnerClient::from_js(&options).unwrap())
}

fn access() -> SessionAccess {
    SessionAccess { session_id: "s".to_owned(), client_token: ClientToken("t".to_owned()) }
}

async fn poll(client: &Client) -> Result<SessionView, &'static str> {
    client.poll_status(&access(), 7, 25, false, None).await.map_err(|failure| failure.kind.code())
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

#[wasm_bindgen_test]
async fn fetch_receives_a_string_and_a_plain_object() {
    // Changes the headers as a CSRF wrapper does.
    let respond = "(url, init) => url.startsWith('/api/') && { ...init.headers }['Content-Type'] && new Response(`";
    let calls = replace_fetch(&[respond, CREATED, "`)"].concat());
    let client =
        client("({ proxyUrl: '/api/verification/', headers: [['X-Tenant', 'harbor'], ['cr3d-contract', '9']] })");
    let abort = Abort::new().unwrap();
    assert!(client.create_session("k", 1, abort.signal()).await.is_ok());
    let expected = "[['/api/verification/sessions', {
        method: 'POST',
        headers: {
            'X-Tenant': 'harbor', 'Cr3d-Contract': '1', 'Idempotency-Key': 'k', 'Content-Type': 'application/json',
        },
        credentials: 'same-origin', cache: 'no-store', body: '{\"platformId\":1}', signal: {},
    }]]";
    assert_eq!(json(&calls), json(&evaluate(expected, &JsValue::UNDEFINED)));
    assert!(evaluate("it[0][1].signal instanceof AbortSignal", &calls).is_truthy());
}

#[wasm_bindgen_test]
async fn every_status_poll_has_its_own_url() {
    let calls = replace_fetch(&["() => new Response(`", SESSION, "`)"].concat());
    let client = client("({ proxyUrl: '/v' })");
    for _ in 0..20 {
        assert!(poll(&client).await.is_ok());
    }
    let urls = evaluate("[...new Set(it.map(([url]) => url))]", &calls).unchecked_into::<Array>();
    assert_eq!(urls.length(), 20);
    for url in urls.iter() {
        let url = url.as_string().unwrap();
        assert!(url.starts_with("/v/sessions/s?after=7&wait=25&n="), "{url}");
    }
}

#[wasm_bindgen_test]
async fn header_function_is_called_for_each_request() {
    let calls = replace_fetch(&["() => new Response(`", SESSION, "`)"].concat());
    let client =
        client("({ proxyUrl: '/v', headers: ((count) => async () => [['Authorization', String(count++)]])(0) })");
    assert!(poll(&client).await.is_ok());
    assert!(poll(&client).await.is_ok());
    assert_eq!(json(&evaluate("it.map(([, init]) => init.headers.Authorization)", &calls)), r#"["0","1"]"#);
}

#[wasm_bindgen_test]
async fn one_401_reads_the_headers_again_and_repeats() {
    for (headers, sent, outcome) in [
        ("((all) => () => [['Authorization', all.shift()]])(['A', 'B'])", 2, Ok(())),
        ("((all) => async () => [['Authorization', all.shift()]])(['A', 'C', 'B'])", 2, Err("forbidden")),
        ("((all) => () => [['Authorization', all.shift()]])(['B'])", 1, Ok(())),
        ("[['Authorization', 'A']]", 1, Err("forbidden")),
    ] {
        let calls = replace_fetch(&only_b(SESSION));
        let client = client(&["({ proxyUrl: '/v', headers: ", headers, " })"].concat());
        assert_eq!(poll(&client).await.map(|_| ()), outcome, "{headers}");
        assert_eq!(calls.length(), sent, "{headers}");
    }
}

#[wasm_bindgen_test]
async fn header_functions_that_fail_send_nothing() {
    for headers in [
        "() => { throw new Error('no') }",
        "() => Promise.reject(undefined)",
        "() => Promise.reject({ status: 0 })",
        "() => undefined",
        "() => ({ Authorization: 'A' })",
        "() => [['Authorization']]",
        "async () => [['X-Name', '\u{141}ukasz']]",
        "() => [['X-Lines', 'a\\nb']]",
    ] {
        let calls = replace_fetch(&["() => new Response(`", SESSION, "`)"].concat());
        let errors = evaluate("(console.error = (text) => window.seen.push(text), window.seen = [])", &calls);
        let client = client(&["({ proxyUrl: '/v', headers: ", headers, " })"].concat());
        assert_eq!(poll(&client).await, Err("network"), "{headers}");
        assert_eq!(calls.length(), 0, "{headers}");
        let errors = json(&errors);
        assert!(errors.contains("headers: "), "{headers}: {errors}");
    }
}

#[wasm_bindgen_test]
async fn headers_of_rust_are_read_for_each_request() {
    replace_fetch(&only_b(SESSION));
    let tokens = std::sync::Mutex::new(vec!["B", "A"]);
    let headers = Headers::provider(move || {
        let token = tokens.lock().unwrap().pop().unwrap_or_default();
        async move { vec![("Authorization".to_owned(), token.to_owned())] }
    });
    let options = Options { proxy_url: "/v".to_owned(), headers, ..Options::default() };
    assert!(poll(&Client::new(&options, PartnerClient::default())).await.is_ok());
}

#[wasm_bindgen_test]
async fn whatever_fetch_throws_or_rejects_with_is_a_network_failure() {
    for respond in [
        "() => { throw 'no' }",
        "() => Promise.reject({ status: 0 })",
        "() => Promise.reject(undefined)",
        "() => ({ get then() { throw 7 } })",
    ] {
        replace_fetch(respond);
        assert_eq!(poll(&client("({ proxyUrl: '/v' })")).await, Err("network"), "{respond}");
    }
}

#[wasm_bindgen_test]
async fn own_client_replaces_the_proxy() {
    let calls = replace_fetch("() => Promise.reject(7)");
    let client = client(
        "(window.requests = [], {
            createSession: async (it) => { requests.push(it); return JSON.parse(CREATED).data; },
            getSession: async (it) => { requests.push(it); return JSON.parse(SESSION).data; },
            getFrame: async (it) => { requests.push(it); return { embedUrl: 'javascript:alert(1)' }; },
        })"
        .replace("CREATED", &["`", CREATED, "`"].concat())
        .replace("SESSION", &["`", SESSION, "`"].concat())
        .as_str(),
    );
    let abort = Abort::new().unwrap();
    assert_eq!(client.create_session("k", 1, abort.signal()).await.unwrap().session_id, "s");
    assert!(poll(&client).await.is_ok());
    assert_eq!(client.fetch_embed_url(&access(), None).await.unwrap_err().kind, FailureKind::BadResponse);
    assert_eq!(client.fetch_platforms(None).await.unwrap_err().kind, FailureKind::Refused);
    client.notify_closed(&access()).await;
    assert_eq!(calls.length(), 0);
    let expected = "[
        { platformId: 1, idempotencyKey: 'k', signal: {} },
        { sessionId: 's', clientToken: 't', after: 7, wait: 25, fresh: false },
        { sessionId: 's', clientToken: 't' },
    ]";
    let requests = evaluate("window.requests", &JsValue::UNDEFINED);
    assert_eq!(json(&requests), json(&evaluate(expected, &JsValue::UNDEFINED)));
}

#[wasm_bindgen_test]
async fn own_client_fails_like_the_proxy() {
    for (function, kind, retry_after) in [
        ("() => { throw new Error('no') }", "network", None),
        ("() => Promise.reject(undefined)", "network", None),
        ("() => Promise.reject({ code: 'other-user' })", "network", None),
        ("() => Promise.reject({ status: 401 })", "forbidden", None),
        ("() => Promise.reject({ status: 403, code: 'other-user' })", "other-user", None),
        ("() => Promise.reject({ status: 429, code: 'rate-limited', retryAfter: 7 })", "rate-limited", Some(7)),
        ("() => Promise.reject({ status: 503, retryAfter: '7' })", "server", None),
        ("() => undefined", "bad-response", None),
        ("() => Promise.resolve({ data: { sessionId: 's' } })", "bad-response", None),
    ] {
        let client = client(&["({ proxyUrl: '/v', getSession: ", function, " })"].concat());
        let failure = client.poll_status(&access(), 0, 0, true, None).await.unwrap_err();
        assert_eq!(failure.kind.code(), kind, "{function}");
        assert_eq!(failure.retry_after.map(|it| it.0 / 1000), retry_after, "{function}");
    }
}

#[wasm_bindgen_test]
fn options_without_proxy_need_every_function() {
    let decode = |options: &str| Options::from_js(&evaluate(options, &JsValue::UNDEFINED));
    assert!(decode("({ createSession() {}, getSession() {}, getFrame() {} })").is_some());
    assert!(decode("({ createSession() {}, getSession() {} })").is_none());
    assert!(decode("({ proxyUrl: '/v', headers: 'Authorization: A' })").is_none());
}
