//! Persistent state in an SQLite file. All SQL is in this module.

mod creations;
mod deliveries;
mod error;
mod lease;
mod migrations;
mod results;
mod sessions;

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cr3dentials_core::time::{Millis, UnixMillis};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub(crate) use creations::{Creation, NewSession};
pub(crate) use deliveries::Delivery;
pub use error::StoreError;
use lease::Lease;
pub(crate) use results::ResultsQuery;
pub(crate) use sessions::Record;

/// Retention of idempotency keys and of confirmed deliveries: longer than the longest session.
const RETENTION: Millis = Millis::from_secs(8 * 24 * 3600);

/// The proxy's database. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
    lease: Arc<Lease>,
}

impl Store {
    /// Opens the file at `path` and migrates its tables. Creates it if absent, readable by its owner only.
    ///
    /// # Errors
    /// Returns [`StoreError::InUse`] while another store has the file open, and other errors if the file cannot be
    /// opened or migrated.
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(StoreError::File)?;
        let lease = Lease::take(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged webhook must survive a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        migrations::migrator().run(&pool).await?;
        Ok(Self { pool, lease: Arc::new(lease) })
    }

    /// Returns the value of a setting. Stores `new` at the first call, and returns the stored value from then on.
    pub(crate) async fn setting_or(&self, name: &str, new: &str) -> Result<String, StoreError> {
        sqlx::query("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(new)
            .execute(&self.pool)
            .await?;
        Ok(sqlx::query_scalar("SELECT value FROM settings WHERE name = ?").bind(name).fetch_one(&self.pool).await?)
    }

    /// Returns an error if the database does not respond.
    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Deletes expired embed URLs, idempotency keys and deliveries.
    pub(crate) async fn delete_expired(&self, now: UnixMillis) -> Result<(), StoreError> {
        self.delete_expired_embed_urls(now).await?;
        let before = now - RETENTION;
        for statement in [
            "DELETE FROM creations WHERE created_at < ?",
            "DELETE FROM deliveries WHERE checked_at IS NOT NULL AND proof_hash IS NULL AND received_at < ?",
        ] {
            sqlx::query(statement).bind(before.0).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Flushes all writes and closes the file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
        self.lease.release();
    }
}

/// Creates the file, readable by its owner only. SQLite creates its side files with the permissions of the main file.
fn make_private(path: &Path) -> std::io::Result<()> {
    match private().write(true).create_new(true).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Returns options that create a file readable by its owner only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
