//! The sites that are ranked, and what is known of their connection to EMC: from a list, or from the newest run.

use std::collections::HashMap;

use url::Url;

use crate::site::{ListedSite, Role, SiteId, SiteIndex};
use crate::verdict::{SiteResult, Status};

/// Whether a site reports its visits to EMC, as the newest run saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connected {
    Yes,
    No,
    /// Not measured, or no run.
    Unknown,
}

/// One site to rank.
#[derive(Debug, Clone)]
pub struct KnownSite {
    pub site: SiteId,
    pub name: String,
    pub role: Role,
    pub portal: Option<SiteId>,
    pub connected: Connected,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Known {
    pub sites: Vec<KnownSite>,
    index: SiteIndex,
    by_id: HashMap<u64, Option<SiteId>>,
}

impl Known {
    pub fn of_results(results: &[SiteResult]) -> Self {
        let mut known = Self::default();
        for result in results {
            known.index.add(&result.site);
            known.add_ids(&result.emc_site_ids, &result.site);
            known.sites.push(KnownSite {
                site: result.site.clone(),
                name: result.name.clone(),
                role: result.role,
                portal: result.portal.clone(),
                connected: connected(result),
            });
        }
        known
    }

    /// The sites of a list; `results` of the newest run tell which of them are connected.
    pub fn of_list(sites: &[ListedSite], results: &[SiteResult]) -> Self {
        let seen: HashMap<&SiteId, Connected> = results
            .iter()
            .map(|result| (&result.site, connected(result)))
            .collect();
        let mut known = Self::default();
        for listed in sites {
            known.index.add(&listed.site);
            for alias in &listed.aliases {
                known.index.add_alias(&listed.site, alias);
            }
            known.add_ids(&listed.emc_site_ids, &listed.site);
            known.sites.push(KnownSite {
                site: listed.site.clone(),
                name: listed.name.clone(),
                role: listed.role,
                portal: listed.portal.clone(),
                connected: seen.get(&listed.site).copied().unwrap_or(Connected::Unknown),
            });
        }
        known
    }

    /// An id that several sites have tells none of them.
    fn add_ids(&mut self, ids: &[u64], site: &SiteId) {
        for id in ids {
            self.by_id
                .entry(*id)
                .and_modify(|known| *known = known.take().filter(|known| known == site))
                .or_insert_with(|| Some(site.clone()));
        }
    }

    pub(super) fn by_address(&self, url: &Url) -> Option<SiteId> {
        self.index.locate(url).map(|(site, _)| site.clone())
    }

    pub(super) fn by_emc_id(&self, text: &str) -> Option<SiteId> {
        let digits = text.trim().trim_end_matches(".0");
        self.by_id.get(&digits.parse().ok()?)?.clone()
    }
}

fn connected(result: &SiteResult) -> Connected {
    let beacon = result
        .findings
        .iter()
        .find(|finding| finding.check == "emc.beacon");
    match beacon.map(|finding| finding.status) {
        Some(Status::Pass) => Connected::Yes,
        Some(Status::Fail) => Connected::No,
        _ => Connected::Unknown,
    }
}
