use std::fmt;

/// Error of the database.
#[derive(Debug)]
pub enum StoreError {
    /// The file cannot be created or opened.
    File(std::io::Error),
    /// Another proxy has the file open, in this process or in another one.
    InUse,
    /// SQLite returned an error.
    Database(sqlx::Error),
    /// The migration failed: the file was written by a later version or by another program.
    Migration(sqlx::migrate::MigrateError),
    /// A row holds data that this version cannot read.
    Corrupt(serde_json::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "the database file cannot be opened",
            Self::InUse => "another proxy uses this database; stop it first, or set another `database`",
            Self::Database(_) => "the database returned an error",
            Self::Migration(_) => "the database cannot be migrated; it may be from a later version",
            Self::Corrupt(_) => "the database holds a row that cannot be read",
        })
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match self {
            Self::InUse => return None,
            Self::File(error) => error,
            Self::Database(error) => error,
            Self::Migration(error) => error,
            Self::Corrupt(error) => error,
        })
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(error)
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error)
    }
}
