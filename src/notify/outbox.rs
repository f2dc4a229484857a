//! Messages that have not arrived yet: a file for each, beside the runs, so that one outlives a restart. Only
//! the scheduler of the folder touches them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channels::ChannelKind;
use super::message::Message;
use crate::schedule::write_whole;

const FOLDER: &str = "outbox";
/// Older news is none.
const AGE_MAX: Duration = Duration::from_hours(72);
const ATTEMPTS_MAX: u32 = 60;
const PAUSE_MIN: Duration = Duration::from_secs(2);
const PAUSE_MAX: Duration = Duration::from_hours(2);
/// A server that is down for weeks must not fill the disk.
const ENTRIES_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub channel: ChannelKind,
    pub message: Message,
    pub attempts: u32,
    pub since: Timestamp,
    /// The next attempt is not before.
    pub next: Timestamp,
}

#[derive(Debug)]
pub(super) struct Outbox {
    folder: PathBuf,
}

/// What stands in the folder.
pub(super) enum Found {
    Entry(PathBuf, Box<Entry>),
    /// A file that no version of this program wrote.
    Unreadable(PathBuf),
}

impl Outbox {
    pub fn open(out: &Path) -> io::Result<Self> {
        let folder = out.join(FOLDER);
        fs_err::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Keeps a message until it has arrived; whether there was room for it.
    pub fn put(&self, channel: ChannelKind, message: Message, now: Timestamp) -> io::Result<bool> {
        if self.files()?.len() >= ENTRIES_MAX {
            return Ok(false);
        }
        let path = self
            .folder
            .join(format!("{}.{}.json", message.id, channel.as_str()));
        let entry = Entry {
            channel,
            message,
            attempts: 0,
            since: now,
            next: now,
        };
        write(&path, &entry)?;
        Ok(true)
    }

    /// All of them, oldest first as far as their names tell.
    pub fn found(&self) -> io::Result<Vec<Found>> {
        let read = |path: PathBuf| match fs_err::read(&path).map(|text| serde_json::from_slice(&text)) {
            Ok(Ok(entry)) => Found::Entry(path, Box::new(entry)),
            _ => Found::Unreadable(path),
        };
        Ok(self.files()?.into_iter().map(read).collect())
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs_err::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

pub(super) fn write(path: &Path, entry: &Entry) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(entry)?;
    write_whole(path, &text)
}

impl Entry {
    /// After an attempt that failed: waits longer each time. Whether it is worth another one.
    pub fn put_off(&mut self, now: Timestamp) -> bool {
        self.attempts += 1;
        let pause = PAUSE_MIN
            .saturating_mul(1 << self.attempts.min(16).saturating_sub(1))
            .min(PAUSE_MAX);
        self.next = now.saturating_add(pause).unwrap_or(now);
        let age = Duration::try_from(now.duration_since(self.since)).unwrap_or_default();
        self.attempts < ATTEMPTS_MAX && age < AGE_MAX
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::message::MessageFacts;
    use super::*;
    use crate::language::Language;

    fn message(at: Timestamp) -> Message {
        Message::test(MessageFacts {
            list: "tinh",
            at,
            base_url: None,
            language: Language::Vietnamese,
        })
    }

    #[test]
    fn what_was_put_in_is_there_after_a_restart() {
        let out = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-26T18:00:00Z".parse().unwrap();
        let outbox = Outbox::open(out.path()).unwrap();
        for channel in ChannelKind::ALL {
            assert!(outbox.put(channel, message(now), now).unwrap());
        }
        fs_err::write(out.path().join("outbox/strange.json"), "{").unwrap();
        let found = Outbox::open(out.path()).unwrap().found().unwrap();
        let readable = found.iter().filter(|found| matches!(found, Found::Entry(..)));
        assert_eq!((found.len(), readable.count()), (3, 2));
    }

    #[test]
    fn attempts_grow_rare_and_end() {
        let out = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-26T18:00:00Z".parse().unwrap();
        let outbox = Outbox::open(out.path()).unwrap();
        outbox.put(ChannelKind::Mail, message(now), now).unwrap();
        let Found::Entry(_, mut entry) = outbox.found().unwrap().remove(0) else {
            panic!("it is readable");
        };
        let (mut at, mut attempts, mut pauses) = (now, 0, Vec::new());
        while entry.put_off(at) {
            attempts += 1;
            pauses.push(entry.next.duration_since(at).as_secs());
            at = entry.next;
        }
        assert_eq!(pauses[..3], [2, 4, 8]);
        assert!(pauses.iter().all(|pause| *pause <= 7200) && pauses.is_sorted());
        assert!((20..60).contains(&attempts), "{attempts}");
        let age = at.duration_since(now).as_hours();
        assert!((72..75).contains(&age), "{age} h");
    }
}
