//! The review server as the real binary on a run of fixture sites: what it refuses, how a person works with its
//! page in a real Chromium, and that everybody can use it. One audit serves all of it, because that takes longest.
#![allow(clippy::unwrap_used)]

#[path = "../support/axe.rs"]
mod axe;
#[path = "../support/chromium.rs"]
mod chromium;
#[path = "../support/review_server.rs"]
mod review_server;
#[path = "../support/mod.rs"]
mod support;

mod access;
mod lists;
mod live;
mod page;
mod person;
mod strangers;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use axe::Access;
use chromium::Chromium;
use fixture_web::{FixtureWeb, Options};
use review_server::{Review, SECRET};
use serde_json::json;
use support::{Robot, fixtures};

/// In the place of every text that people write: names, agencies, vendors, notes, reviewers.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>'\"&lt;";
const PORTAL: &str = "sxd.tinhmau.gov.vn";
/// All its texts in the list are hostile.
const HOSTILE_SITE: &str = "sct.tinhmau.gov.vn";
/// Has a label and no code, until it is mended.
const MENDED: &str = "xalongson.tinhmau.gov.vn";
const COMPONENTS: [&str; 11] = [
    "xadonghai",
    "xadongxuan",
    "xalongson",
    "xanamthanh",
    "xathanhcong",
    "xatanlap",
    "xavinhhung",
    "xakhanhhoa",
    "xamyloc",
    "xabacha",
    "xatrungson",
];
/// What is not there is waited for this long: the pages here bring everything at once.
const SOFT_LIMIT: (&str, &str) = ("EMC_AUDIT_VISIT__SOFT_LIMIT_S", "3");

/// Sites that are visited: the portal, the hostile one, and the components.
const ACTIVE: usize = COMPONENTS.len() + 2;

fn list() -> String {
    let quoted = format!("\"{}\"", HOSTILE.replace('"', "\"\""));
    let first = format!(
        "url,name,role,portal,agency,vendor,group,state,note\n{PORTAL},{quoted},portal,,,,,,\n\
         {HOSTILE_SITE},{quoted},component,{PORTAL},{quoted},{quoted},{quoted},,\n\
         xatayho.tinhmau.gov.vn,Xã Tây Hồ,component,{PORTAL},,,,closed,{quoted}\n"
    );
    let others = COMPONENTS.map(|site| format!("{site}.tinhmau.gov.vn,{site},component,{PORTAL},,,,,\n"));
    first + &others.concat()
}

fn emc_audit(arguments: &[&str], out: &Path, stdin: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.args(arguments).arg("--out").arg(out);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    // 3 and 4 are results.
    assert_ne!(child.wait().unwrap().code(), Some(1), "{arguments:?}");
}

/// Settings by which audits that the page starts find the fixture web.
fn settings(web: &FixtureWeb, folder: &Path) -> PathBuf {
    let path = folder.join("emc-audit.toml");
    let connect_to = json!(web.connect_to());
    std::fs::write(
        &path,
        format!("[network]\nconnect_to = {connect_to}\n[run]\nconfirm = false\n"),
    )
    .unwrap();
    path
}

/// The fixture sites in a folder of their own, so that one of them can be mended.
fn sites_in(folder: &Path) -> PathBuf {
    let web = folder.join("web");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(fixtures().join("sites"))
        .arg(&web)
        .status();
    assert!(copied.unwrap().success());
    web
}

/// EMC's figures as a ranking; its page.
fn ranking(folder: &Path, out: &Path) -> PathBuf {
    let visits = folder.join("visits.csv");
    let rows =
        format!("Website;10/2026;11/2026\n{PORTAL};1.000;1.500\n{HOSTILE_SITE};50;90\n{MENDED};70;60\n");
    std::fs::write(&visits, rows).unwrap();
    let place = folder.join("ranking");
    let arguments = [
        "rank",
        "--visits",
        visits.to_str().unwrap(),
        "--to",
        place.to_str().unwrap(),
    ];
    emc_audit(&arguments, out, "");
    place.join("ranking.html")
}

#[tokio::test(flavor = "multi_thread")]
async fn people_decide_and_strangers_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let sites = sites_in(folder.path());
    let web = FixtureWeb::start(Options::new(&sites)).await.unwrap();
    let path = folder.path().join("list.csv");
    std::fs::write(&path, list()).unwrap();
    let robot = Robot::start(&web, &path, &["--no-confirm"], |command| {
        command.env(SOFT_LIMIT.0, SOFT_LIMIT.1);
    });
    let run = robot.end().await;
    assert_eq!(run.results.len(), ACTIVE + 1, "{}", run.stderr());
    let out = run.out.path().to_path_buf();
    for (name, role) in [("view", "view"), ("review", "review"), (HOSTILE, "run")] {
        emc_audit(
            &["user", "add", name, "--role", role],
            &out,
            &format!("{SECRET}\n"),
        );
    }
    let settings = settings(&web, folder.path());
    let place = run.folder();
    let name = place.file_name().unwrap().to_str().unwrap().to_owned();
    let ranking = ranking(folder.path(), &out);

    let person = tokio::task::spawn_blocking(move || {
        let mut browser = Chromium::start();
        let mut access = Access::new();
        access::the_report_on_the_disk(&mut browser, &mut access, &place, &ranking);
        let review = Review::start(&out, &settings, &[SOFT_LIMIT]);
        strangers::are_refused(&review, &out, &name);
        strangers::have_no_role_and_no_token(&review, &name);
        // Another program has the run: its files have to wait, its pages have not.
        let lock = std::fs::File::create(out.join(format!(".{name}.lock"))).unwrap();
        lock.lock().unwrap();
        person::logs_in(&mut browser, &mut access, &review);
        let decided = person::decides_ten_sites_by_keys(&mut browser, &mut access);
        live::the_report_follows_at_once_and_its_files_when_they_can(&review, lock, &place, &decided);
        strangers::of_another_origin_decide_nothing(&mut browser, &review);
        person::goes_on_after_the_session_ended(&mut browser, &review);
        person::accepts_a_shared_id(&mut browser, &mut access);
        lists::are_mended_run_and_stopped(&mut browser, &mut access, &review);
        live::a_recheck_is_watched_and_told_beside_the_run(
            &mut browser,
            &mut access,
            &review,
            &sites,
            &place,
        );
        person::looks_at_a_telephone(&mut browser);
        strangers::are_throttled(&mut browser, &review);
        assert!(browser.complaints.is_empty(), "{:?}", browser.complaints);
        access.end();
        drop(browser);
        live::listeners_are_few_and_end_with_the_server(review);
        judging_again_changes_nothing(&out, &name);
    });
    person.await.unwrap();
    web.shutdown().await;
}

/// The server has put all decisions into the files of the run: to judge it again says the same.
fn judging_again_changes_nothing(out: &Path, run: &str) {
    let folder = out.join("runs").join(run);
    let before = files(&folder);
    let results = std::fs::read_to_string(folder.join("results.jsonl")).unwrap();
    for wanted in ["\"decision\":\"disputed\"", "\"decision\":\"confirm\"", "onerror"] {
        assert!(results.contains(wanted), "{wanted}");
    }
    emc_audit(&["judge", run], out, "");
    let after = files(&folder);
    let changed: Vec<&String> = before
        .keys()
        .filter(|name| before.get(*name) != after.get(*name))
        .collect();
    assert!(changed.is_empty() && before.len() == after.len(), "{changed:?}");
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.display().to_string(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
