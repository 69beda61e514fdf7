//! Effects of faults on a response.

use cr3dentials_core::time::{Millis, UnixMillis};
use serde_json::{Map, Value, json};

use super::Kind;
use crate::world::http::{Response, reason};

/// Fields that the provider's guide promises; any other one may be missing.
const REQUIRED_FIELDS: [&str; 12] = [
    "sessionId",
    "status",
    "embedUrl",
    "id",
    "name",
    "displayName",
    "loginUrl",
    "isActive",
    "sessions",
    "total",
    "limit",
    "offset",
];

/// Returns the error response that a fault injects, if any.
pub(crate) fn refusal(kinds: &[Kind]) -> Option<Response> {
    kinds.iter().find_map(|kind| match kind {
        Kind::Status { status, retry_after } => {
            let response = Response::error(*status, reason(*status));
            Some(match retry_after {
                Some(secs) => response.with_header("retry-after", secs.to_string()),
                None => response,
            })
        }
        _ => None,
    })
}

/// Returns the `Retry-After` of an injected 429: `None` without such a fault, `Some(None)` if it sets no header.
pub(crate) fn rate_limited(kinds: &[Kind]) -> Option<Option<u32>> {
    kinds.iter().find_map(|kind| match kind {
        Kind::RateLimited { retry_after } => Some(*retry_after),
        _ => None,
    })
}

/// Returns the time by the skewed clock.
pub(crate) fn skewed(now: UnixMillis, kinds: &[Kind]) -> UnixMillis {
    kinds.iter().fold(now, |now, kind| match kind {
        Kind::ClockSkew { secs } => shift(now, *secs),
        _ => now,
    })
}

/// Applies the faults to `response`, in order.
pub(crate) fn apply(response: &mut Response, kinds: &[Kind], now: UnixMillis) {
    for kind in kinds {
        match kind {
            Kind::Delay { millis } => response.delay = response.delay + Millis(*millis),
            Kind::Cut { bytes } => response.cut_after = Some(bytes.unwrap_or(response.body.len() / 2)),
            // Drops the last brace: the content length matches, but the JSON is invalid.
            Kind::Malformed => drop(response.body.pop()),
            Kind::UnknownStatus { status } => each_session(response, |session| {
                if session.contains_key("status") {
                    session.insert("status".to_owned(), json!(status));
                }
            }),
            Kind::Progress { value } => each_session(response, |session| {
                if session.contains_key("progress") {
                    session.insert("progress".to_owned(), value.clone());
                }
            }),
            Kind::UnknownField => each_session(response, |session| {
                session.insert("somethingNew".to_owned(), json!({ "since": "next year" }));
            }),
            Kind::MissingField { name: Some(name) } => each_session(response, |session| {
                session.remove(name);
            }),
            Kind::MissingField { name: None } => {
                each_session(response, |session| session.retain(|name, _| REQUIRED_FIELDS.contains(&name.as_str())));
            }
            Kind::ClockSkew { secs } => {
                edit(response, |body| shift_dates(body, *secs));
                response.headers.push(("date", http_date(shift(now, *secs))));
            }
            Kind::Status { .. } | Kind::RateLimited { .. } => {}
            Kind::Lose | Kind::Duplicate { .. } | Kind::Reorder => {}
        }
    }
}

fn shift(at: UnixMillis, secs: i64) -> UnixMillis {
    UnixMillis(at.0.saturating_add(secs.saturating_mul(1000)))
}

/// Changes the body if it is JSON.
fn edit(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice(&response.body) {
        change(&mut body);
        response.body = body.to_string().into_bytes();
    }
}

/// Changes each object in a success response: the one in `data`, or each item of a list.
fn each_session(response: &mut Response, mut change: impl FnMut(&mut Map<String, Value>)) {
    edit(response, |body| {
        let Some(data) = body.get_mut("data") else { return };
        let items = match data {
            Value::Array(items) => items.iter_mut().collect(),
            Value::Object(fields) if fields.contains_key("sessions") => {
                fields.get_mut("sessions").and_then(Value::as_array_mut).into_iter().flatten().collect()
            }
            other => vec![other],
        };
        items.into_iter().filter_map(Value::as_object_mut).for_each(&mut change);
    });
}

fn shift_dates(value: &mut Value, secs: i64) {
    match value {
        Value::String(text) => {
            // Months and dates without a time are not timestamps and stay as they are.
            if let Some(at) = UnixMillis::parse(text) {
                *text = shift(at, secs).to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shift_dates(item, secs)),
        Value::Object(fields) => fields.values_mut().for_each(|item| shift_dates(item, secs)),
        _ => {}
    }
}

/// Formats a time for the `Date` header.
fn http_date(at: UnixMillis) -> String {
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis(at.0.max(0).cast_unsigned());
    httpdate::fmt_http_date(at)
}
