//! What later rechecks say of the sites of a full run. It is told beside what the run said, and decided about;
//! the files of the run stay what they were.

use std::collections::{HashMap, HashSet};

use super::api::{ApiError, ended_runs};
use super::carried::carry_into;
use super::server::Shared;
use crate::bundle::{RunKind, RunRecord, RunState};
use crate::report::read_results;
use crate::site::SiteId;
use crate::verdict::{Finding, Outcome, SiteResult};

/// The newest recheck of each site, with what was decided.
pub(super) type Rechecks = HashMap<SiteId, SiteResult>;

/// What rechecks of a full run with these results found since; nothing for other runs.
pub(super) fn rechecks_of(
    shared: &Shared,
    record: &RunRecord,
    results: &[SiteResult],
) -> Result<Rechecks, ApiError> {
    let mut newest = Rechecks::new();
    if record.kind != RunKind::Full {
        return Ok(newest);
    }
    let measured: HashSet<&SiteId> = results
        .iter()
        .filter(|result| result.outcome == Outcome::Measured)
        .map(|result| &result.site)
        .collect();
    for (folder, later) in ended_runs(shared) {
        if !is_recheck_of(&later, record) {
            continue;
        }
        let mut results = read_results(&folder.path().join("results.jsonl")).map_err(ApiError::broken)?;
        carry_into(Some(&shared.options().out), &folder, &mut results)?;
        for result in results {
            // One that could not measure what was measured before is no answer; an older one may be.
            let answers = result.outcome == Outcome::Measured
                || (result.outcome != Outcome::NotVisited && !measured.contains(&result.site));
            if answers {
                newest.entry(result.site.clone()).or_insert(result);
            }
        }
    }
    Ok(newest)
}

/// Whether there is any, without reading what it found.
pub(super) fn has_rechecks(shared: &Shared, record: &RunRecord) -> bool {
    record.kind == RunKind::Full
        && ended_runs(shared)
            .iter()
            .any(|(_, later)| is_recheck_of(later, record))
}

fn is_recheck_of(later: &RunRecord, record: &RunRecord) -> bool {
    later.kind == RunKind::Recheck
        && later.state != RunState::Running
        && later.of.as_deref() == Some(record.run.as_str())
}

/// What counts of a site for a check: the newest that was seen, with what the run itself said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// Whose finding it is: the run's, or that of a recheck.
    pub result: &'a SiteResult,
    pub finding: &'a Finding,
    /// Of the run, where a recheck is newer.
    pub was: Option<(&'a SiteResult, &'a Finding)>,
}

impl Told<'_> {
    /// Whether the recheck says something else.
    pub fn is_news(&self) -> bool {
        self.was
            .is_some_and(|(_, was)| was.status != self.finding.status || was.code != self.finding.code)
    }

    /// Where a decision about it belongs: to the run itself as long as its facts are the same there, so that
    /// it is seen in the files of the run too; else to the recheck.
    pub fn run(&self) -> &str {
        match self.was {
            Some((result, was))
                if was.fingerprint == self.finding.fingerprint && was.status == self.finding.status =>
            {
                &result.run
            }
            _ => &self.result.run,
        }
    }
}

/// Every finding of a result, each as the newest look at its site has it.
pub(super) fn told<'a>(result: &'a SiteResult, rechecks: &'a Rechecks) -> impl Iterator<Item = Told<'a>> {
    let again = rechecks.get(&result.site);
    result.findings.iter().map(move |finding| {
        let newer = again.and_then(|again| {
            let mut findings = again.findings.iter();
            let found = findings.find(|newer| newer.check == finding.check)?;
            Some((again, found))
        });
        match newer {
            Some((again, newer)) => Told {
                result: again,
                finding: newer,
                was: Some((result, finding)),
            },
            None => Told {
                result,
                finding,
                was: None,
            },
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::report::sample;
    use crate::verdict::{Status, Verdict};

    fn of_run(run: &str, verdict: Verdict) -> SiteResult {
        let mut result = sample::result("a.gov.vn", verdict);
        result.run = run.to_owned();
        result.findings.truncate(1);
        result
    }

    #[test]
    fn a_recheck_is_told_with_what_the_run_said() {
        let result = of_run("1", Verdict::Fail);
        let mut again = of_run("2", Verdict::Pass);
        again.findings[0].status = Status::Pass;
        let rechecks = Rechecks::from([(again.site.clone(), again)]);
        let one = told(&result, &rechecks).next().unwrap();
        assert_eq!(one.finding.status, Status::Pass);
        assert_eq!(one.was.unwrap().1.status, Status::Fail);
        assert!(one.is_news());
        assert_eq!(one.run(), "2", "the run itself saw something else");
    }

    #[test]
    fn the_same_facts_are_decided_in_the_run_itself() {
        let result = of_run("1", Verdict::Fail);
        let again = of_run("2", Verdict::Fail);
        let rechecks = Rechecks::from([(again.site.clone(), again)]);
        let one = told(&result, &rechecks).next().unwrap();
        assert!(!one.is_news());
        assert_eq!(one.run(), "1");
    }

    #[test]
    fn a_check_that_the_recheck_left_out_stays_the_runs() {
        let result = of_run("1", Verdict::Fail);
        let mut again = of_run("2", Verdict::Pass);
        again.findings.clear();
        let rechecks = Rechecks::from([(again.site.clone(), again)]);
        let one = told(&result, &rechecks).next().unwrap();
        assert!(one.was.is_none() && one.run() == "1");
    }
}
