//! Representation of a session in the API, and which fields are present when (docs/partner-api.md section 2).

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Session as Shown, SessionStatus};
use serde_json::{Value, json};

use crate::world::session::{EndKind, Pace, Phase, Session};
use crate::world::settings::Settings;
use crate::world::switches::{ListItems, StreamUrlWhile};

impl Session {
    /// Returns the session as Get shows it.
    pub(crate) fn show(&self, embed_url: Option<String>, settings: &Settings, now: UnixMillis) -> Value {
        let mut shown = self.shown(settings, now);
        shown.embed_url = embed_url;
        if !settings.switches.reference_in_get {
            shown.external_reference_id = None;
        }
        to_value(&shown, settings)
    }

    /// Returns the session as List shows it.
    pub(crate) fn show_in_list(&self, settings: &Settings, now: UnixMillis) -> Value {
        if settings.switches.list_items == ListItems::Bare {
            return json!({ "sessionId": self.id, "status": self.status() });
        }
        let mut shown = self.shown(settings, now);
        if settings.switches.embed_url_in_list {
            shown.embed_url = Some(self.embed_url(self.page.tokens.first(), settings));
        }
        if !settings.switches.reference_in_list {
            shown.external_reference_id = None;
        }
        to_value(&shown, settings)
    }

    fn shown(&self, settings: &Settings, now: UnixMillis) -> Shown {
        let end = self.end();
        let (error_code, error_message) = match end.map(|end| &end.kind) {
            Some(EndKind::Failed { code, message }) => (code.map(str::to_owned), Some((*message).to_owned())),
            _ => (None, None),
        };
        Shown {
            session_id: self.id.clone(),
            status: self.status(),
            progress: self.progress(now, Pace::new(settings.speed)),
            embed_url: None,
            stream_url: self.streams(settings.switches.stream_url_while).then(|| self.stream_url(settings)),
            platform_id: Some(self.platform.id),
            platform: Some(self.platform.summary(&settings.origin)),
            expires_at: Some(self.expires_at),
            created_at: Some(self.created_at),
            completed_at: end.map(|end| end.at),
            error_message,
            error_code,
            has_attestation: end.is_some_and(|end| end.kind.is_proven(settings.switches.partial_attestation)),
            extracted_data: end.and_then(|end| end.kind.data()).cloned(),
            external_reference_id: self.external_reference_id.clone(),
        }
    }

    /// Returns true if the session has a `streamUrl`. The provider does not define "active"; a switch decides.
    fn streams(&self, active: StreamUrlWhile) -> bool {
        let status = match self.status() {
            SessionStatus::Unknown(_) => self.phase().map(Phase::status),
            known => Some(known),
        };
        use SessionStatus::{Created, Initializing, Ready};
        status.is_some_and(|status| match (status.is_terminal(), status, active) {
            (true, ..) => false,
            (_, _, StreamUrlWhile::Live) => true,
            (_, Created | Initializing, _) | (_, Ready, StreamUrlWhile::ConnectedToVerifying) => false,
            _ => true,
        })
    }
}

fn to_value(shown: &Shown, settings: &Settings) -> Value {
    let mut value = json!(shown);
    if let (Some(fields), false) = (value.as_object_mut(), settings.switches.null_fields_present) {
        fields.retain(|_, field| !field.is_null());
    }
    value
}
