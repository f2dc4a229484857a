//! Who has most visits: portals among each other, and the component sites of each portal, with the change against the
//! month before. Pure; equal figures share a rank.

use std::collections::BTreeMap;

use super::figures::{Figures, Month};
use super::known::{Connected, Known, KnownSite};
use crate::site::{Role, SiteId};

/// Months that a trend shows.
const TREND_MONTHS: usize = 24;

/// What a month's figures and the newest run say of a site together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Not connected, and visits are counted: of another site with its id, or from before it lost its code.
    VisitsWithoutConnection,
    /// Connected, and no visit is counted.
    ConnectionWithoutVisits,
}

impl Doubt {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VisitsWithoutConnection => "visits_without_connection",
            Self::ConnectionWithoutVisits => "connection_without_visits",
        }
    }
}

/// A line of a ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    pub site: SiteId,
    pub name: String,
    /// `None`: no figure for the month.
    pub rank: Option<usize>,
    pub rank_before: Option<usize>,
    pub visits: Option<u64>,
    pub visits_before: Option<u64>,
    /// Of all that are ranked here, in percent.
    pub share: Option<f64>,
    pub doubt: Option<Doubt>,
    /// Oldest first, a gap where there is no figure.
    pub trend: Vec<(Month, Option<u64>)>,
}

/// Sites that are ranked among each other.
#[derive(Debug, Clone)]
pub struct Group {
    /// The portal whose components these are; `None`: the portals.
    pub portal: Option<(Option<SiteId>, String)>,
    pub lines: Vec<Ranked>,
    /// Visits of all of them in the month.
    pub total: u64,
    /// How these went together.
    pub trend: Vec<(Month, Option<u64>)>,
}

/// All rankings of a month.
#[derive(Debug, Clone)]
pub struct Ranking {
    pub month: Month,
    pub groups: Vec<Group>,
}

/// The newest month of the figures.
pub fn newest_month(figures: &Figures) -> Option<Month> {
    figures
        .values()
        .filter_map(|months| months.keys().next_back())
        .max()
        .copied()
}

/// Ranks the known sites by their figures of `month`.
pub fn rank(known: &Known, figures: &Figures, month: Month) -> Ranking {
    let portals: Vec<&KnownSite> = known
        .sites
        .iter()
        .filter(|site| site.role == Role::Portal)
        .collect();
    let mut groups = Vec::new();
    if !portals.is_empty() {
        groups.push(group(None, &portals, figures, month));
    }
    let mut owners: Vec<Option<&SiteId>> = Vec::new();
    for site in known.sites.iter().filter(|site| site.role == Role::Component) {
        if !owners.contains(&site.portal.as_ref()) {
            owners.push(site.portal.as_ref());
        }
    }
    for owner in owners {
        let members: Vec<&KnownSite> = known
            .sites
            .iter()
            .filter(|site| site.role == Role::Component && site.portal.as_ref() == owner)
            .collect();
        let named = portals.iter().find(|portal| Some(&portal.site) == owner);
        let name = named
            .map(|portal| portal.name.clone())
            .or_else(|| owner.map(ToString::to_string));
        let head = (owner.cloned(), name.unwrap_or_default());
        groups.push(group(Some(head), &members, figures, month));
    }
    Ranking { month, groups }
}

fn group(
    portal: Option<(Option<SiteId>, String)>,
    members: &[&KnownSite],
    figures: &Figures,
    month: Month,
) -> Group {
    let of = |site: &KnownSite, month: Month| figures.get(&site.site)?.get(&month).copied();
    let months = months(figures, month);
    let now: Vec<Option<u64>> = members.iter().map(|site| of(site, month)).collect();
    let before: Vec<Option<u64>> = members.iter().map(|site| of(site, month.before())).collect();
    let total = sum(now.iter().copied()).unwrap_or_default();
    let mut lines: Vec<Ranked> = members
        .iter()
        .enumerate()
        .map(|(at, site)| Ranked {
            site: site.site.clone(),
            name: site.name.clone(),
            rank: rank_of(now[at], &now),
            rank_before: rank_of(before[at], &before),
            visits: now[at],
            visits_before: before[at],
            share: now[at].filter(|_| total > 0).map(|visits| percent(visits, total)),
            doubt: doubt(site.connected, now[at]),
            trend: months.iter().map(|month| (*month, of(site, *month))).collect(),
        })
        .collect();
    lines.sort_by(|a, b| {
        let key = |line: &Ranked| (line.rank.is_none(), line.rank);
        key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
    });
    let together = |month: &Month| (*month, sum(members.iter().map(|site| of(site, *month))));
    Group {
        portal,
        lines,
        total,
        trend: months.iter().map(together).collect(),
    }
}

/// Months up to `last`, without gaps, from the first that has figures.
fn months(figures: &Figures, last: Month) -> Vec<Month> {
    let first = figures
        .values()
        .filter_map(|months| months.keys().next())
        .min()
        .copied();
    up_to(last, first.unwrap_or(last))
}

/// Months from `first` to `last`, at most those that a trend shows.
fn up_to(last: Month, first: Month) -> Vec<Month> {
    let mut months: Vec<Month> = std::iter::successors(Some(last), |month| Some(month.before()))
        .take_while(|month| *month >= first)
        .take(TREND_MONTHS)
        .collect();
    months.reverse();
    months
}

/// The trend of one site up to its newest figure; empty where it has none.
pub fn trend_of(figures: &BTreeMap<Month, u64>) -> Vec<(Month, Option<u64>)> {
    let ends = (figures.keys().next(), figures.keys().next_back());
    let (Some(first), Some(last)) = ends else {
        return Vec::new();
    };
    let months = up_to(*last, *first).into_iter();
    months
        .map(|month| (month, figures.get(&month).copied()))
        .collect()
}

fn sum(figures: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    figures.flatten().fold(None, |sum, visits| {
        Some(sum.unwrap_or(0_u64).saturating_add(visits))
    })
}

/// One more than those that have more.
fn rank_of(visits: Option<u64>, all: &[Option<u64>]) -> Option<usize> {
    let visits = visits?;
    Some(1 + all.iter().flatten().filter(|other| **other > visits).count())
}

#[allow(clippy::cast_precision_loss)] // a share is shown with one decimal
fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

fn doubt(connected: Connected, visits: Option<u64>) -> Option<Doubt> {
    let has_visits = visits.is_some_and(|visits| visits > 0);
    match connected {
        Connected::No if has_visits => Some(Doubt::VisitsWithoutConnection),
        Connected::Yes if !has_visits => Some(Doubt::ConnectionWithoutVisits),
        _ => None,
    }
}

#[cfg(test)]
#[path = "rank_tests.rs"]
mod tests;
