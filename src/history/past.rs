//! What a report says beside its own run: the course over the runs before it, what changed since the last of them,
//! and the visits that EMC counted. Plain data, read from the store once: the report knows no store.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::course::{RECENT, is_restless};
use super::difference::{Difference, difference};
use super::store::{History, HistoryError};
use super::take_in::{FindingEntry, RunEntry, SiteEntry};
use crate::bundle::{RunKind, RunRecord, RunState};
use crate::ranking::Figures;
use crate::site::SiteId;
use crate::verdict::{SiteResult, Verdict};

/// Runs in a course at most, the newest among them.
pub const COURSE_RUNS: usize = 12;

/// All that is known beside one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// Whole runs that judged every check, oldest first; the last one is the run itself. Empty where that is none
    /// of them: a recheck, a run of some checks, or one that was interrupted.
    pub runs: Vec<PastRun>,
    /// What became of each site since the run before; nothing where there was none.
    pub changes: Option<Changes>,
    /// For each site of the run its verdict in each of `runs`, nothing where that had no line of it.
    pub courses: BTreeMap<String, Vec<Option<Verdict>>>,
    /// Sites of the run whose verdict went over and came back.
    pub restless: BTreeSet<String>,
    /// Imported figures of the run's sites.
    pub visits: Figures,
}

/// One run of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    pub run: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// Sites of each verdict, in the order of [`Verdict::ALL`].
    pub counts: [usize; 4],
}

/// What is not as it was in the run before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    pub since: RunEntry,
    pub difference: Difference,
}

impl History {
    /// What is known beside the run `record`, whose `results` need not be in the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn past(&self, record: &RunRecord, results: &[SiteResult]) -> Result<Past, HistoryError> {
        let sites: BTreeSet<&SiteId> = results.iter().map(|result| &result.site).collect();
        let mut past = Past {
            visits: self.visits()?,
            ..Past::default()
        };
        past.visits.retain(|site, _| sites.contains(site));
        if !is_of_a_course(record) {
            return Ok(past);
        }
        let before = self.whole_before(record, COURSE_RUNS - 1)?;
        past.courses = courses(results);
        for run in &before {
            let verdicts = self.verdicts(&run.run)?;
            past.runs
                .push(past_run(&run.run, &run.started, verdicts.values().copied()));
            for (site, course) in &mut past.courses {
                course.push(verdicts.get(site).copied());
            }
        }
        let own = results.iter().map(|result| result.verdict);
        past.runs.push(past_run(&record.run, &record.started, own));
        for result in results {
            if let Some(course) = past.courses.get_mut(&result.site.to_string()) {
                course.push(Some(result.verdict));
            }
        }
        past.restless = restless(&past.courses);
        if let Some(since) = before.into_iter().next_back() {
            let later: Vec<_> = results.iter().map(entries).collect();
            let difference = difference(&self.sites(&since.run)?, &later, &past.restless);
            past.changes = Some(Changes { since, difference });
        }
        Ok(past)
    }
}

/// What the history in the folder `out` knows beside a run; nothing where there is no such folder, or no history.
///
/// # Errors
/// When there is a history that cannot be read.
pub fn past_in(out: Option<&Path>, record: &RunRecord, results: &[SiteResult]) -> Result<Past, HistoryError> {
    match out.map(History::open_existing).transpose()?.flatten() {
        Some(history) => history.past(record, results),
        None => Ok(Past::default()),
    }
}

/// Only whole lists, judged by every check, can be compared as a course.
fn is_of_a_course(record: &RunRecord) -> bool {
    record.kind == RunKind::Full && record.state == RunState::Finished && record.judged_by.only.is_none()
}

fn courses(results: &[SiteResult]) -> BTreeMap<String, Vec<Option<Verdict>>> {
    let empty = results.iter().map(|result| (result.site.to_string(), Vec::new()));
    empty.collect()
}

fn past_run(run: &str, started: &str, verdicts: impl Iterator<Item = Verdict>) -> PastRun {
    let mut counts = [0; 4];
    for verdict in verdicts {
        if let Some(at) = Verdict::ALL.iter().position(|one| *one == verdict) {
            counts[at] += 1;
        }
    }
    PastRun {
        run: run.to_owned(),
        started: started.to_owned(),
        counts,
    }
}

fn restless(courses: &BTreeMap<String, Vec<Option<Verdict>>>) -> BTreeSet<String> {
    let went_back = courses.iter().filter(|(_, course)| {
        let recent = course.iter().rev().take(RECENT).rev().flatten();
        is_restless(recent.map(|verdict| verdict.as_str()))
    });
    went_back.map(|(site, _)| site.clone()).collect()
}

fn entries(result: &SiteResult) -> (SiteEntry, Vec<FindingEntry>) {
    let findings = result.findings.iter();
    (
        SiteEntry::of(result),
        findings
            .map(|finding| FindingEntry::of(result, finding))
            .collect(),
    )
}

#[cfg(test)]
#[path = "past_tests.rs"]
mod tests;
