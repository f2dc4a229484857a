//! Puts the findings of several visits together: confirm before accusing.

use crate::checks::VisitFinding;
use crate::observation::Engine;
use crate::rules::CheckId;
use crate::verdict::Status;

/// What one check said of one measured visit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub engine: Engine,
    pub finding: &'a VisitFinding,
}

/// The visits of one check taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Combined {
    pub status: Status,
    pub code: &'static str,
    /// Which of the visits the facts are taken from.
    pub chosen: usize,
    /// Visits that passed.
    pub passed: usize,
    /// For a fail, or what would be one: whether a second visit agreed.
    pub confirmed: Option<bool>,
}

/// Combines at least one visit; `None` if there is none. With `confirm` off one visit is enough to fail.
pub(super) fn combine(check: CheckId, visits: &[Seen<'_>], confirm: bool) -> Option<Combined> {
    let clear = clear(visits);
    let with = |status: Status| -> Vec<usize> {
        let all = clear.iter().copied();
        all.filter(|&at| visits[at].finding.status == status).collect()
    };
    let passed = with(Status::Pass);
    let failed = with(Status::Fail);
    let review = with(Status::Review);
    let take = |status: Status, at: usize, confirmed: Option<bool>| Combined {
        status,
        code: visits[at].finding.code,
        chosen: at,
        passed: passed.len(),
        confirmed,
    };
    if let Some(&last) = failed.last() {
        if !passed.is_empty() {
            return Some(Combined {
                code: "unstable",
                ..take(Status::Review, last, Some(false))
            });
        }
        if let Some(&last) = review.last() {
            return Some(take(Status::Review, last, Some(false)));
        }
        // A visit that only knows that no script came agrees with one that knows why.
        let silent = (0..visits.len()).filter(|at| !clear.contains(at));
        let agreeing: Vec<usize> = failed.iter().copied().chain(silent).collect();
        let agreed = agreed(check, visits, &agreeing);
        let chosen = majority(check, visits, &failed).unwrap_or(last);
        let status = if agreed || !confirm {
            Status::Fail
        } else {
            Status::Review
        };
        return Some(take(status, chosen, Some(agreed)));
    }
    if let Some(&last) = review.last() {
        return Some(take(Status::Review, last, None));
    }
    if let Some(&first) = passed.first() {
        return Some(take(Status::Pass, first, None));
    }
    let rest = with(Status::NotMeasured)
        .last()
        .copied()
        .or_else(|| visits.len().checked_sub(1))?;
    Some(take(visits[rest].finding.status, rest, None))
}

/// The visits that know how EMC answered, or all of them if none does.
fn clear(visits: &[Seen<'_>]) -> Vec<usize> {
    let knowing: Vec<usize> = (0..visits.len())
        .filter(|&at| !visits[at].finding.is_veiled())
        .collect();
    if knowing.is_empty() {
        (0..visits.len()).collect()
    } else {
        knowing
    }
}

/// Whether a second visit agrees with a fail: in the full browser, or for the look in the portal's engine
/// (only such visits are given for the look).
fn agreed(check: CheckId, visits: &[Seen<'_>], failed: &[usize]) -> bool {
    failed.len() >= 2 && (check.is_look() || failed.iter().any(|&at| visits[at].engine == Engine::Chrome))
}

/// The latest visit with the code that most failing visits have. Among equals that of the latest visit; of the
/// script the cause nearest to running, because one engine hides the status that another one saw.
fn majority(check: CheckId, visits: &[Seen<'_>], failed: &[usize]) -> Option<usize> {
    let nearness = |code: &str| {
        let place = check.codes().iter().position(|(known, _)| *known == code);
        std::cmp::Reverse(place.filter(|_| check == CheckId::EmcScript).unwrap_or_default())
    };
    let count = |code: &str| {
        failed
            .iter()
            .filter(|&&at| visits[at].finding.code == code)
            .count()
    };
    failed.iter().copied().max_by_key(|&at| {
        let code = visits[at].finding.code;
        (count(code), nearness(code), at)
    })
}

/// Whether measured visits of this check contradict each other, so that a third one must decide.
pub(super) fn disagree(visits: &[Seen<'_>]) -> bool {
    let clear = clear(visits);
    let any = |status: Status| clear.iter().any(|&at| visits[at].finding.status == status);
    any(Status::Fail) && (any(Status::Pass) || any(Status::Review))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn finding(code: &'static str) -> VisitFinding {
        VisitFinding::new(CheckId::EmcBadge, code)
    }

    fn combined(codes: &[(&'static str, Engine)], confirm: bool) -> Option<Combined> {
        let findings: Vec<VisitFinding> = codes.iter().map(|(code, _)| finding(code)).collect();
        let visits: Vec<Seen<'_>> = findings
            .iter()
            .zip(codes)
            .map(|(finding, (_, engine))| Seen {
                engine: *engine,
                finding,
            })
            .collect();
        combine(CheckId::EmcBadge, &visits, confirm)
    }

    use Engine::{Chrome, Shell};

    #[test]
    fn two_visits_that_agree_accuse() {
        let both = combined(&[("hidden", Shell), ("hidden", Chrome)], true).unwrap();
        assert_eq!(
            (both.status, both.code, both.confirmed),
            (Status::Fail, "hidden", Some(true))
        );
    }

    #[test]
    fn among_different_causes_the_confirming_visit_names_its_own() {
        let both = combined(&[("absent", Shell), ("hidden", Chrome)], true).unwrap();
        assert_eq!(both.code, "hidden");
        let three = [("absent", Shell), ("hidden", Chrome), ("absent", Chrome)];
        assert_eq!(combined(&three, true).unwrap().code, "absent");
    }

    #[test]
    fn one_visit_accuses_nobody_unless_asked_to() {
        let one = combined(&[("absent", Shell)], true).unwrap();
        assert_eq!((one.status, one.code), (Status::Review, "absent"));
        let hasty = combined(&[("absent", Shell)], false).unwrap();
        assert_eq!((hasty.status, hasty.confirmed), (Status::Fail, Some(false)));
    }

    #[test]
    fn two_visits_of_the_light_engine_do_not_confirm() {
        let both = combined(&[("absent", Shell), ("absent", Shell)], true).unwrap();
        assert_eq!(both.status, Status::Review);
    }

    #[test]
    fn seen_once_and_not_again_is_unstable() {
        let codes = [("absent", Shell), ("visible", Chrome), ("absent", Chrome)];
        let three = combined(&codes, true).unwrap();
        assert_eq!(
            (three.status, three.code, three.passed),
            (Status::Review, "unstable", 1)
        );
    }

    #[test]
    fn a_confirming_visit_that_could_not_measure_leaves_a_question() {
        let codes = [("absent", Shell), ("emc_host_down", Chrome)];
        let both = combined(&codes, true).unwrap();
        assert_eq!((both.status, both.code), (Status::Review, "absent"));
    }

    #[test]
    fn doubt_in_one_visit_is_doubt() {
        let codes = [("absent", Shell), ("uncertain", Chrome)];
        assert_eq!(combined(&codes, true).unwrap().code, "uncertain");
        let codes = [("visible", Shell), ("uncertain", Chrome)];
        assert_eq!(combined(&codes, true).unwrap().status, Status::Review);
    }

    #[test]
    fn a_visit_that_does_not_know_the_answer_leaves_the_word_to_one_that_does() {
        let script = |code| VisitFinding::new(CheckId::EmcScript, code);
        let pair = |first: &VisitFinding, second: &VisitFinding| {
            let seen = |engine, finding| Seen { engine, finding };
            combine(
                CheckId::EmcScript,
                &[seen(Shell, first), seen(Chrome, second)],
                true,
            )
            .unwrap()
        };
        let veiled = script("uncertain").veiled();
        let missing = pair(&script("http_error"), &veiled);
        assert_eq!(
            (missing.status, missing.code, missing.chosen),
            (Status::Fail, "http_error", 0)
        );
        assert_eq!(pair(&script("emc_host_down"), &veiled).code, "emc_host_down");
        assert_eq!(pair(&veiled, &veiled).status, Status::Review);
    }

    #[test]
    fn no_visit_says_nothing() {
        assert_eq!(combined(&[], true), None);
    }

    fn any_visits() -> impl Strategy<Value = Vec<(&'static str, Engine)>> {
        let code = prop::sample::select(vec!["visible", "hidden", "absent", "uncertain", "emc_host_down"]);
        let engine = prop::sample::select(vec![Shell, Chrome]);
        prop::collection::vec((code, engine), 1..5)
    }

    proptest! {
        #[test]
        fn a_fail_needs_two_fails_and_nothing_against_it(visits in any_visits()) {
            let combined = combined(&visits, true).unwrap();
            let status = |code: &str| CheckId::EmcBadge.status_of(code).unwrap();
            let fails = visits.iter().filter(|(code, _)| status(code) == Status::Fail).count();
            if combined.status == Status::Fail {
                prop_assert!(fails >= 2);
                prop_assert!(visits.iter().all(|(code, _)| !matches!(status(code), Status::Pass | Status::Review)));
            }
            if combined.status == Status::Pass {
                prop_assert_eq!(fails, 0);
            }
        }

        #[test]
        fn one_more_pass_never_makes_a_fail(visits in any_visits()) {
            let mut more = visits.clone();
            more.push(("visible", Chrome));
            prop_assert!(combined(&more, true).unwrap().status != Status::Fail);
        }
    }
}
