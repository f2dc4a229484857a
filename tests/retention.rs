//! What is over its time, by the real binary on real runs: what goes, what stays sound, and what a kill or a full disk
//! leaves behind.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use emc_audit::bundle::{RunFolder, RunRecord};
use fixture_web::FixtureWeb;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use support::{audit_command, serve};

/// One that is good, one without code.
const LIST: &str = "url,name,role,portal\n\
    tinhmau.gov.vn,Cổng,portal,\n\
    sxd.tinhmau.gov.vn,Sở Xây dựng,component,tinhmau.gov.vn\n\
    xaphuocan.tinhmau.gov.vn,Xã Phước An,component,tinhmau.gov.vn\n";
const SITES: usize = 3;

fn emc_audit(settings: &Path, arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.arg("--settings").arg(settings).args(arguments);
    command.args(["--lang", "en"]).current_dir(out);
    command.stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A run over the list; its folder.
async fn run(web: &FixtureWeb, out: &Path, settings: &Path) -> PathBuf {
    let list = out.join("list.csv");
    std::fs::write(&list, LIST).unwrap();
    let mut command = audit_command(web, &list, out, &["--no-confirm"]);
    command.arg("--settings").arg(settings);
    let ended = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", text(&ended.stderr));
    out.join("latest").canonicalize().unwrap()
}

/// Makes a run as old as that.
fn aged(run: &Path, days: i64) {
    let (folder, mut record): (RunFolder, RunRecord) = RunFolder::open(run).unwrap();
    let then = Timestamp::now() - SignedDuration::from_hours(24 * days);
    record.started = then.to_string();
    record.ended = Some(then.to_string());
    folder.write_record(&record).unwrap();
    folder.seal(None).unwrap();
}

fn bags(run: &Path) -> usize {
    let sites = std::fs::read_dir(run.join("sites")).unwrap().flatten();
    let visits = sites.flat_map(|site| std::fs::read_dir(site.path()).into_iter().flatten().flatten());
    visits
        .filter(|visit| visit.file_name().to_string_lossy().starts_with("visit-") && visit.path().is_dir())
        .count()
}

fn verified(settings: &Path, run: &Path) -> (Option<i32>, Value) {
    let path = run.display().to_string();
    let said = emc_audit(settings, &["verify", &path, "--json"], run.parent().unwrap());
    (said.status.code(), serde_json::from_slice(&said.stdout).unwrap())
}

/// Addresses in the pages of a report, and in its workbook, that lead to no file.
fn broken_links(run: &Path) -> Vec<String> {
    let mut broken = Vec::new();
    for folder in ["report", "report/sites", "report/portals"] {
        for entry in std::fs::read_dir(run.join(folder)).unwrap().flatten() {
            let Ok(html) = std::fs::read_to_string(entry.path()) else {
                continue;
            };
            for mark in ["href=\"", "src=\""] {
                for rest in html.split(mark).skip(1) {
                    let link = rest.split(['"', '#']).next().unwrap();
                    // The icon of the page is in the page.
                    if !link.starts_with("data:") && !run.join(folder).join(link).exists() {
                        broken.push(format!("{link} in {}", entry.path().display()));
                    }
                }
            }
        }
    }
    let mut book = zip::ZipArchive::new(std::fs::File::open(run.join("report.xlsx")).unwrap()).unwrap();
    let names: Vec<String> = book.file_names().map(|name| name.unwrap().into_owned()).collect();
    for name in names
        .iter()
        .filter(|name| name.starts_with("xl/worksheets/_rels/"))
    {
        let part = std::io::read_to_string(book.by_name(name).unwrap()).unwrap();
        for target in part.split("Target=\"").skip(1) {
            let target = target.split('"').next().unwrap();
            if !run.join(target).exists() {
                broken.push(format!("{target} in the workbook"));
            }
        }
    }
    broken
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_later_the_evidence_goes_and_what_was_said_stays() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let settings = out.join("emc-audit.toml");
    let made = emc_audit(
        Path::new("/dev/null"),
        &["key", "make", "keys", "--no-password"],
        out,
    );
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let key = out.join("keys/emc-audit.key");
    std::fs::write(
        &settings,
        format!("[evidence]\nsign_key = \"{}\"\n", key.display()),
    )
    .unwrap();
    let first = run(&web, out, &settings).await;
    signed_by_minisign(out, &first);
    aged(&first, 500);
    let newest = run(&web, out, &settings).await;
    web.shutdown().await;
    assert_eq!((bags(&first), bags(&newest)), (SITES, SITES));
    let results = std::fs::read(first.join("results.jsonl")).unwrap();
    let before = tempfile::tempdir().unwrap();
    copy(&out.join("."), before.path());

    let out_flag = out.display().to_string();
    let prune = |more: &[&str]| emc_audit(&settings, &[&["prune", "--out", &out_flag], more].concat(), out);
    let dry = prune(&["--dry-run"]);
    let said = text(&dry.stdout);
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry.stderr));
    assert!(said.contains("remove 3 visits"), "{said}");
    assert_eq!(bags(&first), SITES, "a dry run removes nothing");
    let name = first.file_name().unwrap().to_str().unwrap().to_owned();
    let done = prune(&[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!((bags(&first), bags(&newest)), (0, SITES));
    assert_eq!(std::fs::read(first.join("results.jsonl")).unwrap(), results);
    assert_eq!(broken_links(&first), Vec::<String>::new());
    sound_and_signed(out, &settings, &first);

    let judged = emc_audit(&settings, &["judge", &name, "--json", "--out", &out_flag], out);
    assert_eq!(
        text(&judged.stdout).as_bytes(),
        results,
        "{}",
        text(&judged.stderr)
    );
    assert!(
        text(&judged.stderr).contains("stay as they were"),
        "{}",
        text(&judged.stderr)
    );
    let others = [
        "judge",
        &name,
        "--profile",
        "ministry-2024",
        "--json",
        "--out",
        &out_flag,
    ];
    let others = text(&emc_audit(&settings, &others, out).stdout);
    assert_eq!(others.lines().count(), SITES);
    assert!(!others.contains("\"not_visited\""), "{others}");
    let pack = ["pack", "sxd.tinhmau.gov.vn", "--run", &name, "--out", &out_flag];
    let refused = emc_audit(&settings, &pack, out);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("were removed at"),
        "{}",
        text(&refused.stderr)
    );
    let log = emc_audit(&settings, &["log", "verify", "--out", &out_flag], out);
    assert_eq!(log.status.code(), Some(0), "{}", text(&log.stdout));
    let shown = text(&emc_audit(&settings, &["log", "show", "--out", &out_flag], out).stdout);
    assert!(shown.contains("3 visits of 3 sites"), "{shown}");

    what_was_taken_away_otherwise_is_missed(&settings, &first);
    killed_again_and_again(before.path(), &name);
}

/// The program that others have accepts what was signed here.
fn signed_by_minisign(out: &Path, run: &Path) {
    let checked = Command::new("minisign")
        .args(["-V", "-m", "manifest-sha256.txt", "-p"])
        .arg(out.join("keys/emc-audit.pub"))
        .current_dir(run)
        .output()
        .expect("minisign is installed. hint: scripts/test installs it");
    assert!(checked.status.success(), "{}", text(&checked.stderr));
}

fn sound_and_signed(out: &Path, settings: &Path, run: &Path) {
    let (code, report) = verified(settings, run);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["removed"].as_array().unwrap().len(), SITES);
    let (path, key) = (run.display().to_string(), out.join("keys/emc-audit.pub"));
    let arguments = ["verify", &path, "--public-key", key.to_str().unwrap()];
    let signed = emc_audit(settings, &arguments, out);
    let said = text(&signed.stdout);
    assert_eq!(signed.status.code(), Some(0), "{said}");
    assert!(
        said.contains("signature of manifest-sha256.txt is good"),
        "{said}"
    );
    assert!(said.contains("because their time was over: 3 visits"), "{said}");
    signed_by_minisign(out, run);
}

fn what_was_taken_away_otherwise_is_missed(settings: &Path, run: &Path) {
    let tombstone = run.join("sites/sxd.tinhmau.gov.vn/visit-1.removed.json");
    let kept = std::fs::read(&tombstone).unwrap();
    std::fs::remove_file(&tombstone).unwrap();
    let (code, report) = verified(settings, run);
    assert_eq!(code, Some(3), "{report}");
    std::fs::write(&tombstone, kept).unwrap();
    assert_eq!(verified(settings, run).0, Some(0));
    std::fs::write(run.join("sites/sxd.tinhmau.gov.vn/visit-2.removed.json"), "{}").unwrap();
    assert_eq!(verified(settings, run).0, Some(3));
    std::fs::remove_file(run.join("sites/sxd.tinhmau.gov.vn/visit-2.removed.json")).unwrap();
}

/// Killed at moments that nobody planned; the next one ends what was begun.
fn killed_again_and_again(before: &Path, name: &str) {
    let settings = Path::new("/dev/null");
    let mut broke_off = 0;
    for attempt in 0_u64..12 {
        let folder = tempfile::tempdir().unwrap();
        copy(&before.join("."), folder.path());
        let run = folder.path().join("runs").join(name);
        let prune = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
            command.arg("--settings").arg(settings).args(["prune", "--out"]);
            command.arg(folder.path()).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let mut killed = prune().spawn().unwrap();
        std::thread::sleep(Duration::from_millis(30 + attempt * 40));
        if killed.try_wait().unwrap().is_none() {
            support::signal(killed.id(), "-KILL");
            broke_off += 1;
        }
        killed.wait().unwrap();
        let ended = prune().status().unwrap();
        assert_eq!(ended.code(), Some(0), "attempt {attempt}");
        let (code, report) = verified(settings, &run);
        assert_eq!(code, Some(0), "attempt {attempt}: {report}");
        assert_eq!(bags(&run), 0);
        assert_eq!(broken_links(&run), Vec::<String>::new());
        let out = folder.path().display().to_string();
        let log = emc_audit(settings, &["log", "show", "--json", "--out", &out], folder.path());
        let lines = text(&log.stdout);
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let removals = lines.filter(|line| line["kind"] == "removed");
        let told: u64 = removals.map(|line| line["visits"].as_u64().unwrap()).sum();
        assert_eq!(told, SITES as u64, "attempt {attempt}: each visit is told once");
    }
    assert!(broke_off > 0, "none was killed in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_prunes_at_its_end_and_one_under_way_is_left_alone() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let settings = out.join("emc-audit.toml");
    std::fs::write(&settings, "[retention]\nafter_run = true\n").unwrap();
    let first = run(&web, out, &settings).await;
    aged(&first, 500);
    assert_eq!(bags(&first), SITES, "it is the newest");
    // Beside a run under way, others may prune: what it needs stays.
    let list = out.join("list.csv");
    let mut command = audit_command(&web, &list, out, &["--no-confirm", "--concurrency", "1"]);
    command.arg("--settings").arg(&settings);
    let robot = command.spawn().unwrap();
    support::wait_until("a second run is there", || {
        std::fs::read_dir(out.join("runs")).unwrap().count() == 2
    })
    .await;
    let out_flag = out.display().to_string();
    let beside = emc_audit(&settings, &["prune", "--out", &out_flag], out);
    assert_eq!(beside.status.code(), Some(0), "{}", text(&beside.stderr));
    assert_eq!(bags(&first), SITES, "no later run has ended");
    let ended = tokio::task::spawn_blocking(move || robot.wait_with_output().unwrap())
        .await
        .unwrap();
    assert_eq!(ended.status.code(), Some(3), "{}", text(&ended.stderr));
    web.shutdown().await;
    assert_eq!(bags(&first), 0, "{}", text(&ended.stderr));
    assert_eq!(verified(&settings, &first).0, Some(0));
    let second = out.join("latest").canonicalize().unwrap();
    assert_eq!((bags(&second), verified(&settings, &second).0), (SITES, Some(0)));
}

/// A disk of its own, of so many MiB; nothing, with a word, where this user may not have one.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new(mib: u32) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(place.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|mounted| mounted.success()) {
            return Some(Self(place));
        }
        #[allow(clippy::print_stderr)] // for who reads the tests' words
        {
            eprintln!("left out: only root may mount a small disk to fill");
        }
        None
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.path().join("filler")).unwrap();
        let piece = vec![0_u8; 1 << 20];
        for piece in [&piece[..], &piece[..4096], &piece[..1]] {
            while std::io::Write::write_all(&mut filler, piece).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a test that failed may still have something open.
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_ends_a_run_and_loses_nothing_that_was_finished() {
    let Some(disk) = Disk::new(260) else { return };
    let web = serve().await;
    let out = disk.0.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let list = out.join("list.csv");
    std::fs::write(&list, LIST).unwrap();
    let robot = audit_command(&web, &list, &out, &["--no-confirm", "--concurrency", "1"])
        .spawn()
        .unwrap();
    let only_run = || {
        let runs = std::fs::read_dir(out.join("runs"))
            .into_iter()
            .flatten()
            .flatten();
        runs.map(|run| run.path()).find(|run| run.join("sites").is_dir())
    };
    support::wait_until("a visit is kept", || only_run().is_some_and(|run| bags(&run) > 0)).await;
    disk.fill();
    let ended = tokio::task::spawn_blocking(move || robot.wait_with_output().unwrap())
        .await
        .unwrap();
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let run = only_run().unwrap();
    let name = run.file_name().unwrap().to_str().unwrap().to_owned();
    assert!(
        said.contains("đĩa đầy") && said.contains("--resume") && said.contains(&name),
        "{said}"
    );
    let kept = bags(&run);
    assert!(kept > 0 && kept < SITES, "{kept}");
    for entry in std::fs::read_dir(run.join("sites")).unwrap().flatten() {
        if entry.path().join("visit-1").is_dir() {
            assert_eq!(
                verified(Path::new("/dev/null"), &entry.path().join("visit-1")).0,
                Some(0)
            );
        }
    }
    disk.make_room();
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.args(["run", "--resume", &name, "--out"]).arg(&out);
    command.args(web.connect_to_arguments()).stdin(Stdio::null());
    let resumed = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    web.shutdown().await;
    assert_eq!(resumed.status.code(), Some(3), "{}", text(&resumed.stderr));
    assert_eq!(bags(&run), SITES);
    assert_eq!(verified(Path::new("/dev/null"), &run).0, Some(0));
    a_full_disk_keeps_prune_from_beginning(&disk, &out, &run);
}

/// With no room for a tombstone nothing goes, and the run stays sound.
fn a_full_disk_keeps_prune_from_beginning(disk: &Disk, out: &Path, run: &Path) {
    // Another run of the same sites, so that this one is not the newest.
    let (folder, _) = RunFolder::open(run).unwrap();
    aged(run, 500);
    let later = RunFolder::create(out, Timestamp::now()).unwrap();
    let (_, mut record): (RunFolder, RunRecord) = RunFolder::open(run).unwrap();
    later.write_list(&folder.read_list().unwrap()).unwrap();
    for site in folder.read_list().unwrap().sites {
        later.take_over(&folder, &site.site).unwrap();
    }
    for name in ["results.jsonl", "rules.toml"] {
        std::fs::copy(run.join(name), later.path().join(name)).unwrap();
    }
    later.name().clone_into(&mut record.run);
    record.started = Timestamp::now().to_string();
    record.ended = Some(record.started.clone());
    later.write_record(&record).unwrap();
    later.seal(None).unwrap();
    // The run that `latest` points at stays.
    later.make_latest(out).unwrap();
    disk.fill();
    let out_flag = out.display().to_string();
    let prune = || emc_audit(Path::new("/dev/null"), &["prune", "--out", &out_flag], out);
    let refused = prune();
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    assert_eq!(bags(run), SITES);
    let (code, report) = verified(Path::new("/dev/null"), run);
    assert_eq!(code, Some(0), "{report}");
    disk.make_room();
    let done = prune();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_eq!(bags(run), 0);
    assert_eq!(verified(Path::new("/dev/null"), run).0, Some(0));
}

#[test]
fn less_than_a_year_needs_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("emc-audit.toml");
    std::fs::create_dir_all(folder.path().join("out/runs")).unwrap();
    let prune = |text: &str| {
        std::fs::write(&settings, text).unwrap();
        emc_audit(&settings, &["prune"], folder.path())
    };
    let refused = prune("[retention]\nlog_days = 100\n");
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(
        said.contains("retention.log_days is 100") && said.contains("below_a_year"),
        "{said}"
    );
    let reason = prune("[retention]\nlog_days = 100\nbelow_a_year = \"a test machine\"\n");
    assert_eq!(reason.status.code(), Some(0), "{}", text(&reason.stderr));
}
