//! How the sites of one system, one vendor or one group came out.

use std::collections::BTreeMap;

use crate::language::{Language, word};
use crate::rules::{CheckId, Rules};
use crate::system::SystemKind;
use crate::verdict::{SiteResult, Status, Verdict};

/// Failing codes that a tally names.
const MOST_CODES: usize = 3;

/// What sites are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    System,
    Vendor,
    Group,
}

impl Sort {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Vendor, Self::Group];

    /// Its key among the headings.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Vendor => "vendor",
            Self::Group => "group",
        }
    }

    /// What a site is sorted under; nothing where that is not known of it.
    fn key(self, result: &SiteResult) -> Option<&str> {
        match self {
            Self::System => result.system.as_ref().map(|system| system.name.as_str()),
            Self::Vendor => result.vendor.as_deref(),
            Self::Group => result.group.as_deref(),
        }
    }
}

/// One row: the sites that have something in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub name: String,
    pub sites: usize,
    /// In the order of [`Verdict::ALL`].
    pub verdicts: [usize; 4],
    /// The commonest mandatory fails: check, code, number of sites.
    pub codes: Vec<(CheckId, String, usize)>,
}

impl Tally {
    /// The commonest fails in words: `Nhãn đã kết nối EMC: bị ẩn (12)`.
    pub(crate) fn fails(&self, rules: &Rules, language: Language) -> String {
        let told = self.codes.iter().map(|(check, code, count)| {
            let name = rules.check_name(*check);
            let fault = word("fault", code, language);
            format!("{}: {fault} ({count})", name.in_language(language))
        });
        told.collect::<Vec<_>>().join("; ")
    }
}

/// The rows of one sorting, those with most failing sites first. Nothing where the list says nothing of it.
pub(crate) fn tallies(results: &[SiteResult], sort: Sort, language: Language) -> Vec<Tally> {
    let mut by_key: BTreeMap<Option<&str>, Vec<&SiteResult>> = BTreeMap::new();
    for result in results {
        by_key.entry(sort.key(result)).or_default().push(result);
    }
    if by_key.keys().all(Option::is_none) {
        return Vec::new();
    }
    let named = by_key.into_iter().map(|(key, members)| Tally {
        name: match (sort, key) {
            (Sort::System, key) => {
                let kind = key.unwrap_or(SystemKind::General.as_str());
                // A site whose page was not seen is not one whose system is unknown here.
                let unseen = key.is_none().then(|| word("status", "not_measured", language));
                unseen
                    .unwrap_or_else(|| word("system", kind, language))
                    .to_owned()
            }
            (_, Some(key)) => key.to_owned(),
            (_, None) => word("heading", "not_given", language).to_owned(),
        },
        ..tally(&members)
    });
    let mut rows: Vec<Tally> = named.collect();
    rows.sort_by(|one, other| {
        (other.verdicts[1], other.sites, &one.name).cmp(&(one.verdicts[1], one.sites, &other.name))
    });
    rows
}

fn tally(members: &[&SiteResult]) -> Tally {
    let mut fails: BTreeMap<(CheckId, &str), usize> = BTreeMap::new();
    for finding in members.iter().flat_map(|result| &result.findings) {
        if finding.status == Status::Fail
            && finding.mandatory
            && let Ok(check) = finding.check.parse()
        {
            *fails.entry((check, &finding.code)).or_default() += 1;
        }
    }
    let mut codes: Vec<(CheckId, String, usize)> = fails
        .into_iter()
        .map(|((check, code), count)| (check, code.to_owned(), count))
        .collect();
    codes.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    codes.truncate(MOST_CODES);
    let with = |verdict| members.iter().filter(|result| result.verdict == verdict).count();
    Tally {
        name: String::new(),
        sites: members.len(),
        verdicts: Verdict::ALL.map(with),
        codes,
    }
}
