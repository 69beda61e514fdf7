//! Conversion of provider data to what browsers may see: an allow-list, field by field.

use cr3dentials_core::contract::{PlatformView, SessionPlatform, SessionView};
use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Platform, Session};

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

fn icon_path(platform: u64) -> String {
    format!("platforms/{platform}/icon")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
