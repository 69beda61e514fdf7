//! Exclusive use of a database by one proxy.
//!
//! Two proxies would each spend the key's whole request budget, and each would see only part of the events.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::{StoreError, private};

/// Exclusive right to use a database: a lock on a file next to it. The operating system releases it with the process.
#[derive(Debug)]
pub(super) struct Lease(File);

impl Lease {
    /// Acquires the lease of the existing database at `path`, which may be a symbolic link.
    ///
    /// # Errors
    /// Returns [`StoreError::InUse`] if another proxy holds it.
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

    /// Releases the lease before it is dropped.
    pub(super) fn release(&self) {
        // Ignored: dropping the file also releases the lock.
        let _ = self.0.unlock();
    }
}
