use cr3dentials_core::time::UnixMillis;

use super::{Store, StoreError};

/// Maximum number of different deliveries stored for one session. The provider sends one, and duplicates of it.
const MAX_PER_SESSION: i64 = 16;

/// Contents of a webhook delivery that are stored.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) session_id: String,
    pub(crate) body_hash: [u8; 32],
    pub(crate) status: String,
    pub(crate) proof_hash: Option<String>,
    pub(crate) completed_at: Option<UnixMillis>,
    pub(crate) received_at: UnixMillis,
}

impl Store {
    /// Stores a delivery. Ignores a repeated one, and those above the limit for one session.
    pub(crate) async fn add_delivery(&self, delivery: &Delivery) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO deliveries (session_id, body_hash, status, proof_hash, completed_at, received_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6
             WHERE (SELECT COUNT(*) FROM deliveries WHERE session_id = ?1) < ?7
             ON CONFLICT DO NOTHING",
        )
        .bind(&delivery.session_id)
        .bind(&delivery.body_hash[..])
        .bind(&delivery.status)
        .bind(&delivery.proof_hash)
        .bind(delivery.completed_at.map(|at| at.0))
        .bind(delivery.received_at.0)
        .bind(MAX_PER_SESSION)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Marks the deliveries received up to `requested_at`, the time of the request to the provider, as confirmed.
    pub(crate) async fn confirm_deliveries(
        &self,
        session_id: &str,
        requested_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE deliveries SET checked_at = ?1 WHERE session_id = ?2 AND checked_at IS NULL AND received_at <= ?1",
        )
        .bind(requested_at.0)
        .bind(session_id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Returns the sessions that have not ended and have a delivery not yet confirmed with the provider.
    pub(crate) async fn sessions_to_confirm(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT DISTINCT session_id FROM deliveries JOIN sessions USING (session_id)
             WHERE checked_at IS NULL AND terminal = 0",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Returns the reference to the attestation from the latest delivery whose status is the session's final status.
    pub(crate) async fn proof_hash(&self, session_id: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT proof_hash FROM deliveries JOIN sessions USING (session_id, status)
             WHERE session_id = ? AND terminal = 1 AND proof_hash IS NOT NULL ORDER BY id DESC LIMIT 1",
        )
        .bind(session_id)
        .fetch_optional(&self.pool)
        .await?)
    }
}
