//! Sites and runs: every bag in them, each in its place, and the list of the whole run.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::bag::{BagFacts, read_list, sum_of, verify_bag};
use super::removed::{Grave, KeptLists, check_results, check_tombstone, tombstones_in};
use super::report::{Checked, ProblemKind, Reason, VerifyReport};
use super::seals::check_seals;
use crate::bundle::bag::{DECLARATION, MANIFEST};
use crate::bundle::manifest::{Spelling, Sums, read_limited};
use crate::bundle::removal::{tombstone_name, tombstone_number};
use crate::bundle::seal::{SITES, is_bag, is_newest_list, is_unfinished};
use crate::bundle::signature::Verifier;
use crate::bundle::timestamp::Roots;
use crate::bundle::walk::{Entry, Tree, folders_in, visit_number, walk};
use crate::site::SiteId;

const RECORD: &str = "run.json";

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("{0} is no visit, no site and no run of this program")]
    Nothing(PathBuf),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Checks a bag, a site's folder or a whole run.
///
/// # Errors
/// When `path` is none of these, or cannot be read at all. What is wrong in it is no error: it is in the report.
pub fn verify(path: &Path) -> Result<VerifyReport, VerifyError> {
    verify_by(path, &Trust::default())
}

/// What proofs of a run are checked by.
#[derive(Debug, Default)]
pub struct Trust {
    /// The list of the run has to be signed by this key.
    pub public_key: Option<Verifier>,
    /// Its time stamps have to lead to one of these.
    pub roots: Option<Roots>,
}

/// The same as [`verify`], with what proves the list of a run.
///
/// # Errors
/// As those of [`verify`].
pub fn verify_by(path: &Path, trust: &Trust) -> Result<VerifyReport, VerifyError> {
    let root = fs_err::canonicalize(path)?;
    let checked = kind_of(&root)?.ok_or_else(|| VerifyError::Nothing(path.to_path_buf()))?;
    let mut report = VerifyReport::new(path.display().to_string(), checked);
    match checked {
        Checked::Bag => verify_one_bag(&root, &mut report),
        Checked::Site => verify_one_site(&root, &mut report)?,
        Checked::Run => {
            verify_run(&root, &mut report)?;
            check_seals(&root, trust, &mut report);
        }
    }
    Ok(report)
}

fn kind_of(root: &Path) -> io::Result<Option<Checked>> {
    let has = |name: &str| root.join(name).symlink_metadata().is_ok();
    let name = root
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if !root.is_dir() {
        return Ok(None);
    }
    let in_site = visit_number(name).is_some() && site_folder(root.parent().unwrap_or(root)).is_some();
    if has(DECLARATION) || (has(MANIFEST) && has("data")) || in_site {
        return Ok(Some(Checked::Bag));
    }
    if has(RECORD) || has(SITES) {
        return Ok(Some(Checked::Run));
    }
    let visits = folders_in(root)?.iter().any(|name| visit_number(name).is_some());
    Ok((visits || site_folder(root).is_some()).then_some(Checked::Site))
}

/// The name of a site's folder, where it stands in a run. A folder that somebody copied elsewhere may have
/// any name.
fn site_folder(root: &Path) -> Option<&str> {
    let parent = root.parent()?.file_name()?;
    (parent == SITES).then(|| root.file_name()?.to_str()).flatten()
}

fn verify_one_bag(root: &Path, report: &mut VerifyReport) {
    let facts = verify_bag(root, "", report);
    let name = root
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let folder = root.parent().and_then(site_folder);
    check_place(&facts, "", visit_number(name), folder, report);
}

/// A bag of another site, or with another number, than its place says.
fn check_place(
    facts: &BagFacts,
    path: &str,
    number: Option<u32>,
    folder: Option<&str>,
    report: &mut VerifyReport,
) {
    if let (Some(site), Some(folder)) = (&facts.site, folder)
        && site.folder_name() != folder
    {
        let detail = Some(site.to_string());
        report.note(
            ProblemKind::DoesNotBelong,
            path.to_owned(),
            Some(Reason::OtherSite),
            detail,
        );
    }
    if let (Some(visit), Some(number)) = (facts.visit, number)
        && visit != number
    {
        let detail = Some(format!("visit-{visit}"));
        report.note(
            ProblemKind::DoesNotBelong,
            path.to_owned(),
            Some(Reason::OtherVisit),
            detail,
        );
    }
}

/// Checks a site's bags, and what lies beside them where the run that they are in has a list.
fn verify_one_site(root: &Path, report: &mut VerifyReport) -> io::Result<()> {
    let mut in_bags = Sums::new();
    let folder = site_folder(root);
    let mut each = |path: &str, facts: BagFacts, _: &mut VerifyReport| {
        add_bag(&mut in_bags, path, facts);
    };
    let run = folder.and_then(|_| root.parent()?.parent());
    let place = SitePlace {
        root,
        prefix: "",
        folder,
        run,
        name: None,
    };
    verify_site(place, &mut KeptLists::default(), report, &mut each)?;
    let tree = walk(root, |path| visit_number(path).is_some() || is_unfinished(path))?;
    let run = folder.and_then(|folder| Some((run?, format!("{SITES}/{folder}/"))));
    let listed = match run {
        Some((run, prefix)) if run.join(MANIFEST).is_file() => {
            let only_list = Tree::from([(MANIFEST.to_owned(), Entry::File)]);
            let whole = read_list(run, MANIFEST, "", &only_list, Spelling::Coreutils, report);
            whole.map(|whole| below(&whole, &prefix))
        }
        _ => None,
    };
    compare(root, &tree, listed, in_bags, report);
    Ok(())
}

/// The files of a list below a folder, by their paths in it.
fn below(list: &Sums, prefix: &str) -> Sums {
    let of_folder = list
        .iter()
        .filter_map(|(path, sum)| Some((path.strip_prefix(prefix)?.to_owned(), sum.clone())));
    of_folder.collect()
}

fn add_bag(in_bags: &mut Sums, path: &str, facts: BagFacts) {
    let sums = facts.sums.into_iter();
    in_bags.extend(sums.map(|(file, sum)| (format!("{path}/{file}"), sum)));
}

/// The folder of a site that is checked.
#[derive(Debug, Clone, Copy)]
struct SitePlace<'a> {
    root: &'a Path,
    /// Its path below what was checked, with a slash.
    prefix: &'a str,
    /// Its name, where it stands in a run.
    folder: Option<&'a str>,
    /// The run's folder, and what the run is called.
    run: Option<&'a Path>,
    name: Option<&'a str>,
}

/// Checks every bag of a site; `each` is told the path and the facts of each. The numbers of all visits that are
/// there or were removed.
fn verify_site(
    place: SitePlace<'_>,
    lists: &mut KeptLists,
    report: &mut VerifyReport,
    each: &mut dyn FnMut(&str, BagFacts, &mut VerifyReport),
) -> io::Result<BTreeSet<u32>> {
    let SitePlace {
        root, prefix, folder, ..
    } = place;
    let bags: BTreeSet<u32> = folders_in(root)?
        .iter()
        .filter_map(|name| visit_number(name))
        .collect();
    let tombstones = tombstones_in(root, prefix, report)?;
    let numbers: BTreeSet<u32> = bags.iter().chain(tombstones.keys()).copied().collect();
    let (mut first, mut before): (Option<SiteId>, u32) = (None, 0);
    for number in &numbers {
        // One gap is named; the numbers after it only follow from it.
        if before + 1 < *number {
            report.note_missing_folder(format!("{prefix}visit-{}", before + 1));
        }
        before = *number;
        let path = format!("{prefix}visit-{number}");
        if let Some(tombstone) = tombstones.get(number) {
            if bags.contains(number) {
                let path = format!("{prefix}{}", tombstone_name(*number));
                report.note(ProblemKind::DoesNotBelong, path, Some(Reason::NotRemoved), None);
            } else if let Some(tombstone) = tombstone {
                let grave = Grave {
                    prefix,
                    visit: *number,
                    folder,
                    run: place.run,
                    name: place.name,
                };
                check_tombstone(tombstone, grave, lists, report);
            }
        }
        if !bags.contains(number) {
            continue;
        }
        let facts = verify_bag(&root.join(format!("visit-{number}")), &format!("{path}/"), report);
        let expected = first.as_ref().map(SiteId::folder_name);
        check_place(
            &facts,
            &path,
            Some(*number),
            folder.or(expected.as_deref()),
            report,
        );
        first = first.or_else(|| facts.site.clone());
        each(&path, facts, report);
    }
    Ok(numbers)
}

/// What is read of `run.json`.
#[derive(Debug, Default, Deserialize)]
struct RunHead {
    run: String,
    #[serde(default)]
    of: Option<String>,
}

fn verify_run(root: &Path, report: &mut VerifyReport) -> io::Result<()> {
    let head = read_head(root, report);
    let mut in_bags = Sums::new();
    let mut lists = KeptLists::default();
    let mut accounted = BTreeMap::new();
    for folder in site_folders(root)? {
        let prefix = format!("{SITES}/{folder}/");
        let site = root.join(SITES).join(&folder);
        let mut each = |path: &str, facts: BagFacts, report: &mut VerifyReport| {
            check_run(&facts, path, head.as_ref(), report);
            add_bag(&mut in_bags, path, facts);
        };
        let place = SitePlace {
            root: &site,
            prefix: &prefix,
            folder: Some(&folder),
            run: Some(root),
            name: head.as_ref().map(|head| head.run.as_str()),
        };
        let numbers = verify_site(place, &mut lists, report, &mut each)?;
        accounted.insert(folder, numbers);
    }
    check_results(root, &accounted, report);
    check_list(root, in_bags, report)
}

fn site_folders(root: &Path) -> io::Result<Vec<String>> {
    let sites = root.join(SITES);
    // A link in place of the folder is named with the other files, and not gone into.
    match sites.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => folders_in(&sites),
        _ => Ok(Vec::new()),
    }
}

fn read_head(root: &Path, report: &mut VerifyReport) -> Option<RunHead> {
    let path = root.join(RECORD);
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return None,
        Err(_) => {
            report.note(ProblemKind::Missing, RECORD.to_owned(), None, None);
            return None;
        }
    }
    let read = read_limited(&path).and_then(|text| Ok(serde_json::from_str::<RunHead>(&text)?));
    match read {
        Ok(head) => Some(head),
        Err(error) => {
            report.note(
                ProblemKind::Unreadable,
                RECORD.to_owned(),
                None,
                Some(error.to_string()),
            );
            None
        }
    }
}

/// A bag of another run; a recheck brings bags of the run that it rechecks.
fn check_run(facts: &BagFacts, path: &str, head: Option<&RunHead>, report: &mut VerifyReport) {
    if let (Some(run), Some(head)) = (&facts.run, head)
        && *run != head.run
        && head.of.as_ref() != Some(run)
    {
        let detail = Some(run.clone());
        report.note(
            ProblemKind::DoesNotBelong,
            path.to_owned(),
            Some(Reason::OtherRun),
            detail,
        );
    }
}

/// Compares everything in the run with its list.
fn check_list(root: &Path, in_bags: Sums, report: &mut VerifyReport) -> io::Result<()> {
    let tree = walk(root, |path| is_bag(path) || is_unfinished(path))?;
    let listed = if tree.contains_key(MANIFEST) {
        read_list(root, MANIFEST, "", &tree, Spelling::Coreutils, report)
    } else {
        report.note(
            ProblemKind::Missing,
            MANIFEST.to_owned(),
            Some(Reason::NotSealed),
            None,
        );
        None
    };
    compare(root, &tree, listed, in_bags, report);
    Ok(())
}

/// Names what is not a file among `tree`, and where its files and those in bags differ from a list.
fn compare(root: &Path, tree: &Tree, listed: Option<Sums>, in_bags: Sums, report: &mut VerifyReport) {
    let mut now = in_bags;
    for (path, entry) in tree {
        match entry {
            Entry::Link => report.note(ProblemKind::DoesNotBelong, path.clone(), Some(Reason::Link), None),
            Entry::Odd => report.note(ProblemKind::DoesNotBelong, path.clone(), Some(Reason::Odd), None),
            Entry::File if is_newest_list(path) || listed.is_none() => {}
            Entry::File => {
                if let Some((sum, _)) = sum_of(root, path, path.clone(), report) {
                    now.insert(path.clone(), sum);
                }
            }
        }
    }
    let Some(listed) = listed else { return };
    for path in unlisted(&now, &listed).filter(|path| is_tombstone(path)) {
        // Its files are still listed; that they are gone is said once, of the tombstone.
        if let Some(bag) = path.strip_suffix(".removed.json") {
            report.cover_folder(bag.to_owned());
        }
    }
    for (path, sum) in &listed {
        match now.get(path) {
            Some(found) if found == sum => {}
            Some(_) => report.note(ProblemKind::Changed, path.clone(), None, None),
            None if report.has_named(path) => {}
            None => report.note(ProblemKind::Missing, path.clone(), None, None),
        }
    }
    for path in unlisted(&now, &listed) {
        let reason = is_tombstone(path).then_some(Reason::RemovalUnfinished);
        report.note(ProblemKind::Added, path.clone(), reason, None);
    }
}

fn unlisted<'a>(now: &'a Sums, listed: &'a Sums) -> impl Iterator<Item = &'a String> {
    now.keys().filter(|path| !listed.contains_key(*path))
}

fn is_tombstone(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| tombstone_number(name).is_some())
}
