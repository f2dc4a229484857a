//! What holds for whatever visits saw.
use proptest::prelude::*;

use super::*;

fn any_visit() -> impl Strategy<Value = Observation> {
    let kind = prop::sample::select(vec![0u8, 1, 2, 3, 4]);
    (kind, any::<bool>()).prop_map(|(kind, chrome)| {
        let page = match kind {
            0 => good(),
            1 => without_code(),
            2 => blocked(),
            3 => {
                let mut hidden = good();
                badges(&mut hidden)[0].opacity = 0.0;
                hidden
            }
            _ => {
                let mut down = without_code();
                down.requests.push(RequestRecord {
                    status: Some(503),
                    ..script()
                });
                down
            }
        };
        if chrome { in_chrome(page) } else { page }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_not_measured_never_fails(visits in prop::collection::vec(any_visit(), 0..4)) {
        let run = run_of(vec![component(visits), portal()]);
        let result = run.result(0);
        if result.outcome != Outcome::Measured {
            prop_assert!(result.verdict != Verdict::Fail);
            for finding in result.findings.iter().filter(|finding| finding.check != "site.available") {
                prop_assert_eq!(finding.status, Status::NotMeasured);
            }
        }
    }

    #[test]
    fn judging_twice_says_the_same(visits in prop::collection::vec(any_visit(), 0..4)) {
        let run = run_of(vec![component(visits), portal()]);
        prop_assert_eq!(run.result(0), run.result(0));
    }

    #[test]
    fn the_verdict_follows_the_worst_mandatory_finding(visits in prop::collection::vec(any_visit(), 0..4)) {
        let run = run_of(vec![component(visits), portal()]);
        let result = run.result(0);
        let any = |status: Status| result.findings.iter().any(|f| f.mandatory && f.status == status);
        let expected = if any(Status::Fail) { Verdict::Fail }
            else if any(Status::NotMeasured) { Verdict::NotMeasured }
            else if any(Status::Review) { Verdict::Review }
            else { Verdict::Pass };
        prop_assert_eq!(result.verdict, expected);
    }

    #[test]
    fn confirmation_comes_to_an_end(visits in prop::collection::vec(any_visit(), 5)) {
        let mut record = component(vec![visits[0].clone()]);
        for visit in &visits[1..] {
            let run = run_of(vec![record.clone(), portal()]);
            let needed = run.needed(0);
            prop_assert_eq!(needed.any(), needed.next.is_some());
            let Some(engine) = needed.next else { return Ok(()) };
            let number = u32::try_from(record.visits.len()).unwrap() + 1;
            record.visits.push(Observation { engine, visit: number, ..visit.clone() });
        }
        prop_assert!(!run_of(vec![record, portal()]).needed(0).any());
    }
}
