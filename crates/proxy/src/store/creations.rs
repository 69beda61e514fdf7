//! Idempotency keys. Each belongs to one user and one request body.

use std::fmt;

use cr3dentials_core::time::{Millis, UnixMillis};
use cr3dentials_core::wire::undocumented::EMBED_TOKEN_LIFETIME_SECS;

use super::sessions::number;
use super::{Record, Store, StoreError};

/// Time for which an embed URL is kept for a repeated request. Its token expires then.
const EMBED_URL_RETENTION: Millis = Millis::from_secs(EMBED_TOKEN_LIFETIME_SECS);

/// State of an idempotency key when a request uses it.
pub(crate) enum Creation {
    /// It was unused and is now reserved: send the request.
    New,
    /// It was used with a different body.
    OtherBody,
    /// A request was sent, and its outcome is unknown.
    Unknown,
    /// It created this session. The URL is present while it can still be used.
    Done { session_id: String, embed_url: Option<String> },
}

impl fmt::Debug for Creation {
    /// Omits the embed URL, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("New"),
            Self::OtherBody => f.write_str("OtherBody"),
            Self::Unknown => f.write_str("Unknown"),
            Self::Done { session_id, .. } => f.debug_tuple("Done").field(session_id).finish(),
        }
    }
}

/// A session that was just created.
pub(crate) struct NewSession {
    pub(crate) record: Record,
    pub(crate) embed_url: String,
    pub(crate) webhook_hash: Option<[u8; 32]>,
}

impl fmt::Debug for NewSession {
    /// Omits the embed URL, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession").field("record", &self.record).finish_non_exhaustive()
    }
}

impl Store {
    /// Reserves `key` for `user`. Call it before sending the request.
    pub(crate) async fn begin_creation(
        &self,
        user: &str,
        key: &str,
        body_hash: &[u8; 32],
        now: UnixMillis,
    ) -> Result<Creation, StoreError> {
        let taken = sqlx::query(
            "INSERT INTO creations (user_id, key, body_hash, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(user)
        .bind(key)
        .bind(&body_hash[..])
        .bind(now.0)
        .execute(&self.pool)
        .await?;
        if taken.rows_affected() == 1 {
            return Ok(Creation::New);
        }
        let (hash, session_id, embed_url): (Vec<u8>, Option<String>, Option<String>) =
            sqlx::query_as("SELECT body_hash, session_id, embed_url FROM creations WHERE user_id = ? AND key = ?")
                .bind(user)
                .bind(key)
                .fetch_one(&self.pool)
                .await?;
        Ok(match session_id {
            _ if hash != body_hash => Creation::OtherBody,
            None => Creation::Unknown,
            Some(session_id) => Creation::Done { session_id, embed_url },
        })
    }

    /// Releases `key`, since no session was created.
    pub(crate) async fn abandon_creation(&self, user: &str, key: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM creations WHERE user_id = ? AND key = ? AND session_id IS NULL")
            .bind(user)
            .bind(key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Stores the session that `key` created.
    pub(crate) async fn finish_creation(&self, user: &str, key: &str, new: &NewSession) -> Result<(), StoreError> {
        let Record { session, raw, rev, created_at, updated_at, .. } = &new.record;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO sessions
                 (session_id, user_id, webhook_hash, status, rev, upstream, created_at, updated_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&session.session_id)
        .bind(user)
        .bind(new.webhook_hash.as_ref().map(|hash| &hash[..]))
        .bind(session.status.as_str())
        .bind(number(*rev))
        .bind(raw.to_string())
        .bind(created_at.0)
        .bind(updated_at.0)
        .bind(session.expires_at.map(|at| at.0))
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE creations SET session_id = ?, embed_url = ? WHERE user_id = ? AND key = ?")
            .bind(&session.session_id)
            .bind(&new.embed_url)
            .bind(user)
            .bind(key)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes the embed URL of a session that was opened or has ended.
    pub(crate) async fn delete_embed_url(&self, session_id: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE creations SET embed_url = NULL WHERE session_id = ? AND embed_url IS NOT NULL")
            .bind(session_id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Deletes the embed URLs whose token has expired.
    pub(super) async fn delete_expired_embed_urls(&self, now: UnixMillis) -> Result<(), StoreError> {
        sqlx::query("UPDATE creations SET embed_url = NULL WHERE embed_url IS NOT NULL AND created_at < ?")
            .bind((now - EMBED_URL_RETENTION).0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
