//! Runs on disk, and what becomes of them when their time is over.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::*;
use crate::bundle::{JudgedBy, RunFolder, RunKind, RunList, RunRecord, RunState, sample, verify};
use crate::dispatch::RunJudge;
use crate::emc::EmcSettings;
use crate::history::{History, NewReview};
use crate::language::Language;
use crate::report::{Judged, Making, read_results, write_judgement};
use crate::review::carry_into;
use crate::rules::Rules;
use crate::settings::RetentionSettings;
use crate::site::{ListedSite, Role};
use crate::verdict::{Decision, SiteResult, Verdict};
use crate::visit::EvidenceFile;

const SITES: [&str; 3] = ["p.gov.vn", "a.gov.vn", "p.gov.vn/web/so"];

fn listed() -> Vec<ListedSite> {
    let roles = [Role::Portal, Role::Portal, Role::Component];
    let mut sites: Vec<ListedSite> = SITES
        .iter()
        .zip(roles)
        .map(|(site, role)| ListedSite::new(site.parse().unwrap(), role))
        .collect();
    sites[2].portal = Some(SITES[0].parse().unwrap());
    sites
}

/// A full run that began on `day`, judged and sealed. `passing` are said to pass, whatever their visits show.
fn run_on(out: &Path, day: &str, passing: &[&str]) -> RunFolder {
    let started: Timestamp = format!("{day}T02:00:00Z").parse().unwrap();
    let folder = RunFolder::create(out, started).unwrap();
    let rules = Rules::builtin().unwrap();
    let judged_by = JudgedBy {
        profile: "province".to_owned(),
        rules: rules.version.clone(),
        only: None,
        beacon_stub: false,
        confirm: false,
        emc: EmcSettings::default(),
    };
    let mut record = RunRecord::begin(folder.name(), RunKind::Full, started, judged_by);
    record.state = RunState::Finished;
    record.ended = Some(started.to_string());
    let list = RunList {
        sites: listed(),
        ..RunList::default()
    };
    folder.write_list(&list).unwrap();
    folder.write_rules(rules.source()).unwrap();
    for site in SITES {
        let mut page = image::RgbImage::new(40, 30);
        page.put_pixel(3, 3, image::Rgb([9, 9, 9]));
        let mut jpeg = Vec::new();
        let mut to = std::io::Cursor::new(&mut jpeg);
        page.write_to(&mut to, image::ImageFormat::Jpeg).unwrap();
        let file = |name: &str, bytes: &[u8]| EvidenceFile {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        };
        let files = [file("served.html", site.as_bytes()), file("desktop.jpg", &jpeg)];
        let mut observation = sample::observation(site, 1);
        let page = observation.page.as_mut().unwrap();
        // Enough for a home page.
        page.text.start = "Tin tức và sự kiện. Thủ tục hành chính. ".repeat(50);
        (page.text.length, page.text.links, page.text.images) = (2000, 30, 10);
        observation.requests[1].mime_type = Some("text/javascript".to_owned());
        folder.store_visit(&observation, &files).unwrap();
    }
    let mut results = judged(&folder, &record);
    for result in &mut results {
        if passing.contains(&result.site.to_string().as_str()) {
            result.verdict = Verdict::Pass;
        }
    }
    let profile = rules.profile(Some("province")).unwrap();
    let judged = Judged {
        folder: &folder,
        record: &record,
        results: &results,
        rules: &rules,
        profile,
        language: Language::Vietnamese,
        past: &crate::history::Past::default(),
    };
    write_judgement(judged, "", Making::Everything).unwrap();
    folder.write_record(&record).unwrap();
    folder.seal(None).unwrap();
    folder
}

fn judged(folder: &RunFolder, record: &RunRecord) -> Vec<SiteResult> {
    let rules = Rules::from_toml(&folder.read_rules().unwrap()).unwrap();
    let profile = rules.profile(Some("province")).unwrap().clone();
    let judge = RunJudge::stored(folder.clone(), record, rules, profile).unwrap();
    let earlier = read_results(&folder.path().join("results.jsonl")).unwrap_or_default();
    judge.judge(&earlier).unwrap()
}

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn prune_on(out: &Path, day: &str) -> Pruned {
    let settings = RetentionSettings::default();
    let plan = plan(out, &settings, at(day)).unwrap();
    prune(out, plan, &settings, None, Language::Vietnamese).unwrap()
}

fn has_bag(folder: &RunFolder, site: &str) -> bool {
    !folder.bag_numbers(&site.parse().unwrap()).unwrap().is_empty()
}

/// Every file below a folder, by name, with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs_err::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), fs_err::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Addresses in the pages of a report that lead to no file.
fn broken_links(run: &Path) -> Vec<String> {
    let pages = contents(&run.join("report")).into_iter();
    let pages = pages.filter(|(path, _)| path.extension().is_some_and(|kind| kind == "html"));
    let mut broken = Vec::new();
    for (path, bytes) in pages {
        let html = String::from_utf8(bytes).unwrap();
        for mark in ["href=\"", "src=\""] {
            for rest in html.split(mark).skip(1) {
                let link = rest.split(['"', '#']).next().unwrap();
                // A picture in the page itself needs no file.
                if !link.starts_with("data:") && !path.parent().unwrap().join(link).exists() {
                    broken.push(format!("{link} in {}", path.display()));
                }
            }
        }
    }
    broken
}

fn assert_sound(folder: &RunFolder) {
    let report = verify(folder.path()).unwrap();
    assert!(report.sound, "{:?}", report.problems);
}

#[test]
fn what_is_over_its_time_goes_and_everything_else_is_as_it_was() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let first = run_on(out, "2026-01-01", &["a.gov.vn", "p.gov.vn"]);
    let newest = run_on(out, "2026-06-01", &["a.gov.vn"]);
    let (results, latest) = (
        fs_err::read(first.path().join("results.jsonl")).unwrap(),
        contents(newest.path()),
    );
    assert!(broken_links(first.path()).is_empty());

    let settings = RetentionSettings::default();
    let before = contents(first.path());
    let dry = plan(out, &settings, at("2026-06-01")).unwrap();
    // The portal passes, but its component does not and was compared with it.
    assert_eq!(dry.runs[0].remove.len(), 1);
    assert_eq!(dry.runs[0].kept.values().sum::<usize>(), 2);
    assert!(dry.bytes().0 > 0 && dry.bytes().1 > 0);
    assert_eq!(contents(first.path()), before, "asking changes nothing");

    let pruned = prune_on(out, "2026-06-01");
    assert!(pruned.left_out.is_empty(), "{:?}", pruned.left_out);
    assert_eq!((pruned.runs.len(), pruned.runs[0].visits), (1, 1));
    assert!(!has_bag(&first, "a.gov.vn") && has_bag(&first, "p.gov.vn"));
    assert_sound(&first);
    assert_eq!(broken_links(first.path()), Vec::<String>::new());
    let page = fs_err::read_to_string(first.path().join("report/sites/a.gov.vn.html")).unwrap();
    assert!(page.contains("đã được xóa theo thời hạn lưu") && page.contains("visit-1/served.html"));
    assert_eq!(fs_err::read(first.path().join("results.jsonl")).unwrap(), results);
    assert_eq!(
        contents(newest.path()),
        latest,
        "the newest full run is not touched"
    );

    // Once more there is nothing to do; after their year the others go.
    assert!(prune_on(out, "2026-06-01").runs.is_empty());
    let pruned = prune_on(out, "2027-06-01");
    assert_eq!(pruned.runs[0].visits, 2);
    assert!(
        SITES
            .iter()
            .all(|site| !has_bag(&first, site) && has_bag(&newest, site))
    );
    assert_sound(&first);
    assert_eq!(broken_links(first.path()), Vec::<String>::new());
    assert_eq!(verify(first.path()).unwrap().removed.len(), 3);

    let history = History::open(out).unwrap();
    let log = history.verify_log(out).unwrap();
    assert!(log.sound, "{:?}", log.problems);
    assert_eq!(log.lines, 6 + 2, "six visits and two removals");
}

#[test]
fn judging_again_keeps_the_lines_of_what_was_removed_and_says_the_same_of_the_rest() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let first = run_on(out, "2026-01-01", &["a.gov.vn"]);
    run_on(out, "2026-06-01", &[]);
    let earlier = read_results(&first.path().join("results.jsonl")).unwrap();
    let (_, record) = RunFolder::open(first.path()).unwrap();
    prune_on(out, "2026-06-01");
    assert!(!has_bag(&first, "a.gov.vn"));
    let again = judged(&first, &record);
    assert_eq!(again, earlier, "also who shares a site id with whom");
    let shared = again[0].findings.iter().find(|finding| finding.code == "shared");
    let with = &shared
        .unwrap_or_else(|| panic!("{:?}", again[0].findings))
        .measured["shared_with"];
    assert!(
        with.to_string().contains("a.gov.vn"),
        "it is known without its visits: {with}"
    );
}

#[test]
fn what_a_person_decided_or_disputes_is_kept() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let first = run_on(out, "2026-01-01", &[]);
    let second = run_on(out, "2026-02-01", &[]);
    run_on(out, "2026-06-01", &[]);
    let result = read_results(&first.path().join("results.jsonl"))
        .unwrap()
        .remove(1);
    let history = History::open(out).unwrap();
    let decide = |decision| {
        let review = NewReview {
            at: "2026-01-02T00:00:00Z".to_owned(),
            reviewer: "Lan".to_owned(),
            decision,
            note: String::new(),
            run: first.name().to_owned(),
            site: result.site.to_string(),
            check: result.findings[0].check.clone(),
            fingerprint: result.findings[0].fingerprint.clone(),
            status: result.findings[0].status,
            code: result.findings[0].code.clone(),
            rules: result.rules.clone(),
            was: None,
        };
        history.decide(&[review]).unwrap();
    };
    decide(Decision::Disputed);
    let (_, record) = RunFolder::open(second.path()).unwrap();
    let mut carried = judged(&second, &record);
    carry_into(Some(out), &second, &mut carried).unwrap();
    let goes_on = &carried[1].findings[0].reviewed;
    assert!(
        goes_on
            .as_ref()
            .is_some_and(|reviewed| reviewed.decision.is_open())
    );
    prune_on(out, "2028-01-01");
    assert!(has_bag(&first, "a.gov.vn") && has_bag(&second, "a.gov.vn"));
    assert!(!has_bag(&first, "p.gov.vn") && !has_bag(&second, "p.gov.vn"));
    // When it is settled the later run may go, and not the one that was decided about.
    decide(Decision::Confirm);
    prune_on(out, "2028-01-01");
    assert!(has_bag(&first, "a.gov.vn") && !has_bag(&second, "a.gov.vn"));
    assert_sound(&first);
    assert_sound(&second);
}

#[test]
fn a_run_that_was_touched_or_is_worked_on_is_left_as_it_is() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let first = run_on(out, "2026-01-01", &[]);
    let second = run_on(out, "2026-02-01", &[]);
    run_on(out, "2026-06-01", &[]);
    let page = first.path().join("sites/a.gov.vn/visit-1/data/served.html");
    fs_err::write(&page, "changed").unwrap();
    let before = contents(first.path());
    let lock = second.lock().unwrap();
    let pruned = prune_on(out, "2028-01-01");
    assert!(pruned.runs.is_empty());
    let [one, other] = &pruned.left_out[..] else {
        panic!("{:?}", pruned.left_out)
    };
    assert!(matches!(&one.why, Why::Touched { first, .. } if first.ends_with("served.html")));
    assert!(matches!(&other.why, Why::Failed(_)), "{:?}", other.why);
    assert_eq!(contents(first.path()), before);
    drop(lock);
    assert_eq!(
        prune_on(out, "2028-01-01").runs.len(),
        1,
        "the other one can go now"
    );
}

#[test]
fn a_removal_that_broke_off_is_brought_to_its_end_by_the_next() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    let first = run_on(out, "2026-01-01", &[]);
    run_on(out, "2026-06-01", &[]);
    let site = "a.gov.vn".parse().unwrap();
    let removal = crate::bundle::Removal {
        because: crate::bundle::RemovedBecause::Failing,
        days: 396,
        since: "2026-01-01T02:00:00Z".to_owned(),
        at: "2027-03-01T00:00:00Z".to_owned(),
        settings: RetentionSettings::default(),
        known: None,
    };
    History::open(out).unwrap().log_visits(out).unwrap();
    let kept = first.keep_list().unwrap();
    first.write_tombstone(&site, 1, &removal, &kept).unwrap();
    first.set_aside(&site, 1).unwrap();
    assert!(!verify(first.path()).unwrap().sound);
    // On this day nothing is due: what broke off is still ended.
    let settings = RetentionSettings::default();
    let planned = plan(out, &settings, at("2026-02-01")).unwrap();
    assert_eq!(planned.unfinished, [first.name()]);
    let pruned = prune(out, planned, &settings, None, Language::Vietnamese).unwrap();
    assert!(pruned.left_out.is_empty(), "{:?}", pruned.left_out);
    assert_eq!(pruned.runs[0].at, removal.at);
    assert_sound(&first);
    assert_eq!(broken_links(first.path()), Vec::<String>::new());
    let hidden = contents(first.path());
    assert!(
        hidden
            .iter()
            .all(|(path, _)| !path.to_string_lossy().contains("/.visit-"))
    );
}

#[test]
fn visits_keep_their_line_and_get_no_second_one_when_lines_were_removed() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path();
    run_on(out, "2026-01-01", &[]);
    let history = History::open(out).unwrap();
    assert_eq!(history.log_visits(out).unwrap(), 3);
    let later = Timestamp::now() + jiff::SignedDuration::from_hours(1);
    history.remove_log_lines(later, 396).unwrap().unwrap();
    run_on(out, "2026-06-01", &[]);
    // Visits of the samples began before the lines were written.
    assert_eq!(history.log_visits(out).unwrap(), 0);
    assert!(history.verify_log(out).unwrap().sound);
}
