//! What somebody did to stored evidence is named, wherever it was done.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use super::{Checked, ProblemKind, Reason, VerifyError, VerifyReport, verify};
use crate::bundle::{RunFolder, sample};
use crate::visit::EvidenceFile;

/// A sealed run of two sites with three visits.
struct Stand {
    folder: tempfile::TempDir,
    run: RunFolder,
}

fn stand() -> Stand {
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::create(folder.path(), "2026-11-21T02:00:00Z".parse().unwrap()).unwrap();
    for (site, visit) in [("a.gov.vn", 1), ("a.gov.vn", 2), ("p.gov.vn/web/so", 1)] {
        let page = EvidenceFile {
            name: "served.html".to_owned(),
            bytes: format!("<p>{site} {visit}").into_bytes(),
        };
        run.store_visit(&sample::observation(site, visit), &[page])
            .unwrap();
    }
    run.write_file("run.json", format!("{{\"run\": \"{}\"}}", run.name()).as_bytes())
        .unwrap();
    run.write_file("results.jsonl", b"{}\n").unwrap();
    run.seal(None).unwrap();
    Stand { folder, run }
}

impl Stand {
    fn path(&self, below: &str) -> PathBuf {
        self.run.path().join(below)
    }

    /// Kinds and paths of everything that is wrong with the run.
    fn problems(&self) -> Vec<(ProblemKind, String)> {
        problems(&verify(self.run.path()).unwrap())
    }
}

fn problems(report: &VerifyReport) -> Vec<(ProblemKind, String)> {
    assert_eq!(report.sound, report.problems.is_empty());
    let each = report.problems.iter();
    each.map(|problem| (problem.kind, problem.path.clone())).collect()
}

fn change_byte(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(path, bytes).unwrap();
}

const BAG: &str = "sites/a.gov.vn/visit-1";

#[test]
fn what_nobody_touched_is_sound() {
    let stand = stand();
    for (path, checked, bags) in [
        ("", Checked::Run, 3),
        ("sites/a.gov.vn", Checked::Site, 2),
        (BAG, Checked::Bag, 1),
    ] {
        let report = verify(&stand.path(path)).unwrap();
        assert_eq!((report.checked, report.bags), (checked, bags));
        assert_eq!(problems(&report), [], "{path}");
    }
    assert!(matches!(
        verify(stand.folder.path()),
        Err(VerifyError::Nothing(_))
    ));
    assert!(matches!(
        verify(&stand.path("run.json")),
        Err(VerifyError::Nothing(_))
    ));
}

#[test]
fn one_byte_one_file_one_name_and_one_loss_are_named() {
    use ProblemKind::{Added, Changed, Missing};
    let file = format!("{BAG}/data/served.html");
    let new = format!("{BAG}/data/new.html");

    let one = stand();
    change_byte(&one.path(&file));
    assert_eq!(one.problems(), [(Changed, file.clone())]);

    let one = stand();
    std::fs::write(one.path(&new), "x").unwrap();
    assert_eq!(one.problems(), [(Added, new.clone())]);

    let one = stand();
    std::fs::rename(one.path(&file), one.path(&new)).unwrap();
    assert_eq!(one.problems(), [(Added, new), (Missing, file.clone())]);

    let one = stand();
    std::fs::remove_file(one.path(&file)).unwrap();
    assert_eq!(one.problems(), [(Missing, file)]);
}

#[test]
fn tag_files_are_evidence_too() {
    use ProblemKind::{Changed, Missing};
    for name in ["bag-info.txt", "bagit.txt", "tagmanifest-sha256.txt"] {
        let one = stand();
        change_byte(&one.path(&format!("{BAG}/{name}")));
        assert!(
            one.problems().contains(&(Changed, format!("{BAG}/{name}"))),
            "{name}: {:?}",
            one.problems()
        );
        let one = stand();
        std::fs::remove_file(one.path(&format!("{BAG}/{name}"))).unwrap();
        assert!(
            one.problems().contains(&(Missing, format!("{BAG}/{name}"))),
            "{name}"
        );
        let alone = problems(&verify(&one.path(BAG)).unwrap());
        assert_eq!(alone, [(Missing, name.to_owned())]);
    }
}

#[test]
fn files_of_the_run_itself_are_listed() {
    use ProblemKind::{Added, Changed, Missing};
    let one = stand();
    change_byte(&one.path("results.jsonl"));
    std::fs::write(one.path("extra.txt"), "x").unwrap();
    let found = one.problems();
    assert_eq!(
        found,
        [
            (Changed, "results.jsonl".to_owned()),
            (Added, "extra.txt".to_owned())
        ]
    );
    std::fs::remove_file(one.path("manifest-sha256.txt")).unwrap();
    assert_eq!(one.problems(), [(Missing, "manifest-sha256.txt".to_owned())]);
}

#[test]
fn what_lies_beside_the_bags_of_a_site_is_checked_with_the_list_of_its_run() {
    use ProblemKind::{Added, Changed, Missing};
    let one = stand();
    let site = one.path("sites/a.gov.vn");
    for name in ["result.json", "thumb.jpg"] {
        std::fs::write(site.join(name), "{}").unwrap();
    }
    one.run.seal(None).unwrap();
    assert_eq!(problems(&verify(&site).unwrap()), []);
    change_byte(&site.join("result.json"));
    std::fs::remove_file(site.join("thumb.jpg")).unwrap();
    std::fs::write(site.join("annotated.png"), "x").unwrap();
    assert_eq!(
        problems(&verify(&site).unwrap()),
        [
            (Changed, "result.json".to_owned()),
            (Missing, "thumb.jpg".to_owned()),
            (Added, "annotated.png".to_owned())
        ]
    );
    // Of a run that is not finished there is no list yet.
    std::fs::remove_file(one.path("manifest-sha256.txt")).unwrap();
    assert_eq!(problems(&verify(&site).unwrap()), []);
}

#[test]
fn a_bag_in_anothers_place_does_not_belong() {
    use ProblemKind::DoesNotBelong;
    let one = stand();
    let (mine, other) = (one.path(BAG), one.path("sites/p.gov.vn~web~so/visit-1"));
    let aside = one.folder.path().join("aside");
    std::fs::rename(&mine, &aside).unwrap();
    std::fs::rename(&other, &mine).unwrap();
    std::fs::rename(&aside, &other).unwrap();
    let found = one.problems();
    assert!(found.contains(&(DoesNotBelong, BAG.to_owned())), "{found:?}");
    let site = verify(&one.path("sites/a.gov.vn")).unwrap();
    assert_eq!(site.problems[0].reason, Some(Reason::OtherSite));
    assert_eq!(site.problems[0].detail.as_deref(), Some("p.gov.vn/web/so"));
}

#[test]
fn a_bag_with_another_number_or_of_another_run_does_not_belong() {
    let one = stand();
    std::fs::remove_dir_all(one.path(BAG)).unwrap();
    std::fs::rename(one.path("sites/a.gov.vn/visit-2"), one.path(BAG)).unwrap();
    let bag = verify(&one.path(BAG)).unwrap();
    assert_eq!(bag.problems[0].reason, Some(Reason::OtherVisit));

    let (one, two) = (stand(), stand());
    let second = RunFolder::create(two.folder.path(), "2026-12-01T00:00:00Z".parse().unwrap()).unwrap();
    second
        .store_visit(&sample::observation("a.gov.vn", 1), &[])
        .unwrap();
    std::fs::remove_dir_all(one.path(BAG)).unwrap();
    std::fs::rename(second.path().join(BAG), one.path(BAG)).unwrap();
    let run = verify(one.run.path()).unwrap();
    assert_eq!(run.problems[0].reason, Some(Reason::OtherRun));
}

#[test]
fn a_whole_visit_that_is_gone_is_missed() {
    let one = stand();
    std::fs::remove_dir_all(one.path(BAG)).unwrap();
    let site = verify(&one.path("sites/a.gov.vn")).unwrap();
    assert_eq!(problems(&site), [(ProblemKind::Missing, "visit-1".to_owned())]);
    assert_eq!(one.problems(), [(ProblemKind::Missing, BAG.to_owned())]);
}

#[test]
fn links_are_named_and_nothing_behind_them_is_read() {
    let one = stand();
    let outside = one.folder.path().join("outside");
    std::fs::write(
        &outside,
        std::fs::read(one.path(&format!("{BAG}/data/served.html"))).unwrap(),
    )
    .unwrap();
    std::fs::remove_file(one.path(&format!("{BAG}/data/served.html"))).unwrap();
    std::os::unix::fs::symlink(&outside, one.path(&format!("{BAG}/data/served.html"))).unwrap();
    std::os::unix::fs::symlink("/", one.path("sites/b.gov.vn")).unwrap();
    let report = verify(one.run.path()).unwrap();
    let links: Vec<&str> = report
        .problems
        .iter()
        .filter(|problem| problem.reason == Some(Reason::Link))
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(
        links,
        ["sites/a.gov.vn/visit-1/data/served.html", "sites/b.gov.vn"]
    );
}

#[test]
fn a_pipe_is_not_waited_for() {
    let one = stand();
    let made = std::process::Command::new("mkfifo")
        .arg(one.path(&format!("{BAG}/data/pipe")))
        .status();
    assert!(made.unwrap().success());
    let report = verify(&one.path(BAG)).unwrap();
    assert_eq!(report.problems[0].reason, Some(Reason::Odd));
}

#[test]
fn lists_of_strangers_name_nothing_outside() {
    let one = stand();
    let list = one.path(&format!("{BAG}/manifest-sha256.txt"));
    let mut text = std::fs::read_to_string(&list).unwrap();
    text += &"0".repeat(64);
    text += "  ../../../run.json\n";
    std::fs::write(&list, text).unwrap();
    let report = verify(&one.path(BAG)).unwrap();
    assert_eq!(
        problems(&report),
        [(ProblemKind::Changed, "manifest-sha256.txt".to_owned())]
    );
}

#[test]
fn sealing_again_does_not_hide_a_change() {
    let one = stand();
    let file = format!("{BAG}/data/served.html");
    change_byte(&one.path(&file));
    one.run.seal(None).unwrap();
    assert_eq!(one.problems(), [(ProblemKind::Changed, file)]);
    // New results are listed like any other file.
    let one = stand();
    one.run.write_file("results.jsonl", b"{\"new\": 1}\n").unwrap();
    assert_eq!(one.problems().len(), 1);
    one.run.seal(None).unwrap();
    assert_eq!(one.problems(), []);
}

#[test]
fn a_bag_that_was_never_finished_is_not_there() {
    let one = stand();
    std::fs::create_dir_all(one.path("sites/a.gov.vn/.visit-x.partial/data")).unwrap();
    std::fs::write(one.path("sites/a.gov.vn/.visit-x.partial/data/page.html"), "x").unwrap();
    assert_eq!(one.problems(), []);
    one.run.seal(None).unwrap();
    assert!(!one.path("sites/a.gov.vn/.visit-x.partial").exists());
}
