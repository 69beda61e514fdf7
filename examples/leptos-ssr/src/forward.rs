use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// Maximum size of a request body, in bytes. It leaves a margin over the largest body that the component sends.
const MAX_BODY: usize = 64 * 1024;

/// The proxy that the component's requests are forwarded to.
#[derive(Clone)]
pub(crate) struct Forward {
    /// Follows no redirect and has no timeout: the proxy may hold a request for 25 seconds.
    pub(crate) client: reqwest::Client,
    /// The proxy's browser listener, such as `http://127.0.0.1:7072`.
    pub(crate) proxy_url: String,
}

/// Forwards a request to the proxy, and its response back. `Origin`, cookies and `Authorization` are forwarded, because
/// the proxy checks them. If the browser disconnects, axum drops this future, which ends the request to the proxy too.
pub(crate) async fn forward(to: Forward, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let request = to.client.request(parts.method, format!("{}{path}", to.proxy_url));
    match exchange(request.headers(forwarded(parts.headers)).body(body)).await {
        Ok(response) => response,
        Err(error) => {
            eprintln!("no response from the proxy at {}: {error}", to.proxy_url);
            let body = r#"{"status":"error","error":{"code":"unavailable","message":"no response from the proxy"}}"#;
            let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
            (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
        }
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> Result<Response, reqwest::Error> {
    let mut received = request.send().await?;
    let (status, headers) = (received.status(), forwarded(std::mem::take(received.headers_mut())));
    Ok((status, headers, Body::from(received.bytes().await?)).into_response())
}

/// Removes the headers of a single connection. `Host` is the name of the requested server.
fn forwarded(mut headers: HeaderMap) -> HeaderMap {
    for name in [CONNECTION, HOST, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    headers
}
