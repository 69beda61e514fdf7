use cr3dentials_core::time::UnixMillis;

use super::sessions::{Row, number};
use super::{Record, Store, StoreError};

/// Filter and range of a list of ended sessions.
#[derive(Clone, Debug)]
pub(crate) struct ResultsQuery {
    /// Only sessions with this status.
    pub(crate) status: Option<String>,
    /// Only sessions that ended then or later.
    pub(crate) since: Option<UnixMillis>,
    /// Only sessions with a higher [`Ended::number`].
    pub(crate) after: u64,
    /// Maximum number of sessions to return.
    pub(crate) limit: u32,
}

/// An ended session with its number in the order of endings.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) number: u64,
    pub(crate) record: Record,
}

impl Store {
    /// Returns the ended sessions, in the order in which the proxy saw them end.
    pub(crate) async fn results(&self, query: &ResultsQuery) -> Result<Vec<Ended>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT * FROM sessions
             WHERE end_number > ?1 AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL OR ended_at >= ?3)
             ORDER BY end_number LIMIT ?4",
        )
        .bind(number(query.after))
        .bind(&query.status)
        .bind(query.since.map(|at| at.0))
        .bind(query.limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let number = row.end_number.unwrap_or_default().unsigned_abs();
                Ok(Ended { number, record: row.try_into()? })
            })
            .collect()
    }
}
