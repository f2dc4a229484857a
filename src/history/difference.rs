//! What changed between two runs. Pure: rows in, changes out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::take_in::{FindingEntry, SiteEntry};

/// What became of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A check that must pass fails that did not fail before.
    Worse,
    /// What failed passes, and nothing else began to fail.
    Fixed,
    /// Something else changed: its cause, or whether it could be measured.
    Other,
    /// Only in the later run.
    New,
    /// Only in the earlier run.
    Gone,
}

impl Change {
    pub const ALL: [Self; 5] = [Self::Worse, Self::Fixed, Self::Other, Self::New, Self::Gone];

    /// The word that `--json` uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Fixed => "fixed",
            Self::Other => "other",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// One check that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckChange {
    pub check: String,
    pub was: Said,
    pub is: Said,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    pub status: String,
    pub code: String,
}

/// One site that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteChange {
    pub site: String,
    pub name: String,
    pub change: Change,
    /// Verdict before and after; nothing where the site was not in that run.
    pub was: Option<String>,
    pub is: Option<String>,
    /// Its verdict went back and forth in recent runs.
    pub flaky: bool,
    pub checks: Vec<CheckChange>,
}

/// All that changed, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub sites: Vec<SiteChange>,
    pub unchanged: usize,
}

type Sites = [(SiteEntry, Vec<FindingEntry>)];

/// Compares two runs. Only checks that both of them judged are compared. `restless` are sites whose verdict goes
/// back and forth.
pub fn difference(earlier: &Sites, later: &Sites, restless: &BTreeSet<String>) -> Difference {
    let before: BTreeMap<&str, &(SiteEntry, Vec<FindingEntry>)> = earlier
        .iter()
        .map(|entry| (entry.0.site.as_str(), entry))
        .collect();
    let after: BTreeSet<&str> = later.iter().map(|(site, _)| site.site.as_str()).collect();
    let mut sites = Vec::new();
    let mut unchanged = 0;
    for (site, findings) in later {
        let change = match before.get(site.site.as_str()) {
            None => Some(appeared(site, Change::New)),
            Some((was, found)) => changed(was, found, site, findings),
        };
        match change {
            Some(change) => sites.push(change),
            None => unchanged += 1,
        }
    }
    let gone = earlier
        .iter()
        .filter(|(site, _)| !after.contains(site.site.as_str()));
    sites.extend(gone.map(|(site, _)| appeared(site, Change::Gone)));
    for change in &mut sites {
        change.flaky = restless.contains(&change.site);
    }
    sites.sort_by(|a, b| (a.change, &a.site).cmp(&(b.change, &b.site)));
    Difference { sites, unchanged }
}

fn appeared(site: &SiteEntry, change: Change) -> SiteChange {
    let verdict = Some(site.verdict.clone());
    let (was, is) = match change {
        Change::Gone => (verdict, None),
        _ => (None, verdict),
    };
    SiteChange {
        site: site.site.clone(),
        name: site.name.clone(),
        change,
        was,
        is,
        flaky: false,
        checks: Vec::new(),
    }
}

fn changed(
    was: &SiteEntry,
    found: &[FindingEntry],
    is: &SiteEntry,
    finds: &[FindingEntry],
) -> Option<SiteChange> {
    let mut checks = Vec::new();
    let (mut worse, mut mended) = (false, false);
    for finding in finds {
        let Some(before) = found
            .iter()
            .find(|before| before.check_name == finding.check_name)
        else {
            continue;
        };
        if before.status == finding.status && before.code == finding.code {
            continue;
        }
        let (failed, fails) = (before.status == "fail", finding.status == "fail");
        worse |= finding.mandatory && fails && !failed;
        mended |= finding.mandatory && failed && finding.status == "pass";
        checks.push(CheckChange {
            check: finding.check_name.clone(),
            was: said(before),
            is: said(finding),
        });
    }
    if checks.is_empty() && was.verdict == is.verdict && was.outcome == is.outcome {
        return None;
    }
    let change = if worse {
        Change::Worse
    } else if mended {
        Change::Fixed
    } else {
        Change::Other
    };
    Some(SiteChange {
        site: is.site.clone(),
        name: is.name.clone(),
        change,
        was: Some(was.verdict.clone()),
        is: Some(is.verdict.clone()),
        flaky: false,
        checks,
    })
}

fn said(finding: &FindingEntry) -> Said {
    Said {
        status: finding.status.clone(),
        code: finding.code.clone(),
    }
}
