//! The migrations of the database.

use std::borrow::Cow;

use sqlx::migrate::Migrator;

/// SHA-384 of `0001_sessions.sql` before its comments were reworded.
const FIRST_CHECKSUM: [u8; 48] = [
    0xad, 0x45, 0xc2, 0x9c, 0x54, 0x09, 0x0b, 0x30, 0xc4, 0x34, 0x25, 0xa5, 0x4f, 0x32, 0x31, 0x5e, 0x11, 0xe6, 0xd2,
    0x2a, 0x52, 0x1d, 0x26, 0x85, 0x57, 0x11, 0x85, 0x9b, 0x07, 0x8e, 0x4c, 0x9a, 0x3d, 0x90, 0x4a, 0x25, 0x77, 0x56,
    0x13, 0xbb, 0x6a, 0xd6, 0xc2, 0xe2, 0x83, 0x12, 0xf8, 0xcf,
];

/// Returns the migrations, the first one with its original checksum.
///
/// sqlx refuses a database if the checksum of an applied migration differs. Only comments of the first migration have
/// changed since databases were created with it, and those databases must still open.
pub(super) fn migrator() -> Migrator {
    let migrations = sqlx::migrate!("./migrations").iter().cloned().map(|mut migration| {
        if migration.version == 1 {
            migration.checksum = Cow::Borrowed(&FIRST_CHECKSUM);
        }
        migration
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use crate::secret::sha256;

    #[test]
    fn the_statements_of_the_first_migration_never_change() {
        let text = include_str!("../../migrations/0001_sessions.sql");
        let statements: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
        let hash = URL_SAFE_NO_PAD.encode(sha256(statements.join("\n").as_bytes()));
        assert_eq!(hash, "iO2GhPQpN5oNmmCaSGuYH_7TQ8mfnh1f2_CjRz5XA9g", "add a new migration instead");
    }
}
