use cr3dentials_core::time::UnixMillis;

use super::{Store, StoreError};

/// Different deliveries kept for one session. A provider sends one, and duplicates of it.
const PER_SESSION: i64 = 16;

/// What a webhook said.
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
    /// Stores a delivery; a repeated one, and one too many, changes nothing.
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
        .bind(PER_SESSION)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The provider was asked at `asked`: what had come in before is dealt with.
    pub(crate) async fn check_deliveries(&self, session_id: &str, asked: UnixMillis) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE deliveries SET checked_at = ?1 WHERE session_id = ?2 AND checked_at IS NULL AND received_at <= ?1",
        )
        .bind(asked.0)
        .bind(session_id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The live sessions with a delivery that nobody has asked the provider about.
    pub(crate) async fn sessions_to_confirm(&self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT DISTINCT session_id FROM deliveries JOIN sessions USING (session_id)
             WHERE checked_at IS NULL AND terminal = 0",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The reference to the attestation that came with the latest delivery that agrees with how the session ended.
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
