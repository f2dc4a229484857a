//! Which visits are still missing before a result may stand.

use std::collections::BTreeMap;

use super::combine::disagree;
use super::facts::RunFacts;
use super::record::{PictureSource, SiteRecord};
use super::site::JudgeContext;
use super::visits::{JudgedVisit, as_seen, excused, judge_visits, portal_visits, seen_by};
use crate::observation::{Engine, Observation};
use crate::rules::CheckId;
use crate::verdict::{Outcome, Status};

/// Visits of one site from the first measured one on: more settle nothing that these did not.
const MOST_VISITS: usize = 4;

/// Asks for further visits.
#[derive(Debug, Clone, Copy)]
pub struct Confirmation;

/// What is missing. Nothing is missing when all are false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct Needed {
    /// A fail of an `emc.*` or `links.*` check waits for a visit in the full browser.
    pub full_browser: bool,
    /// A fail of a `look.*` check waits for a second visit in the portal's engine.
    pub portal_engine: bool,
    /// Two visits disagree.
    pub third: bool,
    /// Not measured so far: the other engine has not tried.
    pub other_engine: bool,
    /// The engine that the next visit should use; visit, then ask again.
    pub next: Option<Engine>,
    /// No visit is needed now, but one at the end of the run may bring what these did not.
    pub missed: Option<Missed>,
}

/// What the visits of a site missed, for a reason that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// The site was never reached, or refused every visit.
    Site,
    /// EMC was silent whenever the site was visited.
    Emc,
}

impl Needed {
    pub fn any(self) -> bool {
        self.full_browser || self.portal_engine || self.third || self.other_engine
    }
}

impl Confirmation {
    /// What is missing for `record`. `portal` is the record of a component's portal. Ask again after each
    /// further visit, until nothing is missing.
    pub fn needed(
        record: &SiteRecord,
        portal: Option<&SiteRecord>,
        facts: &RunFacts,
        context: &JudgeContext<'_>,
        pictures: &dyn PictureSource,
    ) -> Needed {
        let mut needed = Needed::default();
        let Some(last) = record.visits.last().filter(|_| excused(record).is_none()) else {
            return needed;
        };
        let visits = judge_visits(record, portal, facts, context, pictures);
        let Some(first) = visits.iter().position(JudgedVisit::measured) else {
            // The robot itself stayed away: another engine would do so too.
            let not_tried = |visit: &JudgedVisit<'_>| visit.outcome.reason == Some("private_address");
            if visits.iter().all(not_tried) {
                return needed;
            }
            let tried = record.visits.iter().any(|visit| visit.engine != last.engine);
            if tried {
                needed.missed = visits.iter().any(may_pass).then_some(Missed::Site);
            } else {
                needed.other_engine = true;
                needed.next = Some(last.engine.other());
            }
            return needed;
        };
        if record.reference || visits.len() - first >= MOST_VISITS {
            return needed;
        }
        if context.confirm {
            confirm(&mut needed, &visits, first);
        }
        if let Some(portal) = portal {
            look(
                &mut needed,
                &visits,
                &portal_visits(portal, facts, context),
                context.confirm,
            );
        }
        let emc_silent = |visit: &JudgedVisit<'_>| {
            let script = visit.findings.get(&CheckId::EmcScript);
            !visit.measured() || script.is_some_and(|found| found.status == Status::NotMeasured)
        };
        if !needed.any() && visits.iter().all(emc_silent) {
            needed.missed = Some(Missed::Emc);
        }
        needed
    }
}

/// What stood in the way may be gone later; a page of another kind, or another site, stays what it is.
fn may_pass(visit: &JudgedVisit<'_>) -> bool {
    matches!(visit.outcome.outcome, Outcome::Unreachable | Outcome::Blocked)
}

/// Fails of `emc.*` and `links.*`: the full browser must agree, and a third visit decides a disagreement.
/// `first` is the first measured visit; a confirming visit that could not be measured is not repeated.
fn confirm(needed: &mut Needed, visits: &[JudgedVisit<'_>], first: usize) {
    let later = &visits[first + 1..];
    let in_full = later
        .iter()
        .filter(|visit| visit.observation.engine == Engine::Chrome)
        .count();
    for check in CheckId::ALL.into_iter().filter(|check| !check.is_look()) {
        let found = seen_by(check, visits);
        let seen = as_seen(&found, visits);
        let fails = seen.iter().any(|one| one.finding.status == Status::Fail);
        needed.full_browser |= fails && in_full == 0;
        needed.third |= disagree(&seen) && in_full == 1;
    }
    if needed.full_browser || needed.third {
        needed.next = Some(Engine::Chrome);
    }
}

/// Fails of `look.*`: a second visit in the portal's engine must agree, and a third decides. A component that
/// was only measured in an engine in which its portal was not is visited in the portal's.
fn look(
    needed: &mut Needed,
    visits: &[JudgedVisit<'_>],
    portals: &BTreeMap<Engine, &Observation>,
    confirm: bool,
) {
    for check in [CheckId::LookHeader, CheckId::LookFooter] {
        let found = seen_by(check, visits);
        let apart = !found.is_empty() && found.iter().all(|(_, one)| one.code == "portal_not_measured");
        let engine = if apart {
            let visited = |engine: Engine| visits.iter().any(|visit| visit.observation.engine == engine);
            portals.keys().copied().find(|engine| !visited(*engine))
        } else {
            let disagrees = found.len() == 2 && disagree(&as_seen(&found, visits));
            let fail = found.iter().find(|(_, one)| one.status == Status::Fail);
            fail.filter(|_| confirm && (found.len() < 2 || disagrees))
                .map(|(at, _)| visits[*at].observation.engine)
        };
        if let Some(engine) = engine {
            needed.portal_engine = true;
            // A visit in the full browser that is due anyway comes first; then this is asked again.
            needed.next.get_or_insert(engine);
        }
    }
}
