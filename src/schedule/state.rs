//! What the scheduler remembers from one start to the next, in `schedule.json` beside the runs: written
//! whole, before and after each run, so that nothing is begun twice and nothing is forgotten.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const FILE: &str = "schedule.json";
const SCHEMA: &str = "emc-audit/schedule/1";

/// Of one list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ListState {
    /// Every due time up to here is done or given up; nothing before the list was first seen.
    pub handled: Option<Timestamp>,
    /// A run that was begun and has not ended, as far as anybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<UnderWay>,
    /// The newest run that came to its end: what the next one is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Timestamp>,
    /// How the newest attempt ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_end: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnderWay {
    /// The due time that it is for.
    pub due: Timestamp,
    /// No run of the list that is older belongs to it.
    pub began: Timestamp,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Book {
    schema: String,
    lists: BTreeMap<String, ListState>,
}

/// The file, shared by the tasks of all lists.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    book: Mutex<Book>,
}

impl StateFile {
    /// Reads what is there; nothing is, at the first start.
    ///
    /// # Errors
    /// A file that cannot be read or is of another version is left as it is.
    pub fn open(out: &Path) -> io::Result<Self> {
        let path = out.join(FILE);
        let book = match fs_err::read(&path) {
            Ok(text) => read(&text).map_err(|reason| unreadable(&path, &reason))?,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Book::default(),
            Err(cause) => return Err(cause),
        };
        let book = Mutex::new(book);
        Ok(Self { path, book })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn list(&self, name: &str) -> ListState {
        self.book().lists.get(name).cloned().unwrap_or_default()
    }

    /// Changes what is remembered of a list, on the disk too.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut ListState)) -> io::Result<()> {
        let mut book = self.book();
        change(book.lists.entry(name.to_owned()).or_default());
        SCHEMA.clone_into(&mut book.schema);
        let mut text = serde_json::to_vec_pretty(&*book)?;
        text.push(b'\n');
        write_whole(&self.path, &text)
    }
}

fn read(text: &[u8]) -> Result<Book, String> {
    let book: Book = serde_json::from_slice(text).map_err(|cause| cause.to_string())?;
    if book.schema == SCHEMA {
        Ok(book)
    } else {
        Err(format!("schema {:?}, this program reads {SCHEMA:?}", book.schema))
    }
}

fn unreadable(path: &Path, reason: &str) -> io::Error {
    io::Error::other(format!("{}: {reason}", path.display()))
}

/// Writes beside its place and renames: a reader sees all of it or what was there before.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|cause| cause.error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_written_is_there_at_the_next_start() {
        let out = tempfile::tempdir().unwrap();
        let moment: Timestamp = "2026-11-26T18:00:00Z".parse().unwrap();
        let state = StateFile::open(out.path()).unwrap();
        assert_eq!(state.list("tinh"), ListState::default());
        state
            .change("tinh", |list| {
                list.handled = Some(moment);
                list.under_way = Some(UnderWay {
                    due: moment,
                    began: moment,
                });
            })
            .unwrap();
        let again = StateFile::open(out.path()).unwrap();
        assert_eq!(again.list("tinh").under_way.unwrap().due, moment);
        assert_eq!(
            fs_err::read_dir(out.path()).unwrap().count(),
            1,
            "nothing half is left"
        );
    }

    #[test]
    fn a_file_of_another_version_is_refused_and_left_alone() {
        let out = tempfile::tempdir().unwrap();
        let path = out.path().join(FILE);
        for text in ["{\"schema\":\"emc-audit/schedule/9\",\"lists\":{}}", "{", ""] {
            fs_err::write(&path, text).unwrap();
            assert!(StateFile::open(out.path()).is_err(), "{text}");
            assert_eq!(fs_err::read_to_string(&path).unwrap(), text);
        }
    }
}
