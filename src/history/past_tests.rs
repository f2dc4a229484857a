#![allow(clippy::unwrap_used)]

use super::*;
use crate::bundle::{ListKey, RunFolder};
use crate::history::Change;
use crate::history::tests::{record_of, run_on};
use crate::report::sample;
use crate::rules::CheckId;

fn results(verdicts: &[(&str, Verdict)]) -> Vec<SiteResult> {
    let all = verdicts.iter();
    all.map(|(site, verdict)| sample::result(site, *verdict))
        .collect()
}

/// Three whole runs, one of some checks, and a recheck; the newest whole run is not taken in.
fn course(out: &Path) -> (RunFolder, Vec<SiteResult>) {
    run_on(
        out,
        1,
        &results(&[("a.gov.vn", Verdict::Fail), ("b.gov.vn", Verdict::Pass)]),
    );
    let some = run_on(out, 2, &results(&[("a.gov.vn", Verdict::Pass)]));
    let mut record = record_of(&some);
    record.judged_by.only = Some(vec![CheckId::EmcBadge]);
    some.write_record(&record).unwrap();
    run_on(
        out,
        8,
        &results(&[("a.gov.vn", Verdict::Pass), ("gone.gov.vn", Verdict::Pass)]),
    );
    let again = run_on(out, 9, &results(&[("a.gov.vn", Verdict::Review)]));
    let mut record = record_of(&again);
    record.kind = RunKind::Recheck;
    again.write_record(&record).unwrap();
    History::open(out).unwrap().take_in(out).unwrap();
    let newest = results(&[("a.gov.vn", Verdict::Fail), ("b.gov.vn", Verdict::NotMeasured)]);
    (run_on(out, 15, &newest), newest)
}

#[test]
fn a_course_has_whole_runs_of_all_checks_up_to_the_run_itself() {
    let out = tempfile::tempdir().unwrap();
    let (run, results) = course(out.path());
    let past = past_in(Some(out.path()), &record_of(&run), &results).unwrap();
    let days: Vec<&str> = past.runs.iter().map(|run| &run.started[8..10]).collect();
    assert_eq!(days, ["01", "08", "15"]);
    assert_eq!(past.runs[2].counts, [0, 1, 0, 1]);
    let [good, bad] = [Verdict::Pass, Verdict::Fail].map(Some);
    assert_eq!(past.courses["a.gov.vn"], [bad, good, bad]);
    assert_eq!(past.courses["b.gov.vn"], [good, None, Some(Verdict::NotMeasured)]);
    assert_eq!(past.courses.len(), 2, "sites of the run alone");
    assert_eq!(past.restless.iter().collect::<Vec<_>>(), ["a.gov.vn"]);
    let changes = past.changes.as_ref().unwrap();
    assert_eq!(changes.since.run, past.runs[1].run);
    let told: Vec<_> = changes
        .difference
        .sites
        .iter()
        .map(|one| (one.site.as_str(), one.change))
        .collect();
    assert_eq!(
        told,
        [
            ("a.gov.vn", Change::Worse),
            ("b.gov.vn", Change::New),
            ("gone.gov.vn", Change::Gone)
        ]
    );
    // Taken in meanwhile, or not: it says the same.
    History::open(out.path()).unwrap().take_in(out.path()).unwrap();
    assert_eq!(
        past_in(Some(out.path()), &record_of(&run), &results).unwrap(),
        past
    );
}

#[test]
fn runs_of_other_lists_are_no_part_of_a_course() {
    let out = tempfile::tempdir().unwrap();
    let lists = ["tinh.csv", "bo.csv"].map(|name| {
        let path = out.path().join(name);
        fs_err::write(&path, "").unwrap();
        ListKey::of(&path).unwrap()
    });
    let of = |day, list: usize, results: &[SiteResult]| {
        let folder = run_on(out.path(), day, results);
        let mut record = record_of(&folder);
        record.list = Some(lists[list].clone());
        folder.write_record(&record).unwrap();
        record
    };
    let own = results(&[("a.gov.vn", Verdict::Pass)]);
    let before = of(1, 0, &own);
    let other = of(2, 1, &results(&[("b.gov.vn", Verdict::Pass)]));
    let newest = of(8, 0, &own);
    let history = History::open(out.path()).unwrap();
    history.take_in(out.path()).unwrap();
    let past = history.past(&newest, &own).unwrap();
    let runs: Vec<&str> = past.runs.iter().map(|run| run.run.as_str()).collect();
    assert_eq!(runs, [&before.run, &newest.run]);
    assert_eq!(past.changes.unwrap().difference.sites, []);
    let [before, other, newest] =
        [before, other, newest].map(|record| history.run(&record.run).unwrap().unwrap());
    assert!(newest.is_of_the_same_list(&before) && !newest.is_of_the_same_list(&other));
}

#[test]
fn an_older_run_knows_nothing_of_later_ones_and_a_recheck_has_no_course() {
    let out = tempfile::tempdir().unwrap();
    let (newest, results) = course(out.path());
    let mut record = record_of(&newest);
    record.kind = RunKind::Recheck;
    let past = |record: &RunRecord| past_in(Some(out.path()), record, &results).unwrap();
    assert_eq!(past(&record), Past::default());
    record.kind = RunKind::Full;
    record.state = RunState::Interrupted;
    assert_eq!(past(&record), Past::default());
    record.state = RunState::Finished;
    record.started = "2026-11-01T02:00:00Z".to_owned();
    record.run = "20261101T020000Z".to_owned();
    let first = past(&record);
    assert_eq!((first.runs.len(), first.changes), (1, None));
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(
        past_in(Some(elsewhere.path()), &record, &results).unwrap(),
        Past::default()
    );
    fs_err::write(elsewhere.path().join("history.sqlite"), "nobody's").unwrap();
    assert!(past_in(Some(elsewhere.path()), &record, &results).is_err());
}
