//! One row of the list: a site and what the list says of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SiteId;

/// A site as listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListedSite {
    pub site: SiteId,
    /// The address as listed; without a scheme in the list, `https` was put before it.
    pub url: String,
    /// The list gave a scheme, so only that one is wanted first.
    pub scheme_given: bool,
    pub name: String,
    pub role: Role,
    /// The portal that a component belongs to.
    pub portal: Option<SiteId>,
    /// Empty in the list: the site is its own owner.
    pub agency: Option<String>,
    /// Site ids registered with EMC, if the list knows them.
    pub emc_site_ids: Vec<u64>,
    /// Other addresses of the same site.
    pub aliases: Vec<SiteId>,
    /// Where the home page is, if not at the site's own address.
    pub home_url: Option<String>,
    pub group: Option<String>,
    pub vendor: Option<String>,
    pub state: SiteState,
    pub note: Option<String>,
}

impl ListedSite {
    /// A site with nothing known but its address.
    pub fn new(site: SiteId, role: Role) -> Self {
        Self {
            url: site.home_url("https"),
            scheme_given: false,
            name: site.to_string(),
            site,
            role,
            portal: None,
            agency: None,
            emc_site_ids: Vec::new(),
            aliases: Vec::new(),
            home_url: None,
            group: None,
            vendor: None,
            state: SiteState::Active,
            note: None,
        }
    }

    /// Who answers for the site: the agency, or the site itself.
    pub fn owner(&self) -> String {
        self.agency.clone().unwrap_or_else(|| self.site.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Portal,
    Component,
}

impl Role {
    /// The word that lists and results use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::Component => "component",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteState {
    #[default]
    Active,
    /// Shut down: listed for the record, neither visited nor expected as a link.
    Closed,
    /// Excused, with a note.
    Exempt,
}
