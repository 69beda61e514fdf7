//! One proxy for each database.
//!
//! Two would each spend the key's whole request budget, and each would know only half of what happens.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::{StoreError, private};

/// The exclusive right to use a database: a lock on a file beside it. The operating system ends it with the process.
#[derive(Debug)]
pub(super) struct Lease(File);

impl Lease {
    /// Takes the lease of the existing database at `path`, which may be a link to it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when it is taken.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let mut name = OsString::from(path.canonicalize().map_err(StoreError::File)?);
        name.push(".lock");
        let file = private().read(true).write(true).create(true).truncate(false).open(PathBuf::from(name));
        let file = file.map_err(StoreError::File)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
            Err(TryLockError::Error(error)) => Err(StoreError::File(error)),
        }
    }

    /// Ends it before it is dropped.
    pub(super) fn release(&self) {
        // An error cannot be acted on, and dropping the file releases the lock as well.
        let _ = self.0.unlock();
    }
}
