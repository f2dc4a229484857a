//! A removal that breaks off between any two steps, and what is said of the run then and after it was gone on with.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use super::*;
use crate::bundle::{ProblemKind, Reason, VerifyReport, sample, verify};
use crate::visit::EvidenceFile;

struct Stand {
    _folder: tempfile::TempDir,
    run: RunFolder,
}

/// A sealed run of two sites with one and two visits.
fn stand() -> Stand {
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::create(folder.path(), "2026-11-21T02:00:00Z".parse().unwrap()).unwrap();
    let mut results = String::new();
    for (site, visits) in [("a.gov.vn", 2), ("p.gov.vn/web/so", 1)] {
        for visit in 1..=visits {
            let page = EvidenceFile {
                name: "served.html".to_owned(),
                bytes: format!("<p>{site} {visit}").into_bytes(),
            };
            run.store_visit(&sample::observation(site, visit), &[page])
                .unwrap();
        }
        let visits: Vec<u32> = (0..visits).collect();
        results += &serde_json::json!({"site": site, "visits": visits}).to_string();
        results.push('\n');
    }
    let record = serde_json::json!({"run": run.name()}).to_string();
    run.write_file("run.json", record.as_bytes()).unwrap();
    run.write_file("results.jsonl", results.as_bytes()).unwrap();
    run.seal(None).unwrap();
    Stand { _folder: folder, run }
}

fn site() -> SiteId {
    "a.gov.vn".parse().unwrap()
}

fn removal() -> Removal {
    Removal {
        because: RemovedBecause::Passing,
        days: 90,
        since: "2026-11-21T03:00:00Z".to_owned(),
        at: "2027-03-01T00:00:00Z".to_owned(),
        settings: RetentionSettings::default(),
        known: None,
    }
}

/// Removes both visits of a site, and breaks off after so many steps.
fn remove(run: &RunFolder, steps: usize) {
    let site = site();
    let kept = "manifest-sha256.1.txt";
    let bury = |visit| run.write_tombstone(&site, visit, &removal(), kept).map(drop);
    let all: [&dyn Fn() -> Result<(), StoreError>; STEPS] = [
        &|| run.keep_list().map(|name| assert_eq!(name, kept)),
        &|| bury(1),
        &|| bury(2),
        &|| run.set_aside(&site, 1),
        &|| run.set_aside(&site, 2),
        &|| run.seal(None),
        &|| run.remove_set_aside(),
    ];
    for step in &all[..steps] {
        step().unwrap();
    }
}

const STEPS: usize = 7;

fn bag(run: &RunFolder, visit: u32) -> PathBuf {
    run.visit_path(&site(), visit)
}

fn checked(run: &RunFolder) -> VerifyReport {
    verify(run.path()).unwrap()
}

#[test]
fn a_run_whose_visits_were_removed_is_sound_and_says_so() {
    let stand = stand();
    let before = checked(&stand.run);
    assert!(before.sound && before.removed.is_empty(), "{before:?}");
    let bytes: u64 = [1, 2]
        .iter()
        .map(|visit| stand.run.bag_bytes(&site(), *visit))
        .sum();
    remove(&stand.run, STEPS);
    let report = checked(&stand.run);
    assert!(report.sound, "{:?}", report.problems);
    assert_eq!(report.bags, 1);
    let paths: Vec<&str> = report.removed.iter().map(|visit| visit.path.as_str()).collect();
    assert_eq!(paths, ["sites/a.gov.vn/visit-1", "sites/a.gov.vn/visit-2"]);
    assert_eq!(report.removed[0].at, "2027-03-01T00:00:00Z");
    let told: u64 = report.removed.iter().map(|visit| visit.bytes).sum();
    assert!(told > bytes, "lists count too: {told} {bytes}");
    assert!(!bag(&stand.run, 1).exists() && !stand.run.has_unfinished_removal().unwrap());

    let tombstone = &stand.run.removed().unwrap()[&site()][1];
    assert_eq!(tombstone.listed_in, "manifest-sha256.1.txt");
    assert_eq!(tombstone.tag_manifest.len(), 64);
    let served = tombstone
        .files
        .iter()
        .find(|file| file.path == "data/served.html");
    assert_eq!(served.unwrap().bytes, "<p>a.gov.vn 2".len() as u64);
    let sums = stand.run.evidence_sums(&site());
    assert!(sums.iter().any(|(path, _)| path == "visit-2/data/served.html"));
    // The site alone is sound too.
    let alone = verify(&stand.run.site_path(&site())).unwrap();
    assert!(alone.sound && alone.removed.len() == 2, "{:?}", alone.problems);
}

#[test]
fn a_removal_that_broke_off_anywhere_is_noticed_and_brought_to_its_end_or_taken_back() {
    for steps in 0..=STEPS {
        let stand = stand();
        let run = &stand.run;
        remove(run, steps);
        let broke_off = (2..STEPS).contains(&steps);
        assert_eq!(run.has_unfinished_removal().unwrap(), broke_off, "{steps}");
        let report = checked(run);
        // The moment after the kept list, nothing else is there yet; after sealing, nothing is wrong any more.
        let is_sound = steps == 0 || steps >= STEPS - 1;
        assert_eq!(report.sound, is_sound, "{steps}: {:?}", report.problems);
        if broke_off && !is_sound {
            let reasons: Vec<Reason> = report.problems.iter().filter_map(|one| one.reason).collect();
            let said = reasons.contains(&Reason::RemovalUnfinished) || reasons.contains(&Reason::NotRemoved);
            assert!(said, "{steps}: {:?}", report.problems);
            let gone = report.problems.iter();
            let named = gone.filter(|one| one.kind == ProblemKind::Missing).count();
            assert_eq!(named, 0, "files that have a tombstone are not missed");
        }
        // What goes on after a crash.
        run.seal(None).unwrap();
        run.remove_set_aside().unwrap();
        let report = checked(run);
        assert!(report.sound, "{steps}: {:?}", report.problems);
        assert!(!run.has_unfinished_removal().unwrap());
        for visit in [1, 2] {
            let buried = run.site_path(&site()).join(tombstone_name(visit)).exists();
            assert_ne!(buried, bag(run, visit).exists(), "{steps}: one or the other");
        }
    }
}

#[test]
fn tombstones_alone_can_be_taken_back() {
    let stand = stand();
    remove(&stand.run, 2);
    stand.run.take_back_removals("manifest-sha256.1.txt").unwrap();
    let report = checked(&stand.run);
    assert!(report.sound && report.removed.is_empty(), "{:?}", report.problems);
}

#[test]
fn nothing_that_is_gone_without_a_tombstone_passes_for_removed() {
    // The tombstone is gone, and the run was sealed again.
    let one = stand();
    remove(&one.run, STEPS);
    for visit in [1, 2] {
        fs_err::remove_file(one.run.site_path(&site()).join(tombstone_name(visit))).unwrap();
    }
    one.run.seal(None).unwrap();
    let paths: Vec<String> = checked(&one.run)
        .problems
        .into_iter()
        .map(|problem| problem.path)
        .collect();
    assert_eq!(paths, ["sites/a.gov.vn/visit-1"], "the results tell of it");

    // Somebody else's tombstone, or one that says other sums than the list did.
    let change = |old: &str, new: &str| {
        let one = stand();
        remove(&one.run, STEPS);
        let path = one.run.site_path(&site()).join(tombstone_name(1));
        let text = fs_err::read_to_string(&path).unwrap();
        assert!(text.contains(old));
        fs_err::write(&path, text.replacen(old, new, 1)).unwrap();
        one.run.seal(None).unwrap();
        checked(&one.run).problems[0].reason
    };
    assert_eq!(change("\"visit\": 1", "\"visit\": 2"), Some(Reason::OtherVisit));
    assert_eq!(change("\"a.gov.vn\"", "\"b.gov.vn\""), Some(Reason::OtherSite));
    assert_eq!(
        change("20261121T020000Z", "20261121T020001Z"),
        Some(Reason::OtherRun)
    );
    assert_eq!(
        change("data/served.html", "data/other.html"),
        Some(Reason::Tombstone)
    );
    assert_eq!(
        change("manifest-sha256.1.txt", "../../x"),
        Some(Reason::Tombstone)
    );
}
