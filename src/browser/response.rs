//! Tells responses of the proxy from others: the partner's sign-in, or something in between, such as a gateway or a
//! challenge page. `npm/src/client.ts` has the same rules; `tests/fixtures/responses.json` tests both.

use cr3dentials_core::contract::{CONTRACT_HEADER, CONTRACT_VERSION, ErrorCode};
use cr3dentials_core::engine::{Failure, FailureKind};
use cr3dentials_core::time::Millis;
use gloo_net::http::Response;
use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};

use super::decode::{field, text};
use super::foreign;

// Constants, so that the module contains these two names and not the whole table.
const OTHER_USER: &str = ErrorCode::OtherUser.as_str();
const KEY_SPENT: &str = ErrorCode::KeySpent.as_str();

const RETRY_AFTER_HEADER: &str = "Retry-After";

/// Returns the HTTP status of what the page's `fetch` resolved to, if it is a response.
pub(super) fn status(response: &JsValue) -> Option<u16> {
    Some(readable(response)?.status())
}

/// Returns the `data` of the proxy's response.
pub(super) async fn read_data(response: &JsValue) -> Result<JsValue, Failure> {
    let Some(head) = readable(response) else {
        return Err(Failure { kind: FailureKind::Intermediary, retry_after: None });
    };
    let (status, headers) = (head.status(), head.headers());
    let retry_after = headers.get(RETRY_AFTER_HEADER).and_then(|secs| secs.trim().parse().ok()).map(Millis::from_secs);
    let failed = |kind| Err(Failure { kind, retry_after });
    // Across origins the header may be hidden; the response is then judged without it.
    let version = headers.get(CONTRACT_HEADER);
    let is_far = |version: u32| version.abs_diff(CONTRACT_VERSION) > 1;
    if version.as_ref().and_then(|version| version.parse().ok()).is_some_and(is_far) {
        return failed(FailureKind::ContractVersion);
    }
    // A connection that breaks in the middle of the body counts as no response.
    let Some(body) = read_body(response).await else { return failed(FailureKind::Network) };
    let json = body.as_string().and_then(|body| JSON::parse(&body).ok());
    let data = json.as_ref().and_then(|json| field(json, "data"));
    let code = json.as_ref().and_then(|json| text(&field(json, "error")?, "code"));
    let has_envelope = data.is_some() || code.is_some();
    match status {
        200..=299 if has_envelope => data.map_or_else(|| failed(FailureKind::BadResponse), Ok),
        _ if has_envelope => failed(kind_of_error(status, code.as_deref())),
        401 => failed(FailureKind::Forbidden),
        426 if version.is_some() => failed(FailureKind::ContractVersion),
        _ if json.is_none()
            && foreign::get(response, "redirected").is_some_and(|redirected| redirected.is_truthy()) =>
        {
            failed(FailureKind::Forbidden)
        }
        _ => failed(FailureKind::Intermediary),
    }
}

/// Returns the kind of the proxy's error with this HTTP status and code.
pub(super) fn kind_of_error(status: u16, code: Option<&str>) -> FailureKind {
    match status {
        403 if code == Some(OTHER_USER) => FailureKind::OtherUser,
        401 | 403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        409 if code == Some(KEY_SPENT) => FailureKind::KeySpent,
        426 => FailureKind::ContractVersion,
        429 => FailureKind::RateLimited,
        400..=499 => FailureKind::Refused,
        _ => FailureKind::Server,
    }
}

/// Returns the response for reading its status and headers, after everything that will be read has been read once with
/// exceptions caught: the page's `fetch` may resolve to any object.
fn readable(response: &JsValue) -> Option<Response> {
    foreign::get(response, "status")?.as_f64()?;
    let headers = foreign::get(response, "headers")?;
    let is_readable = |name: &str| {
        let value = foreign::call(&headers, "get", &[&name.into()]);
        value.is_some_and(|value| value.is_string() || value.is_null() || value.is_undefined())
    };
    let headers_are_readable = [CONTRACT_HEADER, RETRY_AFTER_HEADER].into_iter().all(is_readable);
    headers_are_readable.then(|| response.clone().unchecked_into::<web_sys::Response>().into())
}

/// Returns the text of the body; `None` when it breaks off. gloo-net would panic on a rejection that is not an error.
async fn read_body(response: &JsValue) -> Option<JsValue> {
    foreign::settled(&foreign::call(response, "text", &[])?).await.ok()
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use cr3dentials_core::contract::SessionView;
    use js_sys::Array;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::super::decode::FromJs;
    use super::super::foreign::evaluate;
    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// A browser creates no `Response` that was redirected, or whose body breaks off.
    const RESPONSE: &str = "({ status: it.status, redirected: it.redirected, headers: new Headers(it.headers), \
        text: () => it.body === null ? Promise.reject('broken') : Promise.resolve(it.body) })";

    #[wasm_bindgen_test]
    async fn responses_are_judged_as_the_shared_table_says() {
        let cases = JSON::parse(include_str!("../../tests/fixtures/responses.json")).unwrap();
        let cases = cases.unchecked_into::<Array>();
        assert!(cases.length() > 50);
        for case in cases.iter() {
            let data = read_data(&evaluate(RESPONSE, &case)).await;
            let bad = |retry_after| Failure { kind: FailureKind::BadResponse, retry_after };
            let view = data.and_then(|data| SessionView::from_js(&data).ok_or(bad(None)));
            let failure = view.err();
            let story = text(&case, "story").unwrap();
            assert_eq!(failure.map(|it| it.kind.code()), text(&case, "kind").as_deref(), "{story}");
            let retry_after = failure.and_then(|it| it.retry_after).map(|it| it.0 as f64);
            assert_eq!(retry_after, field(&case, "retryAfter").and_then(|it| it.as_f64()), "{story}");
        }
    }

    #[wasm_bindgen_test]
    async fn anything_else_that_fetch_resolves_to_is_judged() {
        for (expression, kind) in [
            ("undefined", "intermediary"),
            ("7", "intermediary"),
            ("({ status: 200 })", "intermediary"),
            ("({ get status() { throw new Error('no') } })", "intermediary"),
            ("Object.create(Response.prototype)", "intermediary"),
            ("new Proxy(new Response('{}'), {})", "intermediary"),
            ("({ status: 200, headers: { get() { throw new Error('no') } } })", "intermediary"),
            ("({ status: 200, headers: { get: () => 7 } })", "intermediary"),
            ("({ status: 200, headers: new Map() })", "network"),
            ("({ status: 200, headers: new Map(), text() { throw 7 } })", "network"),
            ("({ status: 200, headers: new Map(), text: () => Promise.reject(undefined) })", "network"),
            ("({ status: 200, headers: new Map(), text: () => 7 })", "intermediary"),
            ("({ status: 401, headers: new Map(), text: () => '', get redirected() { throw 7 } })", "forbidden"),
            ("({ status: 200, headers: new Map(), text: () => '', get redirected() { throw 7 } })", "intermediary"),
        ] {
            let data = read_data(&evaluate(expression, &JsValue::UNDEFINED)).await;
            assert_eq!(data.map_err(|failure| failure.kind.code()), Err(kind), "{expression}");
        }
    }
}
