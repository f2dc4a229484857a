//! What a check found, for programs and for people.

use std::collections::BTreeSet;

use serde::Serialize;

use super::seals::Seal;
use crate::bundle::removal::RemovedBecause;
use crate::verdict::Message;

/// Written into every report.
const SCHEMA: &str = "emc-audit/verify/1";
/// Problems that are listed one by one; more are counted.
const PROBLEMS_MAX: usize = 10_000;
/// Names and addresses may be as long as whoever wrote them likes.
const DETAIL_CHARACTERS: usize = 300;

/// What was given to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    Bag,
    Site,
    Run,
}

impl Checked {
    /// The word of reports and of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bag => "bag",
            Self::Site => "site",
            Self::Run => "run",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Its contents are not those that were listed.
    Changed,
    Missing,
    /// It is there and was not listed.
    Added,
    /// It is evidence of something else.
    DoesNotBelong,
    /// It could not be read, or is nothing that this program reads.
    Unreadable,
}

impl ProblemKind {
    /// The word of reports and of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
            Self::DoesNotBelong => "does_not_belong",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Why, where the kind alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    OtherSite,
    OtherVisit,
    OtherRun,
    /// Parts of two visits in one bag.
    Mixed,
    Link,
    /// No regular file.
    Odd,
    BadLine,
    /// The list of the whole run: it was never finished, or the list was removed.
    NotSealed,
    /// Count and size of the payload are not those of `bag-info.txt`.
    Oxum,
    /// A tombstone that no earlier list of the run bears out.
    Tombstone,
    /// A visit is there, and so is its tombstone.
    NotRemoved,
    /// Removing broke off before the run was sealed again.
    RemovalUnfinished,
    /// A key was given, and the list of the run is not signed.
    Unsigned,
    /// It is not signed by the key that was given.
    OtherKey,
    /// The signature is not one of this list.
    Signature,
    /// A time stamp that is not good, or not one of this list.
    TimeStamp,
}

impl Reason {
    /// The word of reports and of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherSite => "other_site",
            Self::OtherVisit => "other_visit",
            Self::OtherRun => "other_run",
            Self::Mixed => "mixed",
            Self::Link => "link",
            Self::Odd => "odd",
            Self::BadLine => "bad_line",
            Self::NotSealed => "not_sealed",
            Self::Oxum => "oxum",
            Self::Tombstone => "tombstone",
            Self::NotRemoved => "not_removed",
            Self::RemovalUnfinished => "removal_unfinished",
            Self::Unsigned => "unsigned",
            Self::OtherKey => "other_key",
            Self::Signature => "signature",
            Self::TimeStamp => "time_stamp",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub kind: ProblemKind,
    /// Below what was checked; empty for itself.
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// A name, an address or an error, as found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The detail for people, where it is said in words.
    #[serde(skip)]
    pub said: Option<Message>,
}

/// A visit that was removed in order, because its time was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemovedVisit {
    pub path: String,
    /// RFC 3339, UTC.
    pub at: String,
    pub because: RemovedBecause,
    pub days: u64,
    pub files: u64,
    pub bytes: u64,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub schema: &'static str,
    pub path: String,
    pub checked: Checked,
    pub sound: bool,
    pub bags: u64,
    /// Files whose sums were computed, and their length in bytes.
    pub files: u64,
    pub bytes: u64,
    /// Lists of the run that are signed or have a time stamp.
    pub seals: Vec<Seal>,
    /// Visits that left a tombstone.
    pub removed: Vec<RemovedVisit>,
    pub problems: Vec<Problem>,
    /// Problems beyond those that are listed.
    pub problems_left_out: u64,
    /// Paths that have a problem already.
    #[serde(skip)]
    named: BTreeSet<String>,
    #[serde(skip)]
    missing_folders: BTreeSet<String>,
}

impl VerifyReport {
    pub(super) fn new(path: String, checked: Checked) -> Self {
        Self {
            schema: SCHEMA,
            path,
            checked,
            sound: true,
            bags: 0,
            files: 0,
            bytes: 0,
            seals: Vec::new(),
            removed: Vec::new(),
            problems: Vec::new(),
            problems_left_out: 0,
            named: BTreeSet::new(),
            missing_folders: BTreeSet::new(),
        }
    }

    /// Notes what is wrong with `path`; a second problem of the same path says nothing new.
    pub(super) fn note(
        &mut self,
        kind: ProblemKind,
        path: String,
        reason: Option<Reason>,
        detail: Option<String>,
    ) {
        self.add(Problem {
            kind,
            path,
            reason,
            detail: detail.map(shortened),
            said: None,
        });
    }

    /// Notes a visit that is gone: its files are not named one by one.
    pub(super) fn note_missing_folder(&mut self, path: String) {
        self.missing_folders.insert(path.clone());
        self.note(ProblemKind::Missing, path, None, None);
    }

    /// Files of a folder are not named one by one: that it is not there is said otherwise.
    pub(super) fn cover_folder(&mut self, path: String) {
        self.missing_folders.insert(path);
    }

    /// The same as [`Self::note`] with a detail in words; programs get them in English.
    pub(super) fn note_said(&mut self, kind: ProblemKind, path: String, reason: Reason, said: Message) {
        self.add(Problem {
            kind,
            path,
            reason: Some(reason),
            detail: Some(shortened(said.en.clone())),
            said: Some(Message {
                vi: shortened(said.vi),
                en: shortened(said.en),
            }),
        });
    }

    fn add(&mut self, problem: Problem) {
        self.sound = false;
        if self.problems.len() >= PROBLEMS_MAX {
            self.problems_left_out += 1;
        } else if self.named.insert(problem.path.clone()) {
            self.problems.push(problem);
        }
    }

    /// A path that has a problem already, or lies in a folder that is missing as a whole.
    pub(super) fn has_named(&self, path: &str) -> bool {
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        self.named.contains(path) || folders.any(|folder| self.missing_folders.contains(folder))
    }

    pub(super) fn count_file(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(DETAIL_CHARACTERS) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}
