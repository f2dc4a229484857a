//! Judges each visit of a site by itself, so that the visits can be put together afterwards.

use std::collections::BTreeMap;

use super::combine::Seen;
use super::facts::RunFacts;
use super::record::{PictureSource, SiteRecord};
use super::site::JudgeContext;
use crate::checks::{CheckContext, OutcomeFacts, VisitFinding, judge_look, layers, outcome_of, run};
use crate::observation::{Engine, Observation};
use crate::rules::CheckId;
use crate::site::SiteState;
use crate::verdict::Outcome;

/// One visit with what each check says of it; no findings where the visit was not measured.
#[derive(Debug)]
pub(super) struct JudgedVisit<'a> {
    pub observation: &'a Observation,
    pub outcome: OutcomeFacts,
    pub findings: BTreeMap<CheckId, VisitFinding>,
}

impl JudgedVisit<'_> {
    pub fn measured(&self) -> bool {
        self.outcome.outcome == Outcome::Measured
    }
}

/// The checks that are asked of this site: by its role, the profile and the user's choice.
pub(super) fn checks_for(record: &SiteRecord, context: &JudgeContext<'_>) -> Vec<CheckId> {
    CheckId::ALL
        .into_iter()
        .filter(|check| check.applies_to(record.listed.role) && context.profile.has(*check))
        .filter(|check| context.only.is_none_or(|only| only.contains(check)))
        .collect()
}

/// Judges every visit of `record`.
pub(super) fn judge_visits<'a>(
    record: &'a SiteRecord,
    portal: Option<&SiteRecord>,
    facts: &RunFacts,
    context: &JudgeContext<'_>,
    pictures: &dyn PictureSource,
) -> Vec<JudgedVisit<'a>> {
    let checks = checks_for(record, context);
    let others = |id: u64| facts.others_with_id(&record.listed, id);
    let portal_visits = portal.map_or_else(BTreeMap::new, |portal| portal_visits(portal, facts, context));
    record
        .visits
        .iter()
        .map(|observation| {
            let outcome = outcome_of(
                observation,
                &record.listed,
                facts.listed(),
                &context.rules.signals,
                context.emc,
            );
            let mut findings = BTreeMap::new();
            if outcome.outcome == Outcome::Measured {
                let around = CheckContext {
                    listed: &record.listed,
                    emc: context.emc,
                    signals: &context.rules.signals,
                    index: facts.index(),
                    expected: facts.components_of(record.site()),
                    portal: facts.portal_of(&record.listed),
                    emc_answered: context.control.emc_answered_near(&observation.started_at),
                    beacon_stub: context.beacon_stub,
                    others_with_id: &others,
                    usual_script: facts.usual_script(),
                };
                for check in &checks {
                    if let Some(finding) = run(*check, observation, &around) {
                        findings.insert(*check, with_limits(finding, observation));
                    }
                }
                if checks.iter().any(|check| check.is_look()) {
                    look(
                        record,
                        observation,
                        &portal_visits,
                        context,
                        pictures,
                        &mut findings,
                    );
                }
                let layers = layers(observation, context.emc, &findings);
                if let Some(script) = findings.get_mut(&CheckId::EmcScript) {
                    script.facts.insert("layers".to_owned(), layers);
                }
                findings.retain(|check, _| checks.contains(check));
            }
            JudgedVisit {
                observation,
                outcome,
                findings,
            }
        })
        .collect()
}

/// The findings of one check in all measured visits. For the look only those that had something to compare
/// with, if there are any: a visit in an engine in which the portal was not measured says nothing.
pub(super) fn seen_by(check: CheckId, visits: &[JudgedVisit<'_>]) -> Vec<(usize, VisitFinding)> {
    let all: Vec<(usize, VisitFinding)> = visits
        .iter()
        .enumerate()
        .filter_map(|(at, visit)| Some((at, visit.findings.get(&check)?.clone())))
        .collect();
    let comparable = |finding: &VisitFinding| finding.code != "portal_not_measured";
    if check.is_look() && all.iter().any(|(_, finding)| comparable(finding)) {
        return all
            .into_iter()
            .filter(|(_, finding)| comparable(finding))
            .collect();
    }
    all
}

/// The same as pairs of engine and finding.
pub(super) fn as_seen<'a>(found: &'a [(usize, VisitFinding)], visits: &[JudgedVisit<'_>]) -> Vec<Seen<'a>> {
    found
        .iter()
        .map(|(at, finding)| Seen {
            engine: visits[*at].observation.engine,
            finding,
        })
        .collect()
}

/// The first measured visit of a portal in each engine.
pub(super) fn portal_visits<'a>(
    portal: &'a SiteRecord,
    facts: &RunFacts,
    context: &JudgeContext<'_>,
) -> BTreeMap<Engine, &'a Observation> {
    let mut by_engine = BTreeMap::new();
    for visit in &portal.visits {
        let outcome = outcome_of(
            visit,
            &portal.listed,
            facts.listed(),
            &context.rules.signals,
            context.emc,
        )
        .outcome;
        if outcome == Outcome::Measured {
            by_engine.entry(visit.engine).or_insert(visit);
        }
    }
    by_engine
}

fn look(
    record: &SiteRecord,
    observation: &Observation,
    portals: &BTreeMap<Engine, &Observation>,
    context: &JudgeContext<'_>,
    pictures: &dyn PictureSource,
    findings: &mut BTreeMap<CheckId, VisitFinding>,
) {
    let both = |code: &'static str| {
        [CheckId::LookHeader, CheckId::LookFooter].map(|check| (check, VisitFinding::new(check, code)))
    };
    if record.listed.portal.is_none() {
        findings.extend(both("no_portal"));
        return;
    }
    let Some(portal) = portals.get(&observation.engine) else {
        findings.extend(both("portal_not_measured"));
        return;
    };
    let look = judge_look(observation, portal, pictures, &context.rules.look);
    findings.insert(CheckId::LookHeader, with_limits(look.header, observation));
    findings.insert(CheckId::LookFooter, with_limits(look.footer, observation));
}

/// Says what was cut short in the visit that the finding rests on.
fn with_limits(finding: VisitFinding, observation: &Observation) -> VisitFinding {
    if observation.cut_short.is_empty() {
        return finding;
    }
    finding.fact("cut_short", observation.cut_short.clone())
}

/// Closed and exempt sites need not be visited.
pub(super) fn excused(record: &SiteRecord) -> Option<&'static str> {
    match record.listed.state {
        SiteState::Active => None,
        SiteState::Closed => Some("closed"),
        SiteState::Exempt => Some("exempt"),
    }
}
