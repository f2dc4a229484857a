//! Whether a page that is being visited has answered every question that presence can answer.

use super::control::ControlFacts;
use super::facts::RunFacts;
use crate::checks::{CheckContext, run};
use crate::emc::EmcSettings;
use crate::observation::{BadgeCandidate, Observation};
use crate::rules::{CheckId, Rules};
use crate::site::{ListedSite, SiteId};
use crate::verdict::Status;

/// True when nothing would be gained by waiting: code, call, badge and links are all there. What is
/// absent so far may still come, so that the page gets its whole time.
pub fn is_settled(
    observation: &Observation,
    listed: &ListedSite,
    facts: &RunFacts,
    emc: &EmcSettings,
    rules: &Rules,
) -> bool {
    let nobody = |_: u64| Vec::<SiteId>::new();
    let control = ControlFacts::always(true);
    let context = CheckContext {
        listed,
        emc,
        signals: &rules.signals,
        index: facts.index(),
        expected: facts.components_of(&listed.site),
        portal: facts.portal_of(listed),
        emc_answered: control.emc_answered_near(&observation.started_at),
        beacon_stub: false,
        others_with_id: &nobody,
        usual_script: None,
    };
    let asked = [CheckId::EmcScript, CheckId::EmcBeacon, CheckId::LinksComponents, CheckId::LinksPortal];
    let answered = asked
        .into_iter()
        .filter(|check| check.applies_to(listed.role))
        .filter_map(|check| run(check, observation, &context))
        .all(|finding| matches!(finding.status, Status::Pass | Status::NotApplicable));
    let badge = observation.page.as_ref().is_some_and(|page| page.badges.iter().any(stands_there));
    answered && badge
}

/// Drawn as far as boxes and styles tell; the pictures decide later.
fn stands_there(badge: &BadgeCandidate) -> bool {
    !badge.placement.in_news && badge.hidden_by.is_none() && !badge.off_screen && badge.clipped.area() > 0.0
}
