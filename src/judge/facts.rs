//! What only a whole run can know: which addresses are which site, who shares a site id, and which script
//! most sites get. Records are streamed through; a site leaves a few words behind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use url::Url;

use super::record::SiteRecord;
use super::site::JudgeContext;
use crate::checks::{Expected, IdUser, OwnPage, Portal, ids_in_use, outcome_of};
use crate::emc::EmcSettings;
use crate::observation::Observation;
use crate::site::{ListedSite, Place, Role, SiteId, SiteIndex, SiteState, registrable_domain};
use crate::verdict::Outcome;

/// Facts of one run. Adding a record again replaces what it said before.
#[derive(Debug, Clone, Default)]
pub struct RunFacts {
    /// Addresses of the list alone: they decide what is another site.
    listed: SiteIndex,
    /// Those and the addresses that home pages redirected to: they decide what a link leads to.
    index: SiteIndex,
    owners: HashMap<SiteId, String>,
    names: HashMap<SiteId, String>,
    components: BTreeMap<SiteId, Vec<Expected>>,
    seen: HashMap<SiteId, Seen>,
    /// Sites that use an id, so that the question who shares it costs nothing.
    by_id: HashMap<u64, BTreeSet<SiteId>>,
    /// How many sites got which script.
    scripts: BTreeMap<String, usize>,
}

/// What a run remembers of one site, for a later run that does not visit it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownSite {
    pub site: SiteId,
    #[serde(flatten)]
    seen: Seen,
}

/// What one measured site leaves behind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    outcome: Outcome,
    ids: BTreeSet<u64>,
    script: Option<String>,
    /// Addresses at which its home page ended.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    homes: BTreeSet<SiteId>,
}

impl RunFacts {
    /// Begins with the list: its sites, aliases, portals and who belongs to whom.
    pub fn new(sites: &[ListedSite]) -> Self {
        let mut facts = Self::default();
        for listed in sites {
            facts.listed.add(&listed.site);
            facts.owners.insert(listed.site.clone(), listed.owner());
            facts.names.insert(listed.site.clone(), listed.name.clone());
            if let (Role::Component, SiteState::Active, Some(portal)) =
                (listed.role, listed.state, &listed.portal)
            {
                facts
                    .components
                    .entry(portal.clone())
                    .or_default()
                    .push(Expected {
                        site: listed.site.clone(),
                        name: listed.name.clone(),
                    });
            }
        }
        for listed in sites {
            // A portal that is not in the list is visited as a reference, and links to it count.
            if let Some(portal) = &listed.portal
                && !facts.owners.contains_key(portal)
            {
                facts.listed.add(portal);
                facts.owners.insert(portal.clone(), portal.to_string());
            }
            for alias in &listed.aliases {
                add_address(&mut facts.listed, &facts.owners, &listed.site, alias);
            }
            if let Some(home) = listed.home_url.as_deref().and_then(|home| home.parse().ok()) {
                add_address(&mut facts.listed, &facts.owners, &listed.site, &home);
            }
        }
        facts.index = facts.listed.clone();
        facts
    }

    /// Adds what a site's visits saw: its home after redirects, its site ids, its script.
    pub fn add(&mut self, record: &SiteRecord, context: &JudgeContext<'_>) {
        let mut seen = Seen {
            outcome: Outcome::NotVisited,
            ids: BTreeSet::new(),
            script: None,
            homes: BTreeSet::new(),
        };
        for visit in &record.visits {
            let outcome = outcome_of(
                visit,
                &record.listed,
                &self.listed,
                &context.rules.signals,
                context.emc,
            )
            .outcome;
            if seen.outcome != Outcome::Measured {
                seen.outcome = outcome;
            }
            if outcome == Outcome::Measured {
                seen.homes.extend(home_of(record.site(), visit));
                seen.ids.extend(numbers(visit, context.emc));
                seen.script = seen.script.or_else(|| script_hash(visit, context.emc));
            }
        }
        self.add_homes(record.site(), &seen.homes);
        if !record.reference {
            self.remember(record.site(), seen);
        }
    }

    /// Adds what an earlier run saw of a site; a visit of this run replaces it.
    pub fn add_known(&mut self, known: &KnownSite) {
        self.add_homes(&known.site, &known.seen.homes);
        self.remember(&known.site, known.seen.clone());
    }

    /// What was seen of every site, in the order of their names.
    pub fn known(&self) -> Vec<KnownSite> {
        let mut known: Vec<KnownSite> = self
            .seen
            .iter()
            .map(|(site, seen)| KnownSite {
                site: site.clone(),
                seen: seen.clone(),
            })
            .collect();
        known.sort_by(|one, other| one.site.cmp(&other.site));
        known
    }

    fn remember(&mut self, site: &SiteId, seen: Seen) {
        if let Some(before) = self.seen.remove(site) {
            for id in &before.ids {
                if let Some(users) = self.by_id.get_mut(id) {
                    users.remove(site);
                }
            }
            if let Some(count) = before.script.and_then(|script| self.scripts.get_mut(&script)) {
                *count = count.saturating_sub(1);
            }
        }
        for id in &seen.ids {
            self.by_id.entry(*id).or_default().insert(site.clone());
        }
        if let Some(script) = &seen.script {
            *self.scripts.entry(script.clone()).or_default() += 1;
        }
        self.seen.insert(site.clone(), seen);
    }

    /// How a site that was added came out, as far as known.
    pub fn outcome(&self, site: &SiteId) -> Option<Outcome> {
        self.seen.get(site).map(|seen| seen.outcome)
    }

    /// Which site an address belongs to by the list alone, to tell whether a visit ended elsewhere.
    pub fn listed(&self) -> &SiteIndex {
        &self.listed
    }

    /// Which site a link leads to: by the list, or by an address that a home page redirected to.
    pub fn index(&self) -> &SiteIndex {
        &self.index
    }

    /// The active listed component sites of a portal.
    pub fn components_of(&self, portal: &SiteId) -> &[Expected] {
        self.components.get(portal).map_or(&[], Vec::as_slice)
    }

    pub(super) fn portal_of(&self, listed: &ListedSite) -> Option<Portal> {
        let site = listed.portal.clone()?;
        let name = self.names.get(&site).cloned().unwrap_or_default();
        Some(Portal { site, name })
    }

    /// Measured sites of other owners than `listed`'s that use site id `id`.
    pub(super) fn others_with_id(&self, listed: &ListedSite, id: u64) -> Vec<IdUser> {
        let owner = listed.owner();
        let others = self.by_id.get(&id).into_iter().flatten();
        others
            .filter(|site| **site != listed.site)
            .filter_map(|site| {
                let other = self.owners.get(site).filter(|other| **other != owner)?;
                Some(IdUser {
                    site: site.clone(),
                    owner: other.clone(),
                })
            })
            .collect()
    }

    /// SHA-256 of the script that more than half of at least five sites got.
    pub(super) fn usual_script(&self) -> Option<&str> {
        let all: usize = self.scripts.values().sum();
        self.scripts
            .iter()
            .find(|(_, count)| all >= 5 && **count * 2 > all)
            .map(|(hash, _)| hash.as_str())
    }

    /// The address at which a site's home page ended is an address of that site.
    fn add_homes(&mut self, site: &SiteId, homes: &BTreeSet<SiteId>) {
        for address in homes {
            add_address(&mut self.index, &self.owners, site, address);
        }
    }
}

/// Where a visit ended, if that is an address of the same domain.
fn home_of(site: &SiteId, visit: &Observation) -> Option<SiteId> {
    let url = Url::parse(visit.final_url.as_deref()?).ok()?;
    let address = SiteId::from_url(&url);
    let is_own = address != *site && registrable_domain(address.host()) == registrable_domain(site.host());
    is_own.then_some(address)
}

/// Adds another address of a site, unless it is known or another site's own.
fn add_address(index: &mut SiteIndex, owners: &HashMap<SiteId, String>, site: &SiteId, address: &SiteId) {
    let known = Url::parse(&address.home_url("https")).is_ok_and(|url| {
        index
            .locate(&url)
            .is_some_and(|(owner, place)| owner == site && place == Place::Home)
    });
    if address != site && !owners.contains_key(address) && !known {
        index.add_alias(site, address);
    }
}

fn numbers(visit: &Observation, emc: &EmcSettings) -> impl Iterator<Item = u64> {
    ids_in_use(visit, emc)
        .into_iter()
        .filter_map(|id| id.parse::<u64>().ok())
        .filter(|id| *id > 0)
}

fn script_hash(visit: &Observation, emc: &EmcSettings) -> Option<String> {
    let own = OwnPage::new(visit);
    visit
        .requests
        .iter()
        .filter(|request| own.owns_request(request))
        .filter(|request| Url::parse(&request.url).is_ok_and(|url| emc.is_script(&url)))
        .find_map(|request| request.body_sha256.clone())
}
