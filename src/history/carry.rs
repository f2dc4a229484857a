//! Which decisions hold for which findings. Pure: stored decisions and results in, results with what people
//! decided out.
//!
//! A decision holds for the finding that it was made of, and for those of later runs while the facts that
//! they rest on stay the same. A newer decision takes the place of an older one.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::reviews::{Accepted, Review};
use crate::verdict::{Decision, Finding, Outcome, Reviewed, SiteResult, Verdict};

/// All that people decided, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// By site, check and fingerprint, oldest first.
    reviews: HashMap<(String, String, String), Vec<Review>>,
    /// The newest of each id.
    accepted: HashMap<u64, Accepted>,
}

impl Decided {
    /// From the store, oldest first.
    pub fn new(reviews: Vec<Review>, accepted: Vec<Accepted>) -> Self {
        let mut decided = Self::default();
        for review in reviews {
            let key = (
                review.site.clone(),
                review.check_name.clone(),
                review.fingerprint.clone(),
            );
            decided.reviews.entry(key).or_default().push(review);
        }
        for one in accepted {
            decided.accepted.insert(one.emc_site_id, one);
        }
        decided
    }

    pub fn is_empty(&self) -> bool {
        self.reviews.is_empty() && self.accepted.is_empty()
    }

    /// The newest decision about a finding that holds for this result of it.
    fn of(&self, result: &SiteResult, finding: &Finding) -> Option<Reviewed> {
        let key = (
            result.site.to_string(),
            finding.check.clone(),
            finding.fingerprint.clone(),
        );
        // What is decided later of a later run leaves this one as it was told.
        let holds = |review: &&Review| review.run <= result.run;
        let newest = self.reviews.get(&key)?.iter().rev().find(holds)?;
        let answered = newest.decision == Decision::Recheck && was_measured_since(result, &newest.at);
        (!answered).then(|| Reviewed {
            decision: newest.decision,
            by: newest.reviewer.clone(),
            at: newest.at.clone(),
            note: newest.note.clone(),
            status: newest.status,
            code: newest.code.clone(),
            rules: newest.rules.clone(),
            run: newest.run.clone(),
        })
    }

    /// An id that is shared counts as good where every agency that uses it was named when it was accepted.
    fn accepted(
        &self,
        result: &SiteResult,
        finding: &Finding,
        users: &HashMap<u64, BTreeSet<String>>,
        agencies: &HashMap<String, String>,
    ) -> Option<Reviewed> {
        if finding.check != "emc.site_id" || finding.code != "shared" {
            return None;
        }
        let id = site_id(finding)?;
        let accepted = self.accepted.get(&id)?;
        let named = |agency: &String| accepted.agencies.contains(agency);
        let with = finding
            .measured
            .get("shared_with")
            .and_then(|with| with.as_array());
        let others_named = with.into_iter().flatten().all(|site| {
            let agency = site.as_str().and_then(|site| agencies.get(site));
            agency.is_some_and(named)
        });
        let all_named = others_named && users.get(&id).is_none_or(|users| users.iter().all(named));
        all_named.then(|| Reviewed {
            decision: Decision::Pass,
            by: accepted.reviewer.clone(),
            at: accepted.at.clone(),
            note: accepted.note.clone(),
            status: finding.status,
            code: finding.code.clone(),
            rules: result.rules.clone(),
            run: result.run.clone(),
        })
    }
}

/// Puts into the results what people decided, in the place of what was there. `agencies` are those of all
/// listed sites, also of sites that have no result here.
pub(crate) fn carry(results: &mut [SiteResult], decided: &Decided, agencies: &HashMap<String, String>) {
    let mut users: HashMap<u64, BTreeSet<String>> = HashMap::new();
    for result in results.iter() {
        let finding = result
            .findings
            .iter()
            .find(|finding| finding.check == "emc.site_id");
        if let Some(id) = finding.and_then(site_id) {
            users.entry(id).or_default().insert(result.agency.clone());
        }
    }
    for result in results {
        let reviewed: Vec<Option<Reviewed>> = result
            .findings
            .iter()
            .map(|finding| {
                let by_hand = decided.of(result, finding);
                by_hand.or_else(|| decided.accepted(result, finding, &users, agencies))
            })
            .collect();
        for (finding, reviewed) in result.findings.iter_mut().zip(reviewed) {
            finding.reviewed = reviewed;
        }
        result.reviewed = Verdict::reviewed(&result.findings);
    }
}

/// The number that a site reports under.
fn site_id(finding: &Finding) -> Option<u64> {
    finding.measured.get("site_id")?.as_str()?.parse().ok()
}

fn was_measured_since(result: &SiteResult, at: &str) -> bool {
    let since = at.parse::<Timestamp>();
    result.visits.iter().any(|visit| {
        visit.outcome == Outcome::Measured
            && match (&since, visit.at.parse::<Timestamp>()) {
                (Ok(since), Ok(visited)) => visited > *since,
                _ => false,
            }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::report::sample;
    use crate::verdict::Status;

    const RUN: &str = "20261121T020000Z";
    const LATER: &str = "20261128T020000Z";

    fn review(decision: Decision, run: &str) -> Review {
        let result = sample::result("a.gov.vn", Verdict::Fail);
        Review {
            id: 1,
            at: format!(
                "{}T03:00:00Z",
                if run == RUN { "2026-11-21" } else { "2026-11-28" }
            ),
            reviewer: "Lan".to_owned(),
            decision,
            note: String::new(),
            run: run.to_owned(),
            site: "a.gov.vn".to_owned(),
            check_name: result.findings[0].check.clone(),
            fingerprint: result.findings[0].fingerprint.clone(),
            status: Status::Fail,
            code: "hidden".to_owned(),
            rules: "1".to_owned(),
            was: None,
        }
    }

    fn carried(run: &str, reviews: Vec<Review>, change: impl FnOnce(&mut SiteResult)) -> SiteResult {
        let mut result = sample::result("a.gov.vn", Verdict::Fail);
        result.run = run.to_owned();
        change(&mut result);
        let mut results = [result];
        let agencies = HashMap::new();
        carry(&mut results, &Decided::new(reviews, Vec::new()), &agencies);
        let [result] = results;
        result
    }

    #[test]
    fn a_decision_goes_on_to_the_next_run_while_the_facts_stay() {
        let next = carried(LATER, vec![review(Decision::Pass, RUN)], |_| {});
        assert_eq!(next.reviewed, Some(Verdict::Pass));
        assert_eq!(
            next.verdict,
            Verdict::Fail,
            "what the program said stays beside it"
        );
        let other = carried(LATER, vec![review(Decision::Pass, RUN)], |result| {
            result.findings[0].fingerprint = "other".to_owned();
        });
        assert_eq!(other.reviewed, None);
    }

    #[test]
    fn the_newest_decision_counts_and_none_reaches_back() {
        let both = || vec![review(Decision::Pass, RUN), review(Decision::Confirm, LATER)];
        assert_eq!(carried(LATER, both(), |_| {}).reviewed, Some(Verdict::Fail));
        assert_eq!(carried(RUN, both(), |_| {}).reviewed, Some(Verdict::Pass));
    }

    #[test]
    fn what_is_open_is_for_review_and_a_recheck_is_answered_by_a_newer_visit() {
        let asked = || vec![review(Decision::Recheck, RUN)];
        assert_eq!(carried(RUN, asked(), |_| {}).reviewed, Some(Verdict::Review));
        let visited = |at: &str, outcome| {
            let at = at.to_owned();
            carried(LATER, asked(), move |result| {
                result.visits[0].at = at;
                result.visits[0].outcome = outcome;
            })
        };
        assert_eq!(visited("2026-11-28T02:00:00Z", Outcome::Measured).reviewed, None);
        let refused = visited("2026-11-28T02:00:00Z", Outcome::Blocked);
        assert_eq!(refused.reviewed, Some(Verdict::Review), "nobody saw it since");
        let disputed = carried(LATER, vec![review(Decision::Disputed, RUN)], |_| {});
        assert_eq!(disputed.reviewed, Some(Verdict::Review));
    }

    #[test]
    fn a_shared_id_passes_only_where_every_agency_was_named() {
        let shared = |site: &str, agency: &str, with: &str| {
            let mut result = sample::result(site, Verdict::Review);
            result.agency = agency.to_owned();
            let finding = &mut result.findings[0];
            finding.check = "emc.site_id".to_owned();
            finding.code = "shared".to_owned();
            finding.measured.insert("site_id".to_owned(), "163".into());
            finding
                .measured
                .insert("shared_with".to_owned(), vec![with].into());
            result
        };
        let agencies: HashMap<String, String> = [("a.gov.vn", "A"), ("b.gov.vn", "B"), ("c.gov.vn", "C")]
            .map(|(site, agency)| (site.to_owned(), agency.to_owned()))
            .into();
        let accepted = |agencies: &[&str]| Accepted {
            at: "2026-11-21T03:00:00Z".to_owned(),
            reviewer: "Lan".to_owned(),
            emc_site_id: 163,
            agencies: agencies.iter().map(|agency| (*agency).to_owned()).collect(),
            note: String::new(),
        };
        let told = |all: Vec<Accepted>, mut results: Vec<SiteResult>| {
            carry(&mut results, &Decided::new(Vec::new(), all), &agencies);
            results[0].reviewed
        };
        let two = || {
            vec![
                shared("a.gov.vn", "A", "b.gov.vn"),
                shared("b.gov.vn", "B", "a.gov.vn"),
            ]
        };
        let ab = accepted(&["A", "B"]);
        assert_eq!(told(vec![ab.clone()], two()), Some(Verdict::Pass));
        assert_eq!(told(vec![ab.clone(), accepted(&[])], two()), None, "taken back");
        let mut three = two();
        three.push(shared("c.gov.vn", "C", "a.gov.vn"));
        assert_eq!(told(vec![ab.clone()], three), None, "a third one joined");
        let alone = vec![shared("a.gov.vn", "A", "c.gov.vn")];
        assert_eq!(
            told(vec![ab], alone),
            None,
            "a recheck knows the others by the list"
        );
    }
}
