//! What is asked of a page while it is being visited: whether it has answered every question that presence
//! can answer, and which of its links have to be followed before absence may be believed.

use std::sync::Arc;

use url::Url;

use super::facts::RunFacts;
use crate::checks::{CheckContext, links_to_follow, run};
use crate::emc::EmcSettings;
use crate::look::regions;
use crate::observation::{BadgeCandidate, Observation};
use crate::rules::{CheckId, Rules};
use crate::site::{ListedSite, Place};
use crate::verdict::Status;

/// The questions to one site's page. Nobody is judged by them.
#[derive(Debug, Clone)]
pub struct PageQuestions {
    pub listed: ListedSite,
    pub facts: Arc<RunFacts>,
    pub emc: Arc<EmcSettings>,
    pub rules: Arc<Rules>,
}

impl PageQuestions {
    /// True when nothing would be gained by waiting: code, call, badge and links are all there. What is
    /// absent so far may still come, so that the page gets its whole time.
    pub fn settled(&self, observation: &Observation) -> bool {
        let asked = [
            CheckId::EmcScript,
            CheckId::EmcBeacon,
            CheckId::LinksComponents,
            CheckId::LinksPortal,
        ];
        let answered = self.within(|context| {
            asked
                .into_iter()
                .filter(|check| check.applies_to(self.listed.role))
                .filter_map(|check| run(check, observation, context))
                .all(|finding| matches!(finding.status, Status::Pass | Status::NotApplicable))
        });
        let badge = observation
            .page
            .as_ref()
            .is_some_and(|page| page.badges.iter().any(stands_there));
        answered && badge && self.is_framed(observation)
    }

    /// Header and footer are there, where they will be compared with the portal's.
    fn is_framed(&self, observation: &Observation) -> bool {
        let compared = CheckId::LookHeader.applies_to(self.listed.role) && self.listed.portal.is_some();
        !compared
            || observation.layout.as_ref().is_none_or(|layout| {
                let regions = regions::find(layout);
                !regions.header_absent && !regions.footer_absent
            })
    }

    /// Links to follow, best first.
    pub fn to_follow(&self, observation: &Observation) -> Vec<String> {
        if observation.page.is_none() {
            return Vec::new();
        }
        self.within(|context| links_to_follow(observation, context))
    }

    /// Whether an address is the home of another site of the list: a link that gets there need not be followed
    /// any further.
    pub fn is_home_of_another(&self, url: &Url) -> bool {
        let located = self.facts.index().locate(url);
        located.is_some_and(|(site, place)| place == Place::Home && *site != self.listed.site)
    }

    fn within<T>(&self, ask: impl FnOnce(&CheckContext<'_>) -> T) -> T {
        let nobody = |_: u64| Vec::new();
        ask(&CheckContext {
            listed: &self.listed,
            emc: &self.emc,
            signals: &self.rules.signals,
            index: self.facts.index(),
            expected: self.facts.components_of(&self.listed.site),
            portal: self.facts.portal_of(&self.listed),
            emc_answered: Some(true),
            beacon_stub: false,
            others_with_id: &nobody,
            usual_script: None,
        })
    }
}

/// Drawn as far as boxes and styles tell; the pictures decide later. What lies over it may go away by
/// itself, as a greeting or a curtain does.
fn stands_there(badge: &BadgeCandidate) -> bool {
    let covered = badge.hit_test.points > 0 && badge.hit_test.hits == 0;
    !badge.placement.in_news
        && badge.hidden_by.is_none()
        && !badge.off_screen
        && !covered
        && badge.clipped.area() > 0.0
}
