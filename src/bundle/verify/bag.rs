//! One bag: complete, unchanged, and of one visit.

use std::io::Read;
use std::path::Path;

use super::report::{ProblemKind, Reason, VerifyReport};
use crate::bundle::bag::{DATA, DECLARATION, INFO, MANIFEST, TAG_MANIFEST};
use crate::bundle::contents::{NETWORK, OBSERVATION, identifier};
use crate::bundle::har::HarHead;
use crate::bundle::identity;
use crate::bundle::manifest::{Spelling, Sums, hash_file, read_limited, read_manifest};
use crate::bundle::walk::{Entry, Tree, walk};
use crate::language::{Language, Sentence};
use crate::observation::{Observation, SCHEMA};
use crate::verdict::Message;

/// Larger observations and network logs are none of ours.
const DOCUMENT_BYTES_MAX: u64 = 256 << 20;

/// What a bag turned out to be.
#[derive(Debug, Default)]
pub(super) struct BagFacts {
    /// Whose visit it holds, and which; unknown where that cannot be read.
    pub site: Option<crate::site::SiteId>,
    pub visit: Option<u32>,
    /// The run that it was made in, as it says itself.
    pub run: Option<String>,
    /// Sums of its files as they are now, by path below the bag.
    pub sums: Sums,
}

/// Checks the bag at `root`; problems are named with `prefix` before their path.
pub(super) fn verify_bag(root: &Path, prefix: &str, report: &mut VerifyReport) -> BagFacts {
    report.bags += 1;
    let mut facts = BagFacts::default();
    let tree = match walk(root, |_| false) {
        Ok(tree) => tree,
        Err(error) => {
            report.note(
                ProblemKind::Unreadable,
                bag_name(prefix),
                None,
                Some(error.to_string()),
            );
            return facts;
        }
    };
    let problems_before = report.problems.len();
    let listed = Listed::read(root, prefix, &tree, report);
    let mut payload = (0_u64, 0_u64);
    for (path, entry) in &tree {
        let name = format!("{prefix}{path}");
        match entry {
            Entry::Link => report.note(ProblemKind::DoesNotBelong, name, Some(Reason::Link), None),
            Entry::Odd => report.note(ProblemKind::DoesNotBelong, name, Some(Reason::Odd), None),
            Entry::File => {
                let Some((sum, length)) = sum_of(root, path, name.clone(), report) else {
                    continue;
                };
                if path.starts_with("data/") {
                    payload = (payload.0 + length, payload.1 + 1);
                }
                listed.compare(path, &sum, name, report);
                facts.sums.insert(path.clone(), sum);
            }
        }
    }
    listed.name_missing(&tree, prefix, report);
    let info = read_info(root, &tree);
    let says = |label: &str| {
        info.iter()
            .find(|(name, _)| name == label)
            .map(|(_, value)| value.as_str())
    };
    let oxum = format!("{}.{}", payload.0, payload.1);
    if report.problems.len() == problems_before && says("Payload-Oxum").is_some_and(|said| said != oxum) {
        let path = format!("{prefix}{INFO}");
        report.note(ProblemKind::Changed, path, Some(Reason::Oxum), Some(oxum));
    }
    facts.run = says("Bag-Group-Identifier").map(str::to_owned);
    if let Some(observation) = check_identity(root, prefix, &tree, report) {
        let identifier = identifier(&observation);
        if let Some(said) = says("External-Identifier").filter(|said| *said != identifier) {
            let path = format!("{prefix}{INFO}");
            let detail = Some(format!("{said}, {identifier}"));
            report.note(ProblemKind::DoesNotBelong, path, Some(Reason::Mixed), detail);
        }
        facts.site = Some(observation.site);
        facts.visit = Some(observation.visit);
    }
    facts
}

/// The bag itself, by its path below what was checked.
fn bag_name(prefix: &str) -> String {
    prefix.trim_end_matches('/').to_owned()
}

/// The sum and the length of a file.
pub(super) fn sum_of(
    root: &Path,
    path: &str,
    name: String,
    report: &mut VerifyReport,
) -> Option<(String, u64)> {
    match hash_file(&root.join(path)) {
        Ok((sum, length)) => {
            report.count_file(length);
            Some((sum, length))
        }
        Err(error) => {
            report.note(ProblemKind::Unreadable, name, None, Some(error.to_string()));
            None
        }
    }
}

/// The two lists of a bag; `None` where one is not there.
struct Listed {
    payload: Option<Sums>,
    tags: Option<Sums>,
}

impl Listed {
    fn read(root: &Path, prefix: &str, tree: &Tree, report: &mut VerifyReport) -> Self {
        let mut list = |name: &str| read_list(root, name, prefix, tree, Spelling::Bag, report);
        let listed = Self {
            payload: list(MANIFEST),
            tags: list(TAG_MANIFEST),
        };
        for name in [DECLARATION, INFO] {
            if !tree.contains_key(name) {
                report.note(ProblemKind::Missing, format!("{prefix}{name}"), None, None);
            }
        }
        listed
    }

    fn list_for(&self, path: &str) -> Option<&Sums> {
        if is_payload(path) {
            self.payload.as_ref()
        } else {
            self.tags.as_ref()
        }
    }

    fn compare(&self, path: &str, sum: &str, name: String, report: &mut VerifyReport) {
        if path == TAG_MANIFEST {
            return;
        }
        // A list that is missing is named once, not with every file that it should hold.
        match self.list_for(path).map(|list| list.get(path)) {
            Some(None) => report.note(ProblemKind::Added, name, None, None),
            Some(Some(listed)) if listed != sum => report.note(ProblemKind::Changed, name, None, None),
            _ => {}
        }
    }

    fn name_missing(&self, tree: &Tree, prefix: &str, report: &mut VerifyReport) {
        for list in [&self.payload, &self.tags].into_iter().flatten() {
            for path in list.keys().filter(|path| !tree.contains_key(*path)) {
                report.note(ProblemKind::Missing, format!("{prefix}{path}"), None, None);
            }
        }
    }
}

fn is_payload(path: &str) -> bool {
    path.strip_prefix(DATA).is_some_and(|rest| rest.starts_with('/'))
}

/// A list of sums with its bad lines named; `None` where it is not there or not readable.
pub(super) fn read_list(
    root: &Path,
    name: &str,
    prefix: &str,
    tree: &Tree,
    spelling: Spelling,
    report: &mut VerifyReport,
) -> Option<Sums> {
    let path = format!("{prefix}{name}");
    match tree.get(name) {
        Some(Entry::File) => {}
        // What stands there instead is named with the other files.
        Some(_) => return None,
        None => {
            report.note(ProblemKind::Missing, path, None, None);
            return None;
        }
    }
    match read_limited(&root.join(name)) {
        Ok(text) => {
            let read = read_manifest(&text, spelling);
            if !read.bad_lines.is_empty() {
                let lines = Message {
                    vi: joined(&read.bad_lines, Language::Vietnamese),
                    en: joined(&read.bad_lines, Language::English),
                };
                report.note_said(ProblemKind::Changed, path, Reason::BadLine, lines);
            }
            Some(read.sums)
        }
        Err(error) => {
            report.note(ProblemKind::Unreadable, path, None, Some(error.to_string()));
            None
        }
    }
}

/// Labels and values of `bag-info.txt`; a line that begins with white space goes on with the one before.
fn read_info(root: &Path, tree: &Tree) -> Vec<(String, String)> {
    if tree.get(INFO) != Some(&Entry::File) {
        return Vec::new();
    }
    let Ok(text) = read_limited(&root.join(INFO)) else {
        return Vec::new();
    };
    let lines = text.lines().take(1000);
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(label, value)| (label.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// Whether observation and network log belong together; the observation, if it can be read.
fn check_identity(root: &Path, prefix: &str, tree: &Tree, report: &mut VerifyReport) -> Option<Observation> {
    let observation: Observation = read_document(root, OBSERVATION, prefix, tree, report)?;
    if observation.schema != SCHEMA {
        let path = format!("{prefix}{DATA}/{OBSERVATION}");
        report.note(ProblemKind::Unreadable, path, None, Some(observation.schema));
        return None;
    }
    if let Some(har) = read_document::<HarHead>(root, NETWORK, prefix, tree, report)
        && let Err(mixed) = identity::check(&observation, &har)
    {
        let (name, what) = (bag_name(prefix), mixed.0.message());
        report.note_said(ProblemKind::DoesNotBelong, name, Reason::Mixed, what);
    }
    Some(observation)
}

fn joined(lines: &[Sentence], language: Language) -> String {
    let lines: Vec<String> = lines.iter().map(|line| line.text(language)).collect();
    lines.join("; ")
}

fn read_document<T: serde::de::DeserializeOwned>(
    root: &Path,
    name: &str,
    prefix: &str,
    tree: &Tree,
    report: &mut VerifyReport,
) -> Option<T> {
    let path = format!("{DATA}/{name}");
    match tree.get(&path) {
        Some(Entry::File) => {}
        Some(_) => return None,
        None => {
            report.note(ProblemKind::Missing, format!("{prefix}{path}"), None, None);
            return None;
        }
    }
    let read = fs_err::File::open(root.join(&path))
        .map_err(serde_json::Error::io)
        .and_then(|file| serde_json::from_reader(std::io::BufReader::new(file.take(DOCUMENT_BYTES_MAX))));
    match read {
        Ok(document) => Some(document),
        Err(error) => {
            let path = format!("{prefix}{path}");
            report.note(ProblemKind::Unreadable, path, None, Some(error.to_string()));
            None
        }
    }
}
