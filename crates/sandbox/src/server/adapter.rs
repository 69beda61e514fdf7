//! From axum's requests to the rules' plain ones, and back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, State};
use axum::http::{self, HeaderName, HeaderValue, StatusCode, header};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

use super::{Shared, driver};
use crate::world::{Body, Headers, Method, Request, Response};

/// The longest body that is read.
const MAX_BODY: usize = 64 * 1024;

/// How much of a longer body is read and let go, so that the client comes to read the answer instead of an error.
const MAX_DRAINED: usize = 8 * 1024 * 1024;

/// How long a body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// How long a part of an answer takes to be sent.
const FLUSHED_WITHIN: Duration = Duration::from_millis(50);

/// Answers any request.
pub(super) async fn answer(
    State(shared): State<Arc<Shared>>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    request: http::Request<HttpBody>,
) -> http::Response<HttpBody> {
    driver::ensure_started(&shared);
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let is_ours = path == "/" || path.starts_with("/sandbox/");
    // Where the server does not tell who asks, only a listener on loopback vouches for it.
    let is_local = peer.map_or(shared.is_loopback, |peer| peer.0.0.ip().to_canonical().is_loopback());
    if is_ours && !is_local {
        return status_only(StatusCode::FORBIDDEN);
    }
    let body = match tokio::time::timeout(BODY_WITHIN, read(body)).await {
        Ok(Some(body)) => body,
        // Whoever breaks off reads no answer.
        Ok(None) => return status_only(StatusCode::BAD_REQUEST),
        Err(_) => Body::TimedOut,
    };
    let request = Request {
        method: method(&head.method),
        path: path.to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers(&head.headers),
        body,
    };
    let response = shared.with(|world, now| world.handle(&request, now));
    // The path only: the query may hold a token, and bodies hold what people type.
    tracing::debug!(method = %head.method, path = %request.path, status = response.status, "answered");
    if response.delay.0 > 0 {
        tokio::time::sleep(Duration::from_millis(response.delay.0)).await;
    }
    into_http(response)
}

fn method(method: &http::Method) -> Method {
    match *method {
        http::Method::GET => Method::Get,
        http::Method::POST => Method::Post,
        _ => Method::Other,
    }
}

fn headers(map: &http::HeaderMap) -> Headers {
    let text = |name: &str| map.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Headers {
        api_key: text("x-api-key"),
        authorization: text("authorization"),
        content_type: text("content-type"),
        host: text("host"),
        origin: text("origin"),
    }
}

/// Reads a body; `None` when the client breaks off.
async fn read(mut body: HttpBody) -> Option<Body> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length > MAX_DRAINED {
            break;
        }
        if length <= MAX_BODY {
            bytes.extend_from_slice(&data);
        }
    }
    Some(if length > MAX_BODY { Body::TooLarge } else { Body::Whole(bytes) })
}

fn into_http(response: Response) -> http::Response<HttpBody> {
    let length = response.body.len();
    let mut answer = http::Response::new(match response.cut_after {
        Some(bytes) => cut(response.body, bytes),
        None => HttpBody::from(response.body),
    });
    // Said even where the connection is cut: how else would the client know that something is missing?
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        // Only a badly configured origin has characters that a header cannot hold. A page without its policy is worse
        // than no page.
        match HeaderValue::from_str(&value) {
            Ok(value) => {
                answer.headers_mut().append(HeaderName::from_static(name), value);
            }
            Err(_) => return status_only(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
    answer
}

/// The first `bytes` of `body`, and then an error, at which the server cuts the connection.
fn cut(mut body: Vec<u8>, bytes: usize) -> HttpBody {
    // The last byte never gets through: a whole answer would be none that was cut.
    body.truncate(bytes.min(body.len().saturating_sub(1)));
    let cut = async {
        // What came before it has to be on its way, or the client sees nothing at all.
        tokio::time::sleep(FLUSHED_WITHIN).await;
        Err(std::io::Error::other("cut on request"))
    };
    HttpBody::from_stream(stream::iter([Ok(body)]).chain(stream::once(cut)))
}

fn status_only(status: StatusCode) -> http::Response<HttpBody> {
    let mut answer = http::Response::new(HttpBody::empty());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
