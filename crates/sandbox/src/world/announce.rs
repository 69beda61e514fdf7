//! The webhook that announces an end (partner-api section 4), and the digest in it.

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::WebhookDelivery;
use serde_json::{Value, json};

use super::session::{EndKind, Session};
use super::sessions::Seq;
use super::{World, account};

impl World {
    /// Makes the webhook of a session that has ended, when somebody wants it.
    pub(super) fn announce_end(&mut self, seq: Seq, at: UnixMillis) {
        let Some(session) = self.sessions.get(seq) else { return };
        let (Some(end), Some(url)) = (session.end(), &session.webhook_url) else { return };
        let proven = matches!(end.kind, EndKind::Completed { .. });
        let delivery = WebhookDelivery {
            session_id: session.id.clone(),
            status: end.kind.status(),
            platform_id: Some(session.platform.id),
            external_reference_id: session.external_reference_id.clone(),
            extracted_data: end.kind.data().cloned(),
            proof_hash: proven.then(|| proof_hash(session, &end.kind, end.at)),
            completed_at: Some(end.at),
            metadata: Some(json!({ "simulated": true })),
        };
        // Plain data of our own, so this cannot fail.
        let body = serde_json::to_string(&delivery).unwrap_or_default();
        self.webhooks.add(&session.id, url, body, at, self.switches.drop_webhooks);
    }
}

/// The digest of everything that the simulated attestation covers.
fn proof_hash(session: &Session, kind: &EndKind, at: UnixMillis) -> String {
    account::proof_hash(&json!({
        "sessionId": session.id,
        "status": kind.status(),
        "platformId": session.platform.id,
        "extractedData": kind.data().unwrap_or(&Value::Null),
        "completedAt": at,
    }))
}
