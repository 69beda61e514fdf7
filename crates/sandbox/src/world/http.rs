//! Requests and responses as plain data, so that the world needs no HTTP server.

use std::fmt;

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::Success;
use serde::Serialize;
use serde_json::{Value, json};
use url::Host;

/// HTTP methods that are handled differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// Any other method, including `HEAD`, which must not use up a single-use page.
    Other,
}

/// Request headers that are read.
#[derive(Clone, Default)]
pub struct Headers {
    /// `x-api-key`.
    pub api_key: Option<String>,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Host`.
    pub host: Option<String>,
    /// `Origin`: the origin of the requesting page, sent by browsers.
    pub origin: Option<String>,
}

impl Headers {
    /// Returns true if the content type is JSON.
    pub(crate) fn declares_json(&self) -> bool {
        let media_type = self.content_type.as_deref().and_then(|value| value.split(';').next()).unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("application/json")
    }
}

impl fmt::Debug for Headers {
    /// Omits keys, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Headers")
            .field("content_type", &self.content_type)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Body of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// The complete body.
    Whole(Vec<u8>),
    /// The body exceeded the server's limit.
    TooLarge,
    /// The body did not arrive in time.
    TimedOut,
}

impl fmt::Debug for Body {
    /// Shows only the length: a body may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::TooLarge => f.write_str("TooLarge"),
            Self::TimedOut => f.write_str("TimedOut"),
        }
    }
}

/// An HTTP request.
#[derive(Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path with its leading slash, without the query.
    pub path: String,
    /// Query string, still encoded, without the question mark.
    pub query: String,
    /// Headers that the world reads.
    pub headers: Headers,
    /// Body; empty if there is none.
    pub body: Body,
}

impl fmt::Debug for Request {
    /// Omits the query, which may hold an embed token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Parses the body as JSON.
    ///
    /// # Errors
    /// The response to return instead: 413, 408, 415 or 400.
    pub(crate) fn json(&self) -> Result<Value, Response> {
        let bytes = match &self.body {
            Body::Whole(bytes) => bytes,
            Body::TooLarge => return Err(Response::error(413, "The body is too large")),
            Body::TimedOut => return Err(Response::error(408, "The body did not arrive in time")),
        };
        if !self.headers.declares_json() {
            return Err(Response::error(415, "Content-Type must be application/json"));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            // Only the position: serde's message may quote the body.
            let place = format!("line {}, column {}", error.line(), error.column());
            Response::error(400, format!("The body is not valid JSON: {place}"))
        })
    }

    /// Returns the decoded value of `name` in the query; the last one if it is repeated.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }
}

/// An HTTP response, and the faults of its delivery.
#[derive(Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers; names are in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Complete body, even if it will be cut.
    pub body: Vec<u8>,
    /// Delay before the response is sent.
    pub delay: Millis,
    /// Number of body bytes after which the connection is cut; `None` sends all of it.
    pub cut_after: Option<usize>,
}

impl fmt::Debug for Response {
    /// Omits the body, which may hold an embed URL or personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Response {
    pub(crate) fn new(status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, delay: Millis(0), cut_after: None }
    }

    /// Adds a header; `name` is in lower case.
    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Returns a response with `body` as JSON.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        // The serialized types are plain data, so this cannot fail.
        let body = serde_json::to_vec(body).unwrap_or_default();
        let headers = vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ];
        Self::new(status, headers, body)
    }

    /// Returns `data` in the provider's success envelope.
    pub(crate) fn success(status: u16, data: impl Serialize) -> Self {
        Self::json(status, &Success::new(data))
    }

    /// Returns an error response with one message.
    pub(crate) fn error(status: u16, message: impl Into<String>) -> Self {
        Self::failure(status, json!(message.into()))
    }

    /// Returns a 400 response that lists the problems of a request.
    pub(crate) fn invalid(messages: Vec<String>) -> Self {
        Self::failure(400, json!(messages))
    }

    fn failure(status: u16, message: Value) -> Self {
        let mut body = json!({ "statusCode": status, "message": message });
        let reason = reason(status);
        if body["message"] != reason {
            body["error"] = json!(reason);
        }
        Self::json(status, &body)
    }
}

/// Returns the reason phrase of an HTTP status.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}

/// Returns true if the host of a URL is a loopback address or `localhost`.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
