//! Webhooks: the body for an ended session, delivery with retries, and URL validation (docs/partner-api.md section 4).

mod queue;
mod url;

use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::WebhookDelivery;
use serde_json::{Value, json};

pub use queue::Outgoing;
pub(crate) use queue::{LogLine, WebhookQueue};
pub(crate) use url::check as check_url;

use queue::NewWebhook;

use super::World;
use super::fault::Target;
use super::session::{End, Seq, Session, proof_hash};

impl World {
    /// Queues the webhook of a session that has ended, if a URL is configured for it.
    pub(super) fn queue_webhook(&mut self, seq: Seq, at: UnixMillis) {
        let Some(session) = self.sessions.get(seq) else { return };
        let (Some(end), Some(webhook)) = (session.end(), &session.webhook) else { return };
        let proven = end.kind.is_proven(self.settings.switches.partial_attestation);
        let delivery = WebhookDelivery {
            session_id: session.id.clone(),
            status: end.kind.status(),
            platform_id: Some(session.platform.id),
            external_reference_id: session.external_reference_id.clone(),
            extracted_data: end.kind.data().cloned(),
            proof_hash: proven.then(|| proof_hash(&attested(session, end))),
            completed_at: Some(end.at),
            metadata: Some(json!({ "simulated": true })),
        };
        // Plain data, so this cannot fail.
        let body = serde_json::to_string(&delivery).unwrap_or_default();
        let with_header = !webhook.own || self.settings.switches.webhook_header_on_session_url;
        let faults = self.faults.sample(Target::Webhook);
        self.webhooks.add(NewWebhook { session_id: &session.id, url: &webhook.url, body, with_header }, at, &faults);
    }
}

/// Returns the data that the simulated attestation covers.
fn attested(session: &Session, end: &End) -> Value {
    json!({
        "sessionId": session.id,
        "status": end.kind.status(),
        "platformId": session.platform.id,
        "extractedData": end.kind.data(),
        "completedAt": end.at,
    })
}
