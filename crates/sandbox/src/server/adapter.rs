//! Conversion between axum's requests and responses and those of the world.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{ConnectInfo, State};
use axum::http::{self, HeaderName, HeaderValue, StatusCode, header};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

use super::{Shared, driver, openapi};
use crate::world::{Body, Headers, Method, Request, Response};

/// Maximum size of a request body, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Maximum number of bytes read and discarded from a larger body, so that the client reads the response instead of
/// failing on a closed connection.
const MAX_DRAINED: usize = 8 * 1024 * 1024;

/// Timeout for reading a request body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Delay before a response is cut, so that the part in front of the cut is flushed.
const FLUSH_DELAY: Duration = Duration::from_millis(50);

/// Handles every request that is not a stream.
pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    request: http::Request<HttpBody>,
) -> http::Response<HttpBody> {
    driver::ensure_started(&shared);
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let is_control = path == "/" || path.starts_with("/sandbox/");
    // Without the peer's address, only a loopback listener proves that the client is local.
    let is_local = peer.map_or(shared.is_loopback, |peer| peer.0.0.ip().to_canonical().is_loopback());
    if is_control && !is_local {
        return status_only(StatusCode::FORBIDDEN);
    }
    let body = match tokio::time::timeout(BODY_TIMEOUT, read(body)).await {
        Ok(Some(body)) => body,
        // The client disconnected and does not read the response.
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
    let response = match (request.method, request.path.as_str()) {
        (Method::Get, "/openapi.json") => {
            let settings = shared.world().settings().clone();
            openapi::document(&settings)
        }
        _ => shared.with(|world, now| world.handle(&request, now)),
    };
    // Only the path: the query may hold a token, and bodies hold what users type.
    tracing::debug!(method = %head.method, path = %request.path, status = response.status, "request handled");
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

/// Reads a body; `None` if the client disconnects.
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
    let mut converted = http::Response::new(match response.cut_after {
        Some(bytes) => cut(response.body, bytes),
        None => HttpBody::from(response.body),
    });
    // Set even if the connection is cut: the client needs it to notice that part of the body is missing.
    converted.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    *converted.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        // Only a misconfigured origin has characters that a header cannot hold. A page without its security policy is
        // worse than no page.
        match HeaderValue::from_str(&value) {
            Ok(value) => {
                converted.headers_mut().append(HeaderName::from_static(name), value);
            }
            Err(_) => return status_only(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
    converted
}

/// Returns the first `bytes` of `body` followed by an error, on which the server closes the connection.
fn cut(mut body: Vec<u8>, bytes: usize) -> HttpBody {
    // The last byte is never sent, or the response would be complete.
    body.truncate(bytes.min(body.len().saturating_sub(1)));
    let cut = async {
        // Without the delay the client may receive nothing at all.
        tokio::time::sleep(FLUSH_DELAY).await;
        Err(std::io::Error::other("cut on request"))
    };
    HttpBody::from_stream(stream::iter([Ok(body)]).chain(stream::once(cut)))
}

fn status_only(status: StatusCode) -> http::Response<HttpBody> {
    let mut response = http::Response::new(HttpBody::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
