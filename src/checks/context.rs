//! What a check may know beside the visit: the site's row, the other sites, and how EMC did at the time.

use std::fmt;

use crate::emc::EmcSettings;
use crate::rules::Signals;
use crate::site::{ListedSite, SiteId, SiteIndex};

/// Surroundings of one visit.
pub struct CheckContext<'a> {
    pub listed: &'a ListedSite,
    pub emc: &'a EmcSettings,
    pub signals: &'a Signals,
    /// Every site of the list with its aliases and the addresses it redirected to.
    pub index: &'a SiteIndex,
    /// The active component sites of this portal; empty for components.
    pub expected: &'a [Expected],
    /// The portal of this component.
    pub portal: Option<Portal>,
    /// Whether EMC answered control visits around this visit; `None` if there were none.
    pub emc_answered: Option<bool>,
    /// The robot answered tracker calls itself.
    pub beacon_stub: bool,
    /// Measured sites of other owners that use this site id.
    pub others_with_id: &'a dyn Fn(u64) -> Vec<IdUser>,
    /// SHA-256 of the script that most sites of the run got, if most agree.
    pub usual_script: Option<&'a str>,
}

/// A component site that its portal must link to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub site: SiteId,
    pub name: String,
}

/// A site of another owner that uses the same site id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdUser {
    pub site: SiteId,
    /// Whoever answers for it.
    pub owner: String,
}

/// The portal that a component belongs to; the name is empty where the list does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portal {
    pub site: SiteId,
    pub name: String,
}

impl CheckContext<'_> {
    /// A failed connection to EMC is the site's fault only if EMC was known to answer.
    pub(crate) fn emc_was_down(&self) -> bool {
        self.emc_answered != Some(true)
    }
}

impl fmt::Debug for CheckContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckContext")
            .field("site", &self.listed.site)
            .field("expected", &self.expected.len())
            .field("portal", &self.portal)
            .field("emc_answered", &self.emc_answered)
            .field("beacon_stub", &self.beacon_stub)
            .finish_non_exhaustive()
    }
}
