//! One file per check: what one visit saw, made into a finding.
//!
//! A check is a function of one observation and what surrounds the site; it knows nothing of other visits.
//! Putting visits together, and confirming before accusing, is the business of `judge`.

mod badge_place;
mod badge_saying;
mod context;
mod emc_badge;
mod emc_beacon;
mod emc_script;
mod emc_site_id;
mod finding;
mod layers;
mod link_follow;
mod link_match;
mod link_name;
mod link_redirect;
mod links_components;
mod links_portal;
mod look;
mod outcome;
mod own_page;
mod part;
mod refusal;
mod site_available;
mod site_ids;
mod snippet;
#[cfg(test)]
pub(crate) mod support;

pub use context::{CheckContext, Expected, IdUser, Portal};
pub use finding::VisitFinding;
pub(crate) use finding::cut;
pub(crate) use layers::layers;
pub use link_follow::links_to_follow;
pub(crate) use link_name::{mentions, says};
pub use look::{LookFindings, judge_look};
pub use outcome::{OutcomeFacts, REASONS, outcome_of};
pub(crate) use own_page::OwnPage;
pub(crate) use site_available::site_available;
pub(crate) use site_ids::{call_site_id, ids_in_use};

use crate::observation::Observation;
use crate::rules::CheckId;

/// Runs one check that needs nothing but this visit. `look.*` compares two sites and `site.available` speaks
/// of all visits: both have their own functions, and `None` here.
pub fn run(check: CheckId, observation: &Observation, context: &CheckContext<'_>) -> Option<VisitFinding> {
    let finding = match check {
        CheckId::EmcScript => emc_script::emc_script(observation, context),
        CheckId::EmcBeacon => emc_beacon::emc_beacon(observation, context),
        CheckId::EmcSiteId => emc_site_id::emc_site_id(observation, context),
        CheckId::EmcBadge => emc_badge::emc_badge(observation, context),
        CheckId::LinksComponents => links_components::links_components(observation, context),
        CheckId::LinksPortal => links_portal::links_portal(observation, context),
        CheckId::LookHeader | CheckId::LookFooter | CheckId::SiteAvailable => return None,
    };
    Some(part::doubt_absence(check, finding, observation))
}
