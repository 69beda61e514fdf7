//! Conversion of provider data to what browsers may see: an allow-list, field by field.

use cr3dentials_core::contract::{PlatformView, SessionPlatform, SessionView};
use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Platform, Session};
use serde_json::Value;

/// Fields that never change and that some responses omit. The stored value is kept in that case.
pub(crate) const LASTING: [&str; 5] = ["platformId", "platform", "expiresAt", "createdAt", "externalReferenceId"];

/// Fields that hold short-lived credentials. Never stored.
const CREDENTIALS: [&str; 2] = ["embedUrl", "streamUrl"];

/// Returns the part of `session` that browsers may see.
pub(crate) fn session_view(
    session: &Session,
    rev: u64,
    error_messages: bool,
    server_time: Option<UnixMillis>,
) -> SessionView {
    SessionView {
        session_id: session.session_id.clone(),
        status: session.status.clone(),
        progress: session.progress,
        platform_id: session.platform_id,
        platform: session.platform.as_ref().map(|platform| SessionPlatform {
            id: platform.id,
            name: platform.name.clone(),
            display_name: platform.display_name.clone(),
            icon: platform.icon.as_ref().map(|_| icon_path(platform.id)),
        }),
        expires_at: session.expires_at,
        created_at: session.created_at,
        completed_at: session.completed_at,
        error_code: session.error_code.clone(),
        error_message: session.error_message.clone().filter(|_| error_messages),
        has_attestation: session.has_attestation,
        rev,
        server_time,
    }
}

/// Returns true if browsers would see a difference between the two.
pub(crate) fn looks_different(old: &Session, new: &Session, error_messages: bool) -> bool {
    session_view(old, 0, error_messages, None) != session_view(new, 0, error_messages, None)
}

/// Returns the part of a platform that browsers may see.
pub(crate) fn platform_view(platform: &Platform) -> PlatformView {
    PlatformView {
        id: platform.id,
        name: platform.name.clone(),
        display_name: platform.display_name.clone(),
        description: platform.description.clone(),
        icon: platform.icon.as_ref().map(|_| icon_path(platform.id)),
        is_active: platform.is_active,
    }
}

/// Returns the session JSON to store when the provider returns `new` and `old` is stored.
pub(crate) fn merge(old: &Value, mut new: Value) -> Value {
    if let Value::Object(fields) = &mut new {
        for name in CREDENTIALS {
            fields.remove(name);
        }
        for name in LASTING {
            let known = old.get(name).filter(|value| !value.is_null());
            if let (Some(known), true) = (known, fields.get(name).is_none_or(Value::is_null)) {
                fields.insert(name.to_owned(), known.clone());
            }
        }
    }
    new
}

fn icon_path(platform: u64) -> String {
    format!("platforms/{platform}/icon")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn omitted_fields_are_kept_and_credentials_removed() {
        let old = json!({"sessionId": "a", "platformId": 1, "expiresAt": "2026-01-31T09:05:00.000Z"});
        let new = json!({"sessionId": "a", "platformId": null, "embedUrl": "https://e", "streamUrl": "wss://s"});
        assert_eq!(
            merge(&old, new),
            json!({"sessionId": "a", "platformId": 1, "expiresAt": "2026-01-31T09:05:00.000Z"})
        );
    }

    #[test]
    fn browsers_see_only_allowed_fields() {
        let session: Session = serde_json::from_value(json!({
            "sessionId": "a", "status": "COMPLETED", "progress": 100, "embedUrl": "MARK", "streamUrl": "MARK",
            "platform": {"id": 1, "name": "uber", "displayName": "Uber", "icon": "MARK", "loginUrl": "MARK"},
            "extractedData": {"a": "MARK"}, "errorMessage": "MARK", "externalReferenceId": "MARK", "other": "MARK",
        }))
        .unwrap();
        let view = serde_json::to_string(&session_view(&session, 1, false, None)).unwrap();
        assert!(!view.contains("MARK"), "{view}");
        assert!(view.contains(r#""icon":"platforms/1/icon""#), "{view}");
    }

    #[test]
    fn changes_of_hidden_fields_are_not_visible() {
        let session: Session = serde_json::from_value(json!({"sessionId": "a", "status": "RUNNING"})).unwrap();
        let hidden = Session { extracted_data: Some(json!({})), stream_url: Some("x".into()), ..session.clone() };
        assert!(!looks_different(&session, &hidden, false));
        assert!(looks_different(&session, &Session { progress: 3, ..session.clone() }, false));
        let failed = Session { error_message: Some("x".into()), ..session.clone() };
        assert!(!looks_different(&session, &failed, false) && looks_different(&session, &failed, true));
    }
}
