//! What the partner sees of a session: which field is present when (partner-api section 2).

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::{Session as Shown, SessionStatus};

use super::lifecycle::{Pace, Phase};
use super::session::{EndKind, Session};

impl Session {
    /// As the partner sees it, without `embedUrl`.
    ///
    /// Undocumented whether Get and List carry `externalReferenceId`: here they do, when one was given.
    pub(crate) fn show(&self, origin: &str, stream_origin: &str, now: UnixMillis, pace: Pace) -> Shown {
        let end = self.end();
        let (error_code, error_message) = match end.map(|end| &end.kind) {
            Some(EndKind::Failed { code, message }) => (Some((*code).to_owned()), Some((*message).to_owned())),
            _ => (None, None),
        };
        Shown {
            session_id: self.id.clone(),
            status: self.status(),
            progress: self.progress(now, pace),
            embed_url: None,
            stream_url: self.streams().then(|| format!("{stream_origin}/stream/{}", self.id)),
            platform_id: Some(self.platform.id),
            platform: Some(self.platform.summary(origin)),
            expires_at: Some(self.expires_at),
            created_at: Some(self.created_at),
            completed_at: end.map(|end| end.at),
            error_message,
            error_code,
            // Undocumented whether a partial end has an attestation: here it has none.
            has_attestation: matches!(end.map(|end| &end.kind), Some(EndKind::Completed { .. })),
            extracted_data: end.and_then(|end| end.kind.data()).cloned(),
            external_reference_id: self.external_reference_id.clone(),
        }
    }

    /// Undocumented what counts as active: taken to be `READY` to `VERIFYING`.
    fn streams(&self) -> bool {
        let status = match self.status() {
            SessionStatus::Unknown(_) => self.phase().map(Phase::status),
            known => Some(known),
        };
        status.is_some_and(|status| {
            !status.is_terminal() && !matches!(status, SessionStatus::Created | SessionStatus::Initializing)
        })
    }
}
