//! What the runs on disk say that matters for keeping them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use jiff::Timestamp;

use super::plan::{RunView, SiteView};
use crate::bundle::{RemovedBecause, RunFolder, RunKind, RunRecord, RunState, StoreError};
use crate::history::{History, HistoryError};
use crate::report::read_results;
use crate::review::{CarryError, carry_into};
use crate::site::SiteId;
use crate::verdict::{Outcome, SiteResult, Verdict};

/// Which runs and sites people decided about.
#[derive(Debug, Default)]
pub(super) struct Decisions(HashSet<(String, String)>);

impl Decisions {
    /// All that were ever made: a decision that another one followed was made too.
    pub(super) fn read(out: &Path) -> Result<Self, HistoryError> {
        let Some(history) = History::open_existing(out)? else {
            return Ok(Self::default());
        };
        let reviews = history.reviews(None)?.into_iter();
        Ok(Self(reviews.map(|review| (review.run, review.site)).collect()))
    }

    pub(super) fn has(&self, run: &str, site: &SiteId) -> bool {
        self.0.contains(&(run.to_owned(), site.to_string()))
    }
}

/// The newest full run that was finished: what rechecks start from.
pub(super) fn newest_full(runs: &[(RunFolder, RunRecord)]) -> Option<&str> {
    let full = runs
        .iter()
        .filter(|(_, record)| record.kind == RunKind::Full && record.state == RunState::Finished);
    let newest = full.max_by_key(|(_, record)| (&record.started, &record.run));
    newest.map(|(_, record)| record.run.as_str())
}

/// What a run says of its sites.
///
/// # Errors
/// When its results or its list cannot be read; such a run is left alone.
pub(super) fn view(
    out: &Path,
    folder: &RunFolder,
    record: &RunRecord,
    decisions: &Decisions,
) -> Result<RunView, CarryError> {
    let mut results: BTreeMap<SiteId, Told> = BTreeMap::new();
    for base in folder.judgements()? {
        let mut lines = read_results(&folder.path().join(base).join("results.jsonl"))?;
        carry_into(Some(out), folder, &mut lines)?;
        for line in lines {
            results.entry(line.site.clone()).or_default().add(&line);
        }
    }
    let list = folder.read_list()?;
    let mut sites: BTreeMap<SiteId, Option<SiteId>> = BTreeMap::new();
    let listed = list.sites.iter().chain(&list.references);
    sites.extend(listed.map(|listed| (listed.site.clone(), listed.portal.clone())));
    let references: HashSet<&SiteId> = list.compared().map(|listed| &listed.site).collect();
    let mut views = Vec::new();
    for (site, portal) in sites {
        let visits = folder.bag_numbers(&site).map_err(StoreError::from)?;
        let bytes = visits.iter().map(|visit| folder.bag_bytes(&site, *visit)).sum();
        let told = results.get(&site);
        views.push(SiteView {
            because: match told {
                Some(told) if told.is_against => Some(RemovedBecause::Failing),
                Some(_) => Some(RemovedBecause::Passing),
                // Nobody judges a portal that was only visited for comparison.
                None => references.contains(&site).then_some(RemovedBecause::Passing),
            },
            is_measured: told.is_some_and(|told| told.is_measured),
            is_decided: told.is_some_and(|told| told.is_open) || decisions.has(&record.run, &site),
            site,
            portal,
            visits,
            bytes,
        });
    }
    let started = time(&record.started);
    Ok(RunView {
        run: record.run.clone(),
        since: record.ended.as_deref().map_or(started, time),
        started,
        is_newest_full: false,
        sites: views,
    })
}

/// A time that cannot be read is never over.
fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::MAX)
}

/// What all results of a run say of a site.
#[derive(Debug, Default)]
struct Told {
    is_measured: bool,
    /// One of them speaks against it, or leaves it open.
    is_against: bool,
    /// A person left a question open.
    is_open: bool,
}

impl Told {
    fn add(&mut self, line: &SiteResult) {
        self.is_measured |= line.outcome == Outcome::Measured;
        self.is_against |=
            line.verdict != Verdict::Pass || line.reviewed.is_some_and(|by| by != Verdict::Pass);
        let reviewed = line
            .findings
            .iter()
            .filter_map(|finding| finding.reviewed.as_ref());
        for reviewed in reviewed {
            self.is_open |= reviewed.decision.is_open();
        }
    }
}
