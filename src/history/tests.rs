//! Runs on disk and what the history makes of them.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use super::*;
use crate::bundle::{JudgedBy, RunFolder, RunKind, RunRecord, RunState};
use crate::emc::EmcSettings;
use crate::report::{ResultsWriter, sample};
use crate::verdict::{SiteResult, Status, Verdict};

/// A run that ended on the `day`th, with these results.
pub(super) fn run_on(out: &Path, day: i8, results: &[SiteResult]) -> RunFolder {
    let started: Timestamp = format!("2026-11-{day:02}T02:00:00Z").parse().unwrap();
    let folder = RunFolder::create(out, started).unwrap();
    let judged_by = JudgedBy {
        profile: "province".to_owned(),
        rules: "2026-11-21.1".to_owned(),
        only: None,
        beacon_stub: false,
        confirm: true,
        emc: EmcSettings::default(),
    };
    let mut record = RunRecord::begin(folder.name(), RunKind::Full, started, judged_by);
    record.state = RunState::Finished;
    folder.write_record(&record).unwrap();
    write_results(&folder, results);
    folder
}

pub(super) fn record_of(folder: &RunFolder) -> RunRecord {
    RunFolder::open(folder.path()).unwrap().1
}

fn write_results(folder: &RunFolder, results: &[SiteResult]) {
    let mut lines = ResultsWriter::begin(&folder.path().join("results.jsonl")).unwrap();
    for result in results {
        lines.push(result).unwrap();
    }
    lines.finish().unwrap();
}

fn verdicts(history: &History, run: &str) -> Vec<(String, String)> {
    let sites = history.sites(run).unwrap();
    sites
        .into_iter()
        .map(|(site, _)| (site.site, site.verdict))
        .collect()
}

fn sites_of(history: &History, folder: &RunFolder) -> Vec<(SiteEntry, Vec<FindingEntry>)> {
    history.sites(folder.name()).unwrap()
}

fn changes(found: &Difference) -> Vec<(&str, Change)> {
    found
        .sites
        .iter()
        .map(|site| (site.site.as_str(), site.change))
        .collect()
}

#[test]
fn runs_are_taken_in_once_and_again_when_they_were_judged_again() {
    let out = tempfile::tempdir().unwrap();
    let first = run_on(out.path(), 1, &[sample::result("a.gov.vn", Verdict::Pass)]);
    let history = History::open(out.path()).unwrap();
    assert_eq!(history.take_in(out.path()).unwrap(), 1);
    assert_eq!(history.take_in(out.path()).unwrap(), 0);
    let again = [
        sample::result("a.gov.vn", Verdict::Fail),
        sample::result("b.gov.vn", Verdict::Pass),
    ];
    write_results(&first, &again);
    assert_eq!(history.take_in(out.path()).unwrap(), 1);
    let told = verdicts(&history, first.name());
    let expected = [("a.gov.vn", "fail"), ("b.gov.vn", "pass")];
    assert_eq!(
        told,
        expected.map(|(site, verdict)| (site.to_owned(), verdict.to_owned()))
    );
}

#[test]
fn a_run_that_goes_on_or_cannot_be_read_keeps_nobody_else_out() {
    let out = tempfile::tempdir().unwrap();
    let broken = run_on(out.path(), 1, &[]);
    fs_err::write(broken.path().join("results.jsonl"), "{\"half\": ").unwrap();
    let running = run_on(out.path(), 2, &[sample::result("a.gov.vn", Verdict::Pass)]);
    let (_, mut record) = RunFolder::open(running.path()).unwrap();
    record.state = RunState::Running;
    running.write_record(&record).unwrap();
    let whole = run_on(out.path(), 3, &[sample::result("a.gov.vn", Verdict::Pass)]);
    let history = History::open(out.path()).unwrap();
    assert_eq!(history.take_in(out.path()).unwrap(), 1);
    assert!(history.run(running.name()).unwrap().is_none());
    assert!(history.run(whole.name()).unwrap().is_some());
}

#[test]
fn what_changed_is_named_by_kind() {
    let out = tempfile::tempdir().unwrap();
    let both = |verdict| sample::result("same.gov.vn", verdict);
    let mut moved = sample::result("cause.gov.vn", Verdict::Fail);
    let earlier = [
        sample::result("gone.gov.vn", Verdict::Pass),
        sample::result("fixed.gov.vn", Verdict::Fail),
        sample::result("worse.gov.vn", Verdict::Pass),
        moved.clone(),
        both(Verdict::Review),
    ];
    moved.findings[0].code = "covered".to_owned();
    let later = [
        sample::result("new.gov.vn", Verdict::Fail),
        sample::result("fixed.gov.vn", Verdict::Pass),
        sample::result("worse.gov.vn", Verdict::Fail),
        moved,
        both(Verdict::Review),
    ];
    let (before, after) = (run_on(out.path(), 1, &earlier), run_on(out.path(), 8, &later));
    let history = History::open(out.path()).unwrap();
    history.take_in(out.path()).unwrap();
    let restless = BTreeSet::from(["worse.gov.vn".to_owned()]);
    let found = difference(
        &sites_of(&history, &before),
        &sites_of(&history, &after),
        &restless,
    );
    let expected = [
        ("worse.gov.vn", Change::Worse),
        ("fixed.gov.vn", Change::Fixed),
        ("cause.gov.vn", Change::Other),
        ("new.gov.vn", Change::New),
        ("gone.gov.vn", Change::Gone),
    ];
    assert_eq!(changes(&found), expected);
    assert_eq!(found.unchanged, 1);
    assert!(found.sites[0].flaky && !found.sites[1].flaky);
    let check = &found.sites[0].checks[0];
    assert_eq!(
        (check.check.as_str(), check.was.status.as_str()),
        ("emc.badge", "pass")
    );
}

#[test]
fn a_check_that_only_one_run_judged_is_no_change() {
    let out = tempfile::tempdir().unwrap();
    let whole = sample::result("a.gov.vn", Verdict::Pass);
    let mut part = whole.clone();
    part.findings.remove(1);
    let (before, after) = (run_on(out.path(), 1, &[whole]), run_on(out.path(), 2, &[part]));
    let history = History::open(out.path()).unwrap();
    history.take_in(out.path()).unwrap();
    let found = difference(
        &sites_of(&history, &before),
        &sites_of(&history, &after),
        &BTreeSet::new(),
    );
    assert_eq!((found.sites.len(), found.unchanged), (0, 1));
}

#[test]
fn an_advisory_fail_makes_nothing_worse() {
    let out = tempfile::tempdir().unwrap();
    let was = sample::result("a.gov.vn", Verdict::Pass);
    let mut is = was.clone();
    is.findings[1].status = Status::Fail;
    let (before, after) = (run_on(out.path(), 1, &[was]), run_on(out.path(), 2, &[is]));
    let history = History::open(out.path()).unwrap();
    history.take_in(out.path()).unwrap();
    let found = difference(
        &sites_of(&history, &before),
        &sites_of(&history, &after),
        &BTreeSet::new(),
    );
    assert_eq!(changes(&found), [("a.gov.vn", Change::Other)]);
}

#[test]
fn a_site_that_goes_over_and_comes_back_is_restless() {
    let out = tempfile::tempdir().unwrap();
    let courses = [
        (
            "back.gov.vn",
            [Verdict::Pass, Verdict::Fail, Verdict::NotMeasured, Verdict::Pass],
        ),
        (
            "over.gov.vn",
            [Verdict::Pass, Verdict::Pass, Verdict::Fail, Verdict::Fail],
        ),
        (
            "away.gov.vn",
            [Verdict::Pass, Verdict::NotMeasured, Verdict::Pass, Verdict::Pass],
        ),
    ];
    for day in 0..4 {
        let results = courses.map(|(site, course)| sample::result(site, course[day]));
        run_on(out.path(), i8::try_from(day).unwrap() + 1, &results);
    }
    let history = History::open(out.path()).unwrap();
    history.take_in(out.path()).unwrap();
    assert_eq!(history.restless(6).unwrap(), ["back.gov.vn"]);
    assert!(history.restless(2).unwrap().is_empty());
}

#[test]
fn the_course_of_a_host_is_that_of_each_of_its_sites_oldest_first() {
    let out = tempfile::tempdir().unwrap();
    let mut unit = sample::result("p.gov.vn/web/so-noi-vu", Verdict::Fail);
    unit.host = "p.gov.vn".to_owned();
    run_on(
        out.path(),
        1,
        &[sample::result("p.gov.vn", Verdict::Pass), unit.clone()],
    );
    run_on(out.path(), 8, &[sample::result("p.gov.vn", Verdict::Fail), unit]);
    let history = History::open(out.path()).unwrap();
    history.take_in(out.path()).unwrap();
    let told = |host: &str, most| {
        let courses = history.course(host, most).unwrap();
        let points = |course: &SiteCourse| course.points.iter().map(|point| point.verdict.clone()).collect();
        courses
            .iter()
            .map(|course| (course.site.clone(), points(course)))
            .collect::<Vec<(String, Vec<String>)>>()
    };
    let both = told("p.gov.vn", 10);
    assert_eq!(both[0].1, ["pass", "fail"]);
    assert_eq!(
        both[1],
        (
            "p.gov.vn/web/so-noi-vu".to_owned(),
            vec!["fail".to_owned(), "fail".to_owned()]
        )
    );
    assert_eq!(told("p.gov.vn/web/so-noi-vu", 1).len(), 1);
    assert_eq!(told("p.gov.vn", 1)[0].1, ["fail"]);
    assert!(told("other.gov.vn", 10).is_empty());
}

#[test]
fn other_peoples_databases_and_files_are_left_as_they_are() {
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("history.sqlite");
    fs_err::write(&path, "no database, but somebody's notes").unwrap();
    assert!(matches!(
        History::open(out.path()),
        Err(HistoryError::Stranger { .. })
    ));
    assert_eq!(
        fs_err::read_to_string(&path).unwrap(),
        "no database, but somebody's notes"
    );
}

#[test]
fn a_history_of_a_newer_program_is_left_as_it_is() {
    let out = tempfile::tempdir().unwrap();
    let history = History::open(out.path()).unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'later', 1, x'00', 0)";
    history.wait(sqlx::query(newer).execute(&history.pool)).unwrap();
    drop(history);
    let path = out.path().join("history.sqlite");
    let before = fs_err::read(&path).unwrap();
    assert!(matches!(
        History::open(out.path()),
        Err(HistoryError::Newer { found: 9999, .. })
    ));
    assert_eq!(fs_err::read(&path).unwrap(), before);
}

#[test]
fn programs_that_begin_at_once_do_not_harm_each_other() {
    let out = tempfile::tempdir().unwrap();
    let results: Vec<SiteResult> = (0..40)
        .map(|number| sample::result(&format!("s{number}.gov.vn"), Verdict::Pass))
        .collect();
    let runs: Vec<RunFolder> = (1..=3).map(|day| run_on(out.path(), day, &results)).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| History::open(out.path()).unwrap().take_in(out.path()).unwrap());
        }
    });
    let history = History::open(out.path()).unwrap();
    assert_eq!(history.take_in(out.path()).unwrap(), 0);
    for run in &runs {
        assert_eq!(sites_of(&history, run).len(), results.len());
    }
}
