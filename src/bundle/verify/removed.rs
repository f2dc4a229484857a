//! Visits whose time was over: each needs a tombstone in its place, and an earlier list of the run that says the
//! same of its files.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::report::{ProblemKind, Reason, RemovedVisit, VerifyReport};
use crate::bundle::manifest::{Spelling, Sums, read_limited, read_manifest};
use crate::bundle::removal::{Tombstone, read_tombstone, tombstone_name, tombstone_number};
use crate::bundle::seal::{SITES, is_kept_list};
use crate::site::SiteId;

/// Earlier lists of a run, read when they are asked for.
#[derive(Debug, Default)]
pub(super) struct KeptLists(BTreeMap<String, Option<Sums>>);

impl KeptLists {
    fn get(&mut self, run: &Path, name: &str) -> Option<&Sums> {
        let read = || {
            let is_there = run
                .join(name)
                .symlink_metadata()
                .is_ok_and(|found| found.is_file());
            let text = (is_kept_list(name) && is_there).then(|| read_limited(&run.join(name)).ok());
            Some(read_manifest(&text??, Spelling::Coreutils).sums)
        };
        self.0.entry(name.to_owned()).or_insert_with(read).as_ref()
    }
}

/// The tombstones in a site's folder, by visit; links are not followed.
pub(super) fn tombstones_in(
    root: &Path,
    prefix: &str,
    report: &mut VerifyReport,
) -> io::Result<BTreeMap<u32, Option<Tombstone>>> {
    let mut found = BTreeMap::new();
    for entry in fs_err::read_dir(root)? {
        let entry = entry?;
        let Some(visit) = entry.file_name().to_str().and_then(tombstone_number) else {
            continue;
        };
        if !entry.file_type()?.is_file() {
            continue;
        }
        let path = format!("{prefix}{}", tombstone_name(visit));
        match read_tombstone(&entry.path()) {
            Ok(tombstone) => {
                found.insert(visit, Some(tombstone));
            }
            Err(error) => {
                report.note(ProblemKind::Unreadable, path, None, Some(error.to_string()));
                found.insert(visit, None);
            }
        }
    }
    Ok(found)
}

/// Where a tombstone was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grave<'a> {
    /// The site's folder, with a slash, below what was checked.
    pub prefix: &'a str,
    pub visit: u32,
    /// The name of the site's folder, where it stands in a run.
    pub folder: Option<&'a str>,
    /// The run's folder and what the run is called, as far as they are known.
    pub run: Option<&'a Path>,
    pub name: Option<&'a str>,
}

/// Whether a tombstone belongs where it is, and says of the bag what an earlier list of the run said.
pub(super) fn check_tombstone(
    tombstone: &Tombstone,
    grave: Grave<'_>,
    lists: &mut KeptLists,
    report: &mut VerifyReport,
) {
    let path = format!("{}{}", grave.prefix, tombstone_name(grave.visit));
    let site = &tombstone.site;
    let mut stranger = |reason, detail: String| {
        let (kind, path) = (ProblemKind::DoesNotBelong, path.clone());
        report.note(kind, path, Some(reason), Some(detail));
    };
    if grave.folder.is_some_and(|folder| site.folder_name() != folder) {
        stranger(Reason::OtherSite, site.to_string());
    } else if tombstone.visit != grave.visit {
        stranger(Reason::OtherVisit, format!("visit-{}", tombstone.visit));
    } else if grave.name.is_some_and(|name| name != tombstone.run) {
        stranger(Reason::OtherRun, tombstone.run.clone());
    }
    if let Some(run) = grave.run {
        let bag = format!("{SITES}/{}/visit-{}/", site.folder_name(), grave.visit);
        let said: BTreeMap<String, &str> = tombstone
            .files
            .iter()
            .map(|file| (format!("{bag}{}", file.path), file.sha256.as_str()))
            .collect();
        let agrees = lists.get(run, &tombstone.listed_in).is_some_and(|list| {
            let listed = list
                .range(bag.clone()..)
                .take_while(|(path, _)| path.starts_with(&bag));
            let same = listed.map(|(path, sum)| (path, sum.as_str()));
            !said.is_empty() && same.eq(said.iter().map(|(path, sum)| (path, *sum)))
        });
        if !agrees {
            let detail = Some(tombstone.listed_in.clone());
            report.note(ProblemKind::Changed, path, Some(Reason::Tombstone), detail);
        }
    }
    report.removed.push(RemovedVisit {
        path: format!("{}visit-{}", grave.prefix, grave.visit),
        at: tombstone.at.clone(),
        because: tombstone.because,
        days: tombstone.days,
        files: tombstone.files.len() as u64,
        bytes: tombstone.bytes(),
    });
}

/// What is read of a line of the results.
#[derive(Debug, Deserialize)]
struct Line {
    site: SiteId,
    visits: Vec<IgnoredAny>,
}

/// Names visits that the results tell of and that are neither there nor removed in order. `accounted` has the
/// visits of each site's folder.
pub(super) fn check_results(
    root: &Path,
    accounted: &BTreeMap<String, BTreeSet<u32>>,
    report: &mut VerifyReport,
) {
    let path = root.join("results.jsonl");
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    let Some(text) = is_file.then(|| read_limited(&path).ok()).flatten() else {
        return;
    };
    for line in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
    {
        let folder = line.site.folder_name();
        let there = accounted.get(&folder);
        let told = u32::try_from(line.visits.len()).unwrap_or(u32::MAX);
        let lost = (1..=told).find(|visit| there.is_none_or(|there| !there.contains(visit)));
        if let Some(visit) = lost {
            report.note_missing_folder(format!("{SITES}/{folder}/visit-{visit}"));
        }
    }
}
