//! Which evidence may go. Pure: what the runs on disk say in, what stays and why out.
//!
//! A site's visits in a run go together or not at all. What a person decided or disputes rests on stays, and so do
//! the newest full run, the newest run of each site, the newest one that measured it, and a portal's visits while
//! those of a component that was compared with it are there.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::bundle::RemovedBecause;
use crate::settings::RetentionSettings;
use crate::site::SiteId;

/// A run that has ended, as far as it matters here.
#[derive(Debug, Clone)]
pub(super) struct RunView {
    pub run: String,
    /// From when days are counted: its end.
    pub since: Timestamp,
    pub started: Timestamp,
    pub is_newest_full: bool,
    pub sites: Vec<SiteView>,
}

/// A site of a run.
#[derive(Debug, Clone)]
pub(super) struct SiteView {
    pub site: SiteId,
    pub portal: Option<SiteId>,
    /// Visits whose bags are there.
    pub visits: Vec<u32>,
    pub bytes: u64,
    /// What its time goes by. Nothing where no result tells of it, and no component was compared with it.
    pub because: Option<RemovedBecause>,
    pub is_measured: bool,
    /// A decision of a person rests on these visits, or is still open.
    pub is_decided: bool,
}

/// Why visits stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Their time is not over.
    Young,
    NewestOfSite,
    NewestFullRun,
    Decided,
    /// A component that was compared with them is still there.
    Compared,
    /// Nobody knows what they are evidence of.
    Unknown,
}

impl Kept {
    /// The word of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Young => "young",
            Self::NewestOfSite => "newest_of_site",
            Self::NewestFullRun => "newest_full_run",
            Self::Decided => "decided",
            Self::Compared => "compared",
            Self::Unknown => "unknown",
        }
    }
}

/// Visits of a site that may go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SitePlan {
    pub site: SiteId,
    pub visits: Vec<u32>,
    pub because: RemovedBecause,
    pub bytes: u64,
}

/// What becomes of the evidence of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunPlan {
    pub run: String,
    /// RFC 3339, UTC.
    pub since: String,
    pub remove: Vec<SitePlan>,
    /// Sites whose visits stay, by why.
    pub kept: BTreeMap<Kept, usize>,
    pub kept_bytes: u64,
}

impl RunPlan {
    pub fn visits(&self) -> usize {
        self.remove.iter().map(|site| site.visits.len()).sum()
    }

    pub fn bytes(&self) -> u64 {
        self.remove.iter().map(|site| site.bytes).sum()
    }
}

/// Says for each run what may go at `now`.
pub(super) fn plan(runs: &[RunView], settings: &RetentionSettings, now: Timestamp) -> Vec<RunPlan> {
    let newest = Newest::of(runs);
    runs.iter()
        .map(|run| plan_run(run, settings, now, &newest))
        .collect()
}

/// The newest run of each site, and the newest one that measured it.
struct Newest<'a> {
    seen: HashMap<&'a SiteId, &'a str>,
    measured: HashMap<&'a SiteId, &'a str>,
}

impl<'a> Newest<'a> {
    fn of(runs: &'a [RunView]) -> Self {
        let mut sorted: Vec<&RunView> = runs.iter().collect();
        sorted.sort_by_key(|run| (run.started, &run.run));
        let (mut seen, mut measured) = (HashMap::new(), HashMap::new());
        for run in sorted {
            for site in run.sites.iter().filter(|site| !site.visits.is_empty()) {
                seen.insert(&site.site, run.run.as_str());
                if site.is_measured {
                    measured.insert(&site.site, run.run.as_str());
                }
            }
        }
        Self { seen, measured }
    }

    fn is(&self, site: &SiteId, run: &str) -> bool {
        self.seen.get(site) == Some(&run) || self.measured.get(site) == Some(&run)
    }
}

fn plan_run(run: &RunView, settings: &RetentionSettings, now: Timestamp, newest: &Newest<'_>) -> RunPlan {
    let mut plan = RunPlan {
        run: run.run.clone(),
        since: run.since.to_string(),
        remove: Vec::new(),
        kept: BTreeMap::new(),
        kept_bytes: 0,
    };
    let there: Vec<&SiteView> = run.sites.iter().filter(|site| !site.visits.is_empty()).collect();
    let fates: Vec<Result<RemovedBecause, Kept>> = there
        .iter()
        .map(|site| fate(run, site, settings, now, newest))
        .collect();
    let stays = there.iter().zip(&fates).filter(|(_, fate)| fate.is_err());
    let compared: HashSet<&SiteId> = stays.filter_map(|(site, _)| site.portal.as_ref()).collect();
    for (site, fate) in there.iter().zip(&fates) {
        let fate = match fate {
            Ok(_) if compared.contains(&site.site) => Err(Kept::Compared),
            fate => *fate,
        };
        match fate {
            Ok(because) => plan.remove.push(SitePlan {
                site: site.site.clone(),
                visits: site.visits.clone(),
                because,
                bytes: site.bytes,
            }),
            Err(kept) => {
                *plan.kept.entry(kept).or_default() += 1;
                plan.kept_bytes += site.bytes;
            }
        }
    }
    plan
}

fn fate(
    run: &RunView,
    site: &SiteView,
    settings: &RetentionSettings,
    now: Timestamp,
    newest: &Newest<'_>,
) -> Result<RemovedBecause, Kept> {
    let because = site.because.ok_or(Kept::Unknown)?;
    if now.duration_since(run.since) < days(limit(settings, because)) {
        return Err(Kept::Young);
    }
    if run.is_newest_full {
        return Err(Kept::NewestFullRun);
    }
    if newest.is(&site.site, &run.run) {
        return Err(Kept::NewestOfSite);
    }
    if site.is_decided {
        return Err(Kept::Decided);
    }
    Ok(because)
}

/// The days after which evidence may go.
pub(super) fn limit(settings: &RetentionSettings, because: RemovedBecause) -> u64 {
    match because {
        RemovedBecause::Passing => settings.passing_days,
        RemovedBecause::Failing => settings.failing_days,
    }
}

pub(super) fn days(days: u64) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or(i64::MAX / 24))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn site(name: &str, portal: Option<&str>, passes: bool) -> SiteView {
        SiteView {
            site: name.parse().unwrap(),
            portal: portal.map(|portal| portal.parse().unwrap()),
            visits: vec![1],
            bytes: 10,
            because: Some(if passes {
                RemovedBecause::Passing
            } else {
                RemovedBecause::Failing
            }),
            is_measured: true,
            is_decided: false,
        }
    }

    fn run(day: &str, sites: Vec<SiteView>) -> RunView {
        let started: Timestamp = format!("{day}T02:00:00Z").parse().unwrap();
        RunView {
            run: day.to_owned(),
            since: started,
            started,
            is_newest_full: false,
            sites,
        }
    }

    /// Sites that go, by run.
    fn removed(runs: &[RunView], now: &str) -> Vec<(String, Vec<String>)> {
        let now: Timestamp = format!("{now}T02:00:00Z").parse().unwrap();
        let plans = plan(runs, &RetentionSettings::default(), now);
        let of_run = |plan: RunPlan| {
            let sites = plan.remove.iter().map(|site| site.site.to_string());
            (plan.run, sites.collect())
        };
        plans.into_iter().map(of_run).collect()
    }

    fn gone(runs: &[RunView], now: &str) -> Vec<String> {
        let all = removed(runs, now).into_iter();
        all.flat_map(|(run, sites)| sites.into_iter().map(move |site| format!("{run} {site}")))
            .collect()
    }

    #[test]
    fn passing_evidence_goes_first_and_failing_evidence_after_its_year() {
        let both = || vec![site("a.gov.vn", None, true), site("b.gov.vn", None, false)];
        let runs = [run("2026-01-01", both()), run("2026-06-01", both())];
        assert_eq!(gone(&runs, "2026-03-31"), Vec::<String>::new());
        assert_eq!(gone(&runs, "2026-04-01"), ["2026-01-01 a.gov.vn"]);
        assert_eq!(gone(&runs, "2027-01-31"), ["2026-01-01 a.gov.vn"]);
        assert_eq!(
            gone(&runs, "2027-02-01"),
            ["2026-01-01 a.gov.vn", "2026-01-01 b.gov.vn"],
            "and never the newest run of a site"
        );
        assert_eq!(gone(&runs, "2099-01-01").len(), 2);
    }

    #[test]
    fn the_newest_run_that_measured_a_site_stays_when_later_ones_did_not() {
        let mut silent = site("a.gov.vn", None, false);
        silent.is_measured = false;
        let runs = [
            run("2026-01-01", vec![site("a.gov.vn", None, true)]),
            run("2026-02-01", vec![site("a.gov.vn", None, true)]),
            run("2026-03-01", vec![silent.clone()]),
            run("2026-04-01", vec![silent]),
        ];
        assert_eq!(
            gone(&runs, "2099-01-01"),
            ["2026-01-01 a.gov.vn", "2026-03-01 a.gov.vn"]
        );
    }

    #[test]
    fn what_a_decision_rests_on_and_the_newest_full_run_stay() {
        let mut decided = site("a.gov.vn", None, false);
        decided.is_decided = true;
        let mut full = run("2026-02-01", vec![site("a.gov.vn", None, true)]);
        full.is_newest_full = true;
        let recheck = run("2026-03-01", vec![site("a.gov.vn", None, true)]);
        let runs = [run("2026-01-01", vec![decided]), full, recheck];
        assert_eq!(gone(&runs, "2099-01-01"), Vec::<String>::new());
    }

    #[test]
    fn a_portal_stays_while_a_component_that_was_compared_with_it_does() {
        let sites = || {
            vec![
                site("p.gov.vn", None, true),
                site("a.gov.vn", Some("p.gov.vn"), false),
            ]
        };
        let runs = [run("2026-01-01", sites()), run("2026-06-01", sites())];
        assert_eq!(gone(&runs, "2026-06-01"), Vec::<String>::new());
        assert_eq!(gone(&runs, "2027-06-01").len(), 2);
    }

    #[test]
    fn bags_of_nobody_and_ends_in_the_future_are_left_alone() {
        let mut unknown = site("x.gov.vn", None, true);
        unknown.because = None;
        let runs = [
            run("2026-01-01", vec![unknown.clone()]),
            run("2026-02-01", vec![unknown]),
            run("2098-01-01", vec![site("a.gov.vn", None, true)]),
            run("2099-01-01", vec![site("a.gov.vn", None, true)]),
        ];
        assert_eq!(gone(&runs, "2027-01-01"), Vec::<String>::new());
    }
}
