//! Validation of create and list requests (docs/partner-api.md section 2).

use cr3dentials_core::wire::{SESSION_COUNTRIES, SessionStatus, expires_in_hours};
use serde_json::{Map, Value};

use crate::users::{self, TestUser};
use crate::world::http::Request;
use crate::world::platforms::PlatformEntry;
use crate::world::webhook;

/// Maximum length of `externalReferenceId`, in characters. The guide documents no limit; this one bounds memory.
const MAX_REFERENCE_CHARS: usize = 255;

/// Maximum `offset`: the largest signed 64-bit integer.
const MAX_OFFSET: u64 = i64::MAX.unsigned_abs();

/// Valid create request. Without `Debug`, because the path of a webhook URL is a secret.
pub(crate) struct NewSession {
    pub(crate) platform: &'static PlatformEntry,
    pub(crate) expires_in_hours: u64,
    pub(crate) webhook_url: Option<String>,
    pub(crate) external_reference_id: Option<String>,
    /// Test user named in `receiverData`, if any. This is specific to the sandbox.
    pub(crate) user: Option<&'static TestUser>,
}

/// Parses the body of create. Unknown fields are ignored; null means absent.
///
/// # Errors
/// Every problem found, one sentence each.
pub(crate) fn new_session(body: &Value, allow_http_webhooks: bool) -> Result<NewSession, Vec<String>> {
    let Some(fields) = body.as_object() else {
        return Err(vec!["the body must be an object".to_owned()]);
    };
    let mut problems = Vec::new();
    let platform = platform(fields).map_err(|problem| problems.push(problem)).ok();
    let hours = hours(fields).map_err(|problem| problems.push(problem)).unwrap_or_default();
    let webhook_url =
        webhook(fields, allow_http_webhooks).map_err(|problem| problems.push(problem)).unwrap_or_default();
    let reference = reference(fields).map_err(|problem| problems.push(problem)).unwrap_or_default();
    if let Err(problem) = country(fields) {
        problems.push(problem);
    }
    let user = user(fields).map_err(|problem| problems.push(problem)).unwrap_or_default();
    match platform {
        Some(platform) if problems.is_empty() => {
            let external_reference_id = reference;
            Ok(NewSession { platform, expires_in_hours: hours, webhook_url, external_reference_id, user })
        }
        _ => Err(problems),
    }
}

/// Valid query of the list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) status: Option<SessionStatus>,
    pub(crate) limit: u64,
    pub(crate) offset: u64,
}

/// Parses the query of the list.
///
/// # Errors
/// Every problem found, one sentence each.
pub(crate) fn list_query(request: &Request) -> Result<ListQuery, Vec<String>> {
    let mut problems = Vec::new();
    let mut number = |name: &str, default: u64, bounds: std::ops::RangeInclusive<u64>, words: &str| {
        let Some(text) = request.query_value(name) else { return default };
        text.parse().ok().filter(|number| bounds.contains(number)).unwrap_or_else(|| {
            problems.push(format!("{name} must be an integer {words}"));
            default
        })
    };
    let limit = number("limit", 20, 1..=100, "from 1 to 100");
    let offset = number("offset", 0, 0..=MAX_OFFSET, "of 0 or more, in 64 bits");
    let status = request.query_value("status").map(|name| SessionStatus::from_name(&name));
    if let Some(SessionStatus::Unknown(_)) = status {
        let names = SessionStatus::ALL.map(|status| status.as_str().to_owned()).join(", ");
        problems.push(format!("status must be one of: {names}"));
    }
    if problems.is_empty() { Ok(ListQuery { status, limit, offset }) } else { Err(problems) }
}

/// Returns the field unless it is absent or null.
fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// Parses a whole number, written as `3` or as `3.0`, which JSON does not distinguish.
fn whole(value: &Value) -> Option<u64> {
    let from_float = |float: f64| {
        // In range and without a fraction, so the cast is exact.
        ((0.0..=9e15).contains(&float) && float.fract() == 0.0).then_some(float as u64)
    };
    value.as_u64().or_else(|| value.as_f64().and_then(from_float))
}

/// The response to an unknown platform is undocumented; here it is refused like any other invalid field.
fn platform(fields: &Map<String, Value>) -> Result<&'static PlatformEntry, String> {
    let value = given(fields, "platformId").ok_or("platformId is required")?;
    let id = whole(value).ok_or("platformId must be a number")?;
    let entry = PlatformEntry::find(id).ok_or_else(|| format!("platformId: unknown platform {id}"))?;
    if entry.is_active { Ok(entry) } else { Err(format!("platformId: platform {id} is not active")) }
}

fn hours(fields: &Map<String, Value>) -> Result<u64, String> {
    let (min, max) = (u64::from(expires_in_hours::MIN), u64::from(expires_in_hours::MAX));
    let Some(value) = given(fields, "expiresInHours") else { return Ok(u64::from(expires_in_hours::DEFAULT)) };
    let hours = whole(value).filter(|hours| (min..=max).contains(hours));
    hours.ok_or_else(|| format!("expiresInHours must be an integer from {min} to {max}"))
}

fn webhook(fields: &Map<String, Value>, allow_http: bool) -> Result<Option<String>, String> {
    let Some(value) = given(fields, "webhookUrl") else { return Ok(None) };
    let url = value.as_str().ok_or("webhookUrl must be a string")?;
    webhook::check_url(url, allow_http).map_err(|problem| format!("webhookUrl {problem}"))?;
    Ok(Some(url.to_owned()))
}

fn reference(fields: &Map<String, Value>) -> Result<Option<String>, String> {
    let Some(value) = given(fields, "externalReferenceId") else { return Ok(None) };
    let text = value.as_str().ok_or("externalReferenceId must be a string")?;
    if text.chars().count() > MAX_REFERENCE_CHARS {
        return Err(format!("externalReferenceId must be at most {MAX_REFERENCE_CHARS} characters"));
    }
    Ok(Some(text.to_owned()))
}

/// Checks `receiverData` and finds a test user named in `email` or `name`. Nothing else of it is kept.
fn user(fields: &Map<String, Value>) -> Result<Option<&'static TestUser>, String> {
    let Some(value) = given(fields, "receiverData") else { return Ok(None) };
    let about = value.as_object().ok_or("receiverData must be an object")?;
    let named = ["email", "name"].into_iter().filter_map(|name| about.get(name)?.as_str());
    Ok(named.filter_map(users::find).next())
}

/// Checks `country`, which has no effect: the simulated browser has no location.
fn country(fields: &Map<String, Value>) -> Result<(), String> {
    match given(fields, "country") {
        Some(value) if !value.as_str().is_some_and(|code| SESSION_COUNTRIES.contains(&code)) => {
            Err(format!("country must be one of: {}", SESSION_COUNTRIES.join(", ")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(body: Value) -> Vec<String> {
        new_session(&body, false).err().unwrap_or_default()
    }

    #[test]
    fn minimal_body_creates_a_session_of_maximum_duration() {
        let session = new_session(&json!({ "platformId": 1.0, "country": null, "somethingNew": 1 }), false).unwrap();
        assert_eq!((session.platform.id, session.expires_in_hours), (1, 168));
        assert_eq!((session.webhook_url, session.external_reference_id), (None, None));
    }

    #[test]
    fn every_field_is_checked_and_all_problems_are_reported() {
        let found = problems(json!({
            "platformId": "1", "expiresInHours": 169, "webhookUrl": "nowhere", "externalReferenceId": 7,
            "country": "FR", "receiverData": "me",
        }));
        for name in ["platformId", "expiresInHours", "webhookUrl", "externalReferenceId", "country", "receiverData"] {
            assert_eq!(found.iter().filter(|problem| problem.starts_with(name)).count(), 1, "{name}: {found:?}");
        }
    }

    #[test]
    fn platform_must_exist_and_be_active() {
        assert_eq!(problems(json!({})), ["platformId is required"]);
        assert_eq!(problems(json!({ "platformId": 99 })), ["platformId: unknown platform 99"]);
        assert_eq!(problems(json!({ "platformId": 6 })), ["platformId: platform 6 is not active"]);
        assert_eq!(problems(json!([])), ["the body must be an object"]);
    }

    #[test]
    fn expires_in_hours_must_be_whole_and_within_bounds() {
        for hours in [json!(1), json!(168), json!(24.0)] {
            assert!(problems(json!({ "platformId": 1, "expiresInHours": hours })).is_empty(), "{hours}");
        }
        for hours in [json!(0), json!(169), json!(1.5), json!("24"), json!(-1), json!(1e300)] {
            let found = problems(json!({ "platformId": 1, "expiresInHours": hours }));
            assert_eq!(found, ["expiresInHours must be an integer from 1 to 168"], "{hours}");
        }
    }

    #[test]
    fn every_documented_country_is_accepted() {
        for country in SESSION_COUNTRIES {
            assert!(problems(json!({ "platformId": 1, "country": country })).is_empty(), "{country}");
        }
    }

    #[test]
    fn test_user_can_be_named_in_receiver_data() {
        let user = |about: Value| {
            let session = new_session(&json!({ "platformId": 1, "receiverData": about }), false).unwrap();
            session.user.map(|user| user.name.as_str())
        };
        assert_eq!(user(json!({ "email": "stuck-ready@anything.example" })), Some("stuck-ready"));
        assert_eq!(user(json!({ "email": 7, "name": "slow" })), Some("slow"));
        assert_eq!(user(json!({ "email": "stuck-ready@gmail.com", "name": "Amara Okafor" })), None);
    }

    #[test]
    fn external_reference_id_is_limited_in_length() {
        assert!(problems(json!({ "platformId": 1, "externalReferenceId": "é".repeat(255) })).is_empty());
        assert_eq!(problems(json!({ "platformId": 1, "externalReferenceId": "e".repeat(256) })).len(), 1);
    }
}
