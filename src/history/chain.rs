//! The chain of the connection log. Each line is one JSON object, and `previous` in it is the SHA-256 of the
//! bytes of the line before, without its line end: anybody can compute it with `sha256sum`. Pure.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Written into every line.
pub(super) const SCHEMA: &str = "emc-audit/log/1";
/// `previous` of the very first line.
pub(super) const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    pub schema: String,
    /// From 1 on, without a gap.
    pub sequence: u64,
    pub previous: String,
    /// When the line was written; RFC 3339, UTC.
    pub logged: String,
    #[serde(flatten)]
    pub event: LogEvent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogEvent {
    Visit(LoggedVisit),
    /// Visits of a run were removed because their time was over.
    Removed(LoggedRemoval),
    /// The oldest lines of the log itself were.
    LinesRemoved(LinesRemoved),
}

/// Evidence that was removed from one run. What it was stands in tombstones, which the run's list covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedRemoval {
    pub run: String,
    /// When; RFC 3339, UTC.
    pub at: String,
    pub sites: u64,
    pub visits: u64,
    pub files: u64,
    pub bytes: u64,
    /// The run's list from before, under its new name, and the SHA-256 of the list from after.
    pub listed_in: String,
    pub manifest: String,
}

/// The beginning of the log was removed: the line that comes first now carries `hash` as its `previous`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesRemoved {
    /// The first and the last of them.
    pub from: u64,
    pub through: u64,
    /// The sum of the last one.
    pub hash: String,
    /// When the last one was written; RFC 3339, UTC.
    pub logged_until: String,
    /// For how many days lines are kept.
    pub log_days: u64,
}

/// What one visit saw of the connection to EMC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedVisit {
    pub run: String,
    pub site: String,
    pub visit: u32,
    /// When the visit began.
    pub at: String,
    pub engine: String,
    /// Where it ended, and what was answered there.
    pub address: Option<String>,
    pub status: Option<u16>,
    /// EMC's script, if it was asked for.
    pub script: Option<LoggedRequest>,
    /// The call of the tracker that went best, if there was any.
    pub call: Option<LoggedRequest>,
    pub calls: usize,
    pub site_ids: Vec<String>,
    pub result: LogResult,
    /// SHA-256 of the bag's `tagmanifest-sha256.txt`, which covers everything in the bag.
    pub bag: String,
}

/// A request without its query, which can be long and is kept in the bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedRequest {
    pub url: String,
    pub status: Option<u16>,
    pub failure: Option<String>,
    pub answered_here: bool,
}

/// How far the connection came in this visit. No verdict: that takes the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogResult {
    /// The tracker was called and answered.
    Called,
    /// It was called, and no good answer is known.
    CallUnanswered,
    /// The script came, and no call was made.
    ScriptOnly,
    ScriptFailed,
    NoScript,
    /// The site gave no page.
    NoPage,
}

impl LogResult {
    /// The word of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::CallUnanswered => "call_unanswered",
            Self::ScriptOnly => "script_only",
            Self::ScriptFailed => "script_failed",
            Self::NoScript => "no_script",
            Self::NoPage => "no_page",
        }
    }
}

/// How far a log went at some moment, and the sum of its last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    pub count: u64,
    pub hash: String,
}

impl LogHead {
    /// Of a log without lines.
    pub(super) fn empty() -> Self {
        Self {
            count: 0,
            hash: FIRST.to_owned(),
        }
    }
}

/// One thing that is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum LogProblem {
    /// The line is not the one that was written.
    Changed { sequence: u64 },
    /// Lines are gone.
    Removed { from: u64, to: u64 },
    /// A line stands there that does not belong.
    Inserted { after: u64 },
    /// The end is gone: a run remembers more lines.
    Cut { from: u64, to: u64, run: String },
    /// A run remembers another line: the log was written anew.
    Rewritten { sequence: u64, run: String },
}

/// What a check of the log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogReport {
    pub sound: bool,
    pub lines: u64,
    /// The first and the last line that are there.
    pub first: u64,
    pub last: u64,
    /// What was removed before the first, as the log itself says.
    pub lines_removed: Option<LinesRemoved>,
    pub hash: String,
    /// Heads that runs remember and that were compared.
    pub heads: usize,
    pub problems: Vec<LogProblem>,
}

/// The SHA-256 of a line, in hexadecimal.
pub(super) fn sum_of(line: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(line).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Goes along a log line by line.
#[derive(Debug)]
pub(super) struct Walk {
    /// The line before: its number and its sum.
    last: LogHead,
    first: Option<(u64, String)>,
    lines: u64,
    last_was_changed: bool,
    /// Sums by number, for the heads.
    sums: Vec<(u64, String)>,
    lines_removed: Vec<LinesRemoved>,
    problems: Vec<LogProblem>,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self {
            last: LogHead::empty(),
            first: None,
            lines: 0,
            last_was_changed: false,
            sums: Vec::new(),
            lines_removed: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The next line, with the sum that was kept beside it, if one was.
    pub(super) fn step(&mut self, line: &str, kept: Option<&str>) {
        self.lines += 1;
        let sum = sum_of(line);
        let entry = serde_json::from_str::<LogEntry>(line)
            .ok()
            .filter(|entry| entry.schema == SCHEMA);
        let changed_itself = kept.is_some_and(|kept| kept != sum);
        let Some(entry) = entry else {
            self.changed(self.last.count + 1);
            let kept = kept.map_or(sum, str::to_owned);
            self.go_on(self.last.count + 1, kept, true);
            return;
        };
        let sequence = entry.sequence;
        if self.first.is_none() {
            self.first = Some((sequence, entry.previous.clone()));
        } else if sequence <= self.last.count {
            self.problems.push(LogProblem::Inserted {
                after: self.last.count,
            });
            return;
        } else if sequence > self.last.count + 1 {
            self.problems.push(LogProblem::Removed {
                from: self.last.count + 1,
                to: sequence - 1,
            });
        } else if entry.previous != self.last.hash && !self.last_was_changed && !changed_itself {
            // Without sums beside the lines, the line after a changed one is what tells.
            self.changed(if kept.is_some() { sequence } else { self.last.count });
        }
        if changed_itself {
            self.changed(sequence);
        } else if let LogEvent::LinesRemoved(removed) = entry.event {
            self.lines_removed.push(removed);
        }
        let carried = if changed_itself {
            kept.map_or(sum, str::to_owned)
        } else {
            sum
        };
        self.go_on(sequence, carried, changed_itself);
    }

    fn changed(&mut self, sequence: u64) {
        self.problems.push(LogProblem::Changed { sequence });
    }

    fn go_on(&mut self, sequence: u64, hash: String, changed: bool) {
        self.sums.push((sequence, hash.clone()));
        self.last = LogHead {
            count: sequence,
            hash,
        };
        self.last_was_changed = changed;
    }

    /// Compares the end with what runs remember.
    pub(super) fn end(mut self, heads: &[(String, LogHead)]) -> LogReport {
        let first = self.first.as_ref().map_or(0, |(sequence, _)| *sequence);
        let lines_removed = self.check_beginning();
        for (run, head) in heads {
            if head.count > self.last.count {
                let from = self.last.count + 1;
                let (to, run) = (head.count, run.clone());
                self.problems.push(LogProblem::Cut { from, to, run });
                continue;
            }
            let known = self
                .sums
                .binary_search_by_key(&head.count, |(sequence, _)| *sequence);
            let sum = match (known, &lines_removed) {
                (Ok(place), _) => Some(&self.sums[place].1),
                (Err(_), Some(removed)) if removed.through == head.count => Some(&removed.hash),
                (Err(_), _) => None,
            };
            if sum.is_some_and(|sum| *sum != head.hash) {
                let (sequence, run) = (head.count, run.clone());
                self.problems.push(LogProblem::Rewritten { sequence, run });
            }
        }
        LogReport {
            sound: self.problems.is_empty(),
            lines: self.lines,
            first,
            last: self.last.count,
            lines_removed,
            hash: self.last.hash,
            heads: heads.len(),
            problems: self.problems,
        }
    }

    /// A log begins with line 1, or says itself up to where it was removed. What it says is given.
    fn check_beginning(&mut self) -> Option<LinesRemoved> {
        let (sequence, previous) = self.first.clone()?;
        if sequence > 1 {
            let mut said = self.lines_removed.drain(..);
            let found = said.find(|removed| removed.through == sequence - 1 && removed.hash == previous);
            drop(said);
            if found.is_none() {
                let (from, to) = (1, sequence - 1);
                self.problems.push(LogProblem::Removed { from, to });
            }
            return found;
        }
        if previous != FIRST {
            self.changed(sequence);
        }
        None
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
