//! One look at a site: what is asked of its page, and what of the observation is kept.

use std::sync::Arc;

use url::Url;

use super::address::{Neighbourhood, Place};
use super::find::Sight;
use crate::checks::{OwnPage, ids_in_use, outcome_of};
use crate::emc::EmcSettings;
use crate::observation::{Link, Observation};
use crate::rules::Rules;
use crate::site::{self, ListedSite, SiteId, SiteIndex};
use crate::system::recognise;
use crate::verdict::Outcome;
use crate::visit::Questions;

/// The portal's address for telling links to its home from others.
fn index_of(portal: &SiteId) -> SiteIndex {
    let mut index = SiteIndex::default();
    index.add(portal);
    index
}

/// Nothing more has to be waited for once the page links to its portal and has shown EMC's code. A portal is looked
/// at as long as there is time: more links may come.
#[derive(Debug)]
pub(super) struct Wanted {
    portal: Option<SiteIndex>,
    emc: EmcSettings,
}

impl Wanted {
    pub(super) fn of_component(portal: &SiteId, emc: &EmcSettings) -> Arc<Self> {
        Arc::new(Self {
            portal: Some(index_of(portal)),
            emc: emc.clone(),
        })
    }

    pub(super) fn of_portal(emc: &EmcSettings) -> Arc<Self> {
        Arc::new(Self {
            portal: None,
            emc: emc.clone(),
        })
    }
}

impl Questions for Wanted {
    fn settled(&self, observation: &Observation) -> bool {
        let Some(portal) = &self.portal else { return false };
        links_back(observation, portal) && has_code(observation, &self.emc)
    }

    fn to_follow(&self, _: &Observation) -> Vec<String> {
        Vec::new()
    }

    fn is_home_of_another(&self, _: &Url) -> bool {
        false
    }
}

/// Addresses of a link: its own, and those inside it.
pub(super) fn addresses(link: &Link) -> impl Iterator<Item = Url> {
    std::iter::once(&link.url)
        .chain(&link.targets)
        .filter_map(|url| Url::parse(url).ok())
}

/// The links of a page, without those in frames of other hosts.
pub(super) fn links(observation: &Observation) -> impl Iterator<Item = &Link> {
    let own = OwnPage::new(observation);
    let page = observation.page.iter().flat_map(|page| &page.links);
    page.filter(move |link| own.owns_frame(&link.frame))
}

fn links_back(observation: &Observation, portal: &SiteIndex) -> bool {
    links(observation)
        .any(|link| addresses(link).any(|url| matches!(portal.locate(&url), Some((_, site::Place::Home)))))
}

fn has_code(observation: &Observation, emc: &EmcSettings) -> bool {
    let own = OwnPage::new(observation);
    let asked = observation.requests.iter().any(|request| {
        own.owns_request(request) && Url::parse(&request.url).is_ok_and(|url| emc.is_script(&url))
    });
    asked || own.running_snippets().next().is_some()
}

/// What is kept of a look at `listed`.
pub(super) fn sight_of(
    observation: &Observation,
    listed: &ListedSite,
    here: &Neighbourhood,
    rules: &Rules,
    emc: &EmcSettings,
) -> Sight {
    let mut index = index_of(here.portal());
    index.add(&listed.site);
    let facts = outcome_of(observation, listed, &index, &rules.signals, emc);
    let ended = observation
        .final_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok());
    let went_to = ended.and_then(|url| ended_at(&url, listed, here));
    Sight {
        outcome: facts.outcome,
        reason: facts.reason_word(),
        went_to: went_to.filter(|_| {
            matches!(
                facts.outcome,
                Outcome::Measured | Outcome::Moved | Outcome::NotTheSite
            )
        }),
        title: observation
            .page
            .as_ref()
            .map_or_else(String::new, |page| page.title.clone()),
        system: recognise(observation).map(|system| system.name.as_str()),
        links_back: links_back(observation, &index_of(here.portal())),
        has_code: has_code(observation, emc),
        emc_ids: ids_in_use(observation, emc)
            .into_iter()
            .filter(|id| !id.is_empty())
            .collect(),
    }
}

/// The site at which a look ended, where that is another one than was looked at.
fn ended_at(url: &Url, listed: &ListedSite, here: &Neighbourhood) -> Option<SiteId> {
    let site = match here.place(url, &listed.name)? {
        Place::Portal => here.portal().clone(),
        Place::Path(site) | Place::Domain(site) | Place::Outside(site) => site,
    };
    // A site that the portal calls otherwise than its path reads is still where it was looked for.
    let mut own = SiteIndex::default();
    own.add(&listed.site);
    (site != listed.site && own.locate(url).is_none()).then_some(site)
}
