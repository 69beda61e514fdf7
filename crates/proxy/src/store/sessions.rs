use cr3dentials_core::time::UnixMillis;
use cr3dentials_core::wire::Session;
use serde_json::Value;

use super::{Store, StoreError};

/// A stored session.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Id of the user who started it.
    pub(crate) user: String,
    /// The provider's last response, parsed.
    pub(crate) session: Session,
    /// The provider's last response as received, without its URLs.
    pub(crate) raw: Value,
    /// Number of changes visible to browsers.
    pub(crate) rev: u64,
    /// Time when the proxy created it.
    pub(crate) created_at: UnixMillis,
    /// Time when the provider's response last changed.
    pub(crate) updated_at: UnixMillis,
    /// Time when the proxy saw that it had ended.
    pub(crate) ended_at: Option<UnixMillis>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    user_id: String,
    upstream: String,
    rev: i64,
    created_at: i64,
    updated_at: i64,
    ended_at: Option<i64>,
    pub(super) end_number: Option<i64>,
}

impl TryFrom<Row> for Record {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let raw: Value = serde_json::from_str(&row.upstream)?;
        Ok(Self {
            user: row.user_id,
            session: serde_json::from_value(raw.clone())?,
            raw,
            rev: row.rev.unsigned_abs(),
            created_at: UnixMillis(row.created_at),
            updated_at: UnixMillis(row.updated_at),
            ended_at: row.ended_at.map(UnixMillis),
        })
    }
}

impl Store {
    /// Returns the session with this id.
    pub(crate) async fn session(&self, id: &str) -> Result<Option<Record>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as("SELECT * FROM sessions WHERE session_id = ?").bind(id).fetch_optional(&self.pool).await?;
        row.map(Record::try_from).transpose()
    }

    /// Returns all sessions that have not ended. Skips and logs those that cannot be read.
    pub(crate) async fn unfinished_sessions(&self) -> Result<Vec<Record>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM sessions WHERE terminal = 0").fetch_all(&self.pool).await?;
        let read = |row| {
            Record::try_from(row)
                .inspect_err(|error| tracing::error!(%error, "skipped a stored session that cannot be read"))
        };
        Ok(rows.into_iter().filter_map(|row| read(row).ok()).collect())
    }

    /// Stores the new state of a session. Returns false, without a change, if the stored session has already ended.
    pub(crate) async fn update_session(&self, record: &Record) -> Result<bool, StoreError> {
        let terminal = record.session.status.is_terminal();
        let done = sqlx::query(
            "UPDATE sessions SET status = ?1, terminal = ?2, rev = ?3, upstream = ?4, updated_at = ?5, expires_at = ?6,
                 ended_at = ?7,
                 end_number = CASE WHEN ?2 THEN (SELECT COALESCE(MAX(end_number), 0) + 1 FROM sessions) END
             WHERE session_id = ?8 AND terminal = 0",
        )
        .bind(record.session.status.as_str())
        .bind(terminal)
        .bind(number(record.rev))
        .bind(record.raw.to_string())
        .bind(record.updated_at.0)
        .bind(record.session.expires_at.map(|at| at.0))
        .bind(record.ended_at.map(|at| at.0))
        .bind(&record.session.session_id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Returns the id of the session whose webhook secret has this hash.
    pub(crate) async fn session_of_webhook(&self, hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT session_id FROM sessions WHERE webhook_hash = ?")
            .bind(&hash[..])
            .fetch_optional(&self.pool)
            .await?)
    }
}

/// Converts a count to SQLite's integer type.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
