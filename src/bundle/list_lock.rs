//! One run of a list at a time, whoever starts it: by hand, on the page of reviewers, by a timetable.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::manifest::hex;
use super::run_folder::{RunFolder, StoreError};
use super::run_record::{RunKind, RunRecord};

/// Which list a run is of: made from the real path of its file, which it does not give away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListKey(String);

/// The right to audit a list; the system takes it back when its holder ends, however that happens.
#[derive(Debug)]
pub struct ListLock {
    _held: std::fs::File,
}

impl ListKey {
    /// # Errors
    /// When there is no such file.
    pub fn of(list: &Path) -> io::Result<Self> {
        use std::os::unix::ffi::OsStrExt;
        let path = fs_err::canonicalize(list)?;
        let sum = Sha256::digest(path.as_os_str().as_bytes());
        Ok(Self(hex(&sum[..8])))
    }

    /// Sixteen hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The file stays when its holder is done: somebody may wait for it.
    fn file(&self, out: &Path) -> io::Result<std::fs::File> {
        Ok(fs_err::File::create(self.path(out))?.into_file())
    }

    fn path(&self, out: &Path) -> PathBuf {
        out.join(format!(".list-{}.lock", self.0))
    }

    /// Takes the list.
    ///
    /// # Errors
    /// [`StoreError::ListBusy`] where a run of it goes on.
    pub fn lock(&self, out: &Path) -> Result<ListLock, StoreError> {
        let file = self.file(out)?;
        match file.try_lock() {
            Ok(()) => Ok(ListLock { _held: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::ListBusy),
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Blocks until no run of the list goes on.
    pub fn wait_until_free(&self, out: &Path) -> io::Result<()> {
        self.file(out)?.lock()
    }

    /// The newest whole run of the list that began at `since` or later, in whatever state it is.
    pub fn newest_run(&self, out: &Path, since: jiff::Timestamp) -> Option<(RunFolder, RunRecord)> {
        let entries = fs_err::read_dir(out.join("runs")).ok()?.flatten();
        let runs = entries.filter_map(|entry| RunFolder::open(&entry.path()).ok());
        let began = |record: &RunRecord| record.started.parse::<jiff::Timestamp>().ok();
        let of_list = runs.filter(|(_, record)| {
            record.kind == RunKind::Full
                && record.list.as_ref() == Some(self)
                && began(record).is_some_and(|began| began >= since)
        });
        of_list.max_by_key(|(_, record)| began(record))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_list_is_one_list_by_whatever_path_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("a.csv");
        let other = folder.path().join("b.csv");
        fs_err::write(&list, "").unwrap();
        fs_err::write(&other, "").unwrap();
        let key = ListKey::of(&list).unwrap();
        assert_eq!(ListKey::of(&folder.path().join("./a.csv")).unwrap(), key);
        assert_ne!(ListKey::of(&other).unwrap(), key);

        let held = key.lock(folder.path()).unwrap();
        assert!(matches!(key.lock(folder.path()), Err(StoreError::ListBusy)));
        assert!(ListKey::of(&other).unwrap().lock(folder.path()).is_ok());
        drop(held);
        key.wait_until_free(folder.path()).unwrap();
        assert!(key.lock(folder.path()).is_ok());
    }
}
