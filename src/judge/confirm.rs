//! Which visits are still missing before a result may stand.

use super::combine::disagree;
use super::facts::RunFacts;
use super::record::{PictureSource, SiteRecord};
use super::site::JudgeContext;
use super::visits::{JudgedVisit, as_seen, excused, judge_visits, portal_visits, seen_by};
use crate::observation::Engine;
use crate::rules::CheckId;
use crate::verdict::Status;

/// Visits of one site beyond this number settle nothing that the first ones did not.
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
        let Some(last) = record.visits.last() else {
            return needed;
        };
        if record.reference || excused(record).is_some() || record.visits.len() >= MOST_VISITS {
            // A portal that is visited only for comparison still deserves the other engine.
            if !record.reference || record.visits.len() >= 2 {
                return needed;
            }
        }
        let visits = judge_visits(record, portal, facts, context, pictures);
        if !visits.iter().any(JudgedVisit::measured) {
            let tried = record.visits.iter().any(|visit| visit.engine != last.engine);
            let refused = visits
                .iter()
                .all(|visit| visit.outcome.reason == Some("private_address"));
            if !tried && !refused {
                needed.other_engine = true;
                needed.next = Some(last.engine.other());
            }
            return needed;
        }
        if context.confirm && !record.reference {
            confirm(&mut needed, record, &visits);
            look(&mut needed, &visits, portal, facts, context);
        }
        needed
    }
}

/// Fails of `emc.*` and `links.*`: the full browser must agree, and a third visit decides a disagreement.
fn confirm(needed: &mut Needed, record: &SiteRecord, visits: &[JudgedVisit<'_>]) {
    let confirmed_in_full = record
        .visits
        .iter()
        .skip(1)
        .any(|visit| visit.engine == Engine::Chrome);
    for check in CheckId::ALL.into_iter().filter(|check| !check.is_look()) {
        let found = seen_by(check, visits);
        let seen = as_seen(&found, visits);
        let fails = seen.iter().any(|one| one.finding.status == Status::Fail);
        needed.full_browser |= fails && !confirmed_in_full;
        needed.third |= disagree(&seen) && confirmed_in_full && record.visits.len() < 3;
    }
    if needed.full_browser || needed.third {
        needed.next = Some(Engine::Chrome);
    }
}

/// Fails of `look.*`: a second visit in an engine in which the portal was measured.
fn look(
    needed: &mut Needed,
    visits: &[JudgedVisit<'_>],
    portal: Option<&SiteRecord>,
    facts: &RunFacts,
    context: &JudgeContext<'_>,
) {
    let Some(portal) = portal else { return };
    for check in [CheckId::LookHeader, CheckId::LookFooter] {
        let found = seen_by(check, visits);
        let fails: Vec<&(usize, _)> = found
            .iter()
            .filter(|(_, finding)| finding.status == Status::Fail)
            .collect();
        let Some((first, _)) = fails.first() else {
            continue;
        };
        let disagrees = disagree(&as_seen(&found, visits));
        if found.len() >= 2 && !(disagrees && found.len() == 2) {
            continue;
        }
        let engine = visits[*first].observation.engine;
        let engines = portal_visits(portal, facts, context);
        if engines.is_empty() {
            continue;
        }
        needed.portal_engine = true;
        // One visit in the full browser may confirm both kinds of fail.
        let both = needed.full_browser && engines.contains_key(&Engine::Chrome);
        if !both && !needed.full_browser && needed.next.is_none() {
            needed.next = Some(if engines.contains_key(&engine) {
                engine
            } else {
                engine.other()
            });
        }
    }
}
