//! Requests and responses as plain data, so that the rules need no server.

use std::fmt;

use cr3dentials_core::time::Millis;
use cr3dentials_core::wire::Success;
use serde::Serialize;
use serde_json::{Value, json};

/// The methods that the rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// Any other one, `HEAD` included: looking at a single-use page must not spend it.
    Other,
}

/// The headers that the rules read.
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
    /// `Origin`: the page that asks, when a browser does.
    pub origin: Option<String>,
}

impl Headers {
    /// Whether the body is declared as JSON.
    pub(crate) fn declares_json(&self) -> bool {
        let media_type = self.content_type.as_deref().and_then(|value| value.split(';').next()).unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("application/json")
    }
}

impl fmt::Debug for Headers {
    /// Without keys, which are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Headers")
            .field("content_type", &self.content_type)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// A request's body.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It was longer than the server reads.
    TooLarge,
    /// It did not arrive in time.
    TimedOut,
}

impl fmt::Debug for Body {
    /// Only its length: people type passwords into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::TooLarge => f.write_str("TooLarge"),
            Self::TimedOut => f.write_str("TimedOut"),
        }
    }
}

/// A request.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, with its leading slash and without the query.
    pub path: String,
    /// What follows the question mark, still encoded.
    pub query: String,
    /// The headers.
    pub headers: Headers,
    /// The body; empty when there is none.
    pub body: Body,
}

impl fmt::Debug for Request {
    /// Without the query, which may hold an embed token.
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
    /// The body as JSON, when it is declared as JSON and is JSON.
    ///
    /// # Errors
    /// The answer to give instead: 413, 415 or 400.
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
            // Only where: serde's own words may quote the body.
            let place = format!("line {}, column {}", error.line(), error.column());
            Response::error(400, format!("The body is not valid JSON: {place}"))
        })
    }

    /// The value of `name` in the query, decoded; the last one when it is there more than once.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }
}

/// A response.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers; names are in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it is held back.
    pub delay: Millis,
    /// Where the connection is cut: after so many bytes of the body.
    pub cut_after: Option<usize>,
}

impl fmt::Debug for Response {
    /// Without the body, which may hold an embed URL or a person's data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Response {
    pub(crate) fn new(status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, delay: Millis(0), cut_after: None }
    }

    /// With one more header; `name` is in lower case.
    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// `body` as JSON.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        // Only our own plain structures are serialised, so this cannot fail.
        let body = serde_json::to_vec(body).unwrap_or_default();
        let headers = vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("cache-control", "no-store".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ];
        Self::new(status, headers, body)
    }

    /// `data` in the envelope of a success.
    pub(crate) fn success(status: u16, data: impl Serialize) -> Self {
        Self::json(status, &Success::new(data))
    }

    /// One message, in the provider's error shape.
    pub(crate) fn error(status: u16, message: impl Into<String>) -> Self {
        Self::failure(status, json!(message.into()))
    }

    /// The list of everything that is wrong with a request.
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

/// The name of an HTTP status.
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
