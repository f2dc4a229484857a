//! What a run leaves behind can be judged again, gone on with and rechecked, by the real binary.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fixture_web::{FixtureWeb, Options};
use serde_json::Value;
use support::{audit, fixtures, serve};

/// Good, without code, with an id that is none, hidden, and not to be measured.
const LIST: &str = "url,name,role,portal\n\
    tinhmau.gov.vn,Cổng,portal,\n\
    sxd.tinhmau.gov.vn,Sở Xây dựng,component,tinhmau.gov.vn\n\
    xaphuocan.tinhmau.gov.vn,Xã Phước An,component,tinhmau.gov.vn\n\
    congan.tinhmau.gov.vn,Công an tỉnh,component,tinhmau.gov.vn\n\
    xatayho.tinhmau.gov.vn,Xã Tây Hồ,component,tinhmau.gov.vn\n";

fn list_in(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("list.csv");
    std::fs::write(&path, text).unwrap();
    path
}

async fn emc_audit(arguments: &[&str], out: &Path, web: Option<&FixtureWeb>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.args(arguments).arg("--out").arg(out).stdin(Stdio::null());
    if let Some(web) = web {
        command.args(web.connect_to_arguments());
    }
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn record(run: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_judged_again_without_browser_and_network() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let run = audit(&web, &list_in(folder.path(), LIST), &["--no-confirm"]).await;
    web.shutdown().await;
    let (path, out) = (run.folder(), run.out.path());
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let before = std::fs::read(path.join("results.jsonl")).unwrap();

    let again = emc_audit(&["judge", &name, "--json"], out, None).await;
    assert_eq!(again.status.code(), Some(3), "{}", text(&again.stderr));
    assert_eq!(text(&again.stdout), text(&before), "the same rules say the same");
    assert_eq!(std::fs::read(path.join("results.jsonl")).unwrap(), before);

    let other = emc_audit(&["judge", &name, "--profile", "ministry-2024"], out, None).await;
    assert_eq!(other.status.code(), Some(3), "{}", text(&other.stderr));
    assert_eq!(
        std::fs::read(path.join("results.jsonl")).unwrap(),
        before,
        "the old ones stay"
    );
    let beside: Vec<_> = std::fs::read_dir(path.join("judged"))
        .unwrap()
        .flatten()
        .collect();
    let results = std::fs::read_to_string(beside[0].path().join("results.jsonl")).unwrap();
    let line: Value = serde_json::from_str(results.lines().next().unwrap()).unwrap();
    assert_eq!(line["profile"], "ministry-2024");

    report_is_safe_and_whole(&path);
    let sums = std::fs::read_to_string(path.join("manifest-sha256.txt")).unwrap();
    assert!(
        sums.contains("  report.xlsx\n"),
        "the list of the run has its tables"
    );
    assert!(links_of_the_workbook(&path) > 20);
    assert!(links_of_the_workbook(&beside[0].path()) > 20);
    package_is_whole(out).await;
    let none = emc_audit(&["judge", "20000101T000000Z"], out, None).await;
    assert_eq!(none.status.code(), Some(2), "there is no such run");
    what_was_changed_is_not_judged(&path, &name, out).await;
}

/// Neither other rules under the same version nor touched evidence may pass for what was there.
async fn what_was_changed_is_not_judged(run: &Path, name: &str, out: &Path) {
    let before = std::fs::read(run.join("results.jsonl")).unwrap();
    let rules = std::fs::read_to_string(run.join("rules.toml")).unwrap();
    let file = out.join("rules.toml");
    std::fs::write(&file, format!("{rules}\n# another file\n")).unwrap();
    let other = emc_audit(&["judge", name, "--rules", file.to_str().unwrap()], out, None).await;
    assert_eq!(other.status.code(), Some(2), "the version is taken");

    let page = run.join("sites/congan.tinhmau.gov.vn/visit-1/data/page.html");
    let mut touched = std::fs::read(&page).unwrap();
    touched.push(b' ');
    std::fs::write(&page, touched).unwrap();
    for arguments in [&["judge", name][..], &["pack", "congan.tinhmau.gov.vn"]] {
        let refused = emc_audit(arguments, out, None).await;
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("page.html"), "{said}");
    }
    assert_eq!(std::fs::read(run.join("results.jsonl")).unwrap(), before);
}

/// The agency's ZIP has the bags as they are, a page that explains them, and sums that fit.
async fn package_is_whole(out: &Path) {
    let zip = out.join("congan.zip");
    let to = zip.to_str().unwrap();
    let packed = emc_audit(&["pack", "congan.tinhmau.gov.vn", "--to", to], out, None).await;
    assert_eq!(packed.status.code(), Some(0), "{}", text(&packed.stderr));
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&zip).unwrap()).unwrap();
    archive.extract(out.join("unpacked")).unwrap();
    let folder = out.join("unpacked/congan.tinhmau.gov.vn");
    let sums = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "checksums-sha256.txt"])
        .current_dir(&folder)
        .status();
    assert!(sums.unwrap().success());
    let bag = folder.join("visit-1");
    let verified = Command::new(env!("CARGO_BIN_EXE_emc-audit"))
        .arg("verify")
        .arg(&bag)
        .output();
    assert_eq!(verified.unwrap().status.code(), Some(0), "the bag is sound");
    assert!(
        links_of_the_workbook(&folder) > 2,
        "the tables of this site alone"
    );
    let page = std::fs::read_to_string(folder.join("huong-dan.html")).unwrap();
    assert!(page.contains("DevTools") && page.contains("visit-1/data/network.har"));
    let stranger = emc_audit(&["pack", "khac.gov.vn"], out, None).await;
    assert_eq!(stranger.status.code(), Some(2));
}

/// Every link of the tables leads to a file beside them, wherever the folder is taken; the value is how many.
fn links_of_the_workbook(folder: &Path) -> usize {
    let file = std::fs::File::open(folder.join("report.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    let mut links = 0;
    for name in names
        .iter()
        .filter(|name| name.starts_with("xl/worksheets/_rels/"))
    {
        let part = std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
        for target in part.split("Target=\"").skip(1) {
            let target = target.split('"').next().unwrap();
            assert!(folder.join(target).exists(), "{target} in {}", folder.display());
            links += 1;
        }
    }
    links
}

/// Every page forbids what is not its own, and every address in it leads to a file that is there.
fn report_is_safe_and_whole(run: &Path) {
    let pages = std::fs::read_dir(run.join("report/sites")).unwrap().flatten();
    let mut pages: Vec<PathBuf> = pages.map(|entry| entry.path()).collect();
    assert_eq!(pages.len(), 5);
    let portals = std::fs::read_dir(run.join("report/portals")).unwrap().flatten();
    pages.extend(portals.map(|entry| entry.path()));
    pages.push(run.join("report/index.html"));
    for page in pages {
        let html = std::fs::read_to_string(&page).unwrap();
        assert!(html.contains("default-src &#39;none&#39;") || html.contains("default-src 'none'"));
        let scripts = html.matches("<script").count();
        let own = html.matches("<script>'use strict';").count()
            + html.matches("<script type=\"application/json\"").count();
        assert_eq!(scripts, own, "{}", page.display());
        let links = html.split(['"', '\'']).zip(html.split(['"', '\'']).skip(1));
        for (before, link) in links {
            if !(before.ends_with("href=") || before.ends_with("src=")) {
                continue;
            }
            // The icon is in the page itself.
            if link.starts_with("data:image/png;base64,") {
                continue;
            }
            assert!(!link.contains(':'), "{link} leads outside");
            // A filter of the page's own table.
            let link = link.split('#').next().unwrap();
            assert!(
                page.parent().unwrap().join(link).exists(),
                "{link} in {}",
                page.display()
            );
        }
    }
}

/// A copy of two sites of the province whose pages may be changed while they are served.
fn own_web(folder: &Path) -> PathBuf {
    let sites = folder.join("web");
    for site in ["tinhmau.gov.vn", "xaphuocan.tinhmau.gov.vn"] {
        std::fs::create_dir_all(&sites).unwrap();
        let copied = Command::new("cp")
            .args(["-r", site])
            .arg(&sites)
            .current_dir(fixtures().join("sites"))
            .status();
        assert!(copied.unwrap().success());
    }
    sites
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_says_what_changed_and_leaves_the_run_before_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let sites = own_web(folder.path());
    let web = FixtureWeb::start(Options::new(&sites)).await.unwrap();
    let list = list_in(
        folder.path(),
        "url,name,role,portal\ntinhmau.gov.vn,Cổng,portal,\nxaphuocan.tinhmau.gov.vn,Xã Phước An,component,tinhmau.gov.vn\n",
    );
    let run = audit(&web, &list, &["--no-confirm"]).await;
    let site = "xaphuocan.tinhmau.gov.vn";
    let code = |result: &Value, check: &str| {
        let findings = result["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["check"] == check);
        finding.unwrap()["code"].as_str().unwrap().to_owned()
    };
    let before = code(&run.results[site], "links.portal");
    assert_eq!(before, "absent");

    let page = sites.join(site).join("index.html");
    let html = std::fs::read_to_string(&page).unwrap();
    let link = "<a href=\"https://tinhmau.gov.vn/\">Cổng thông tin điện tử tỉnh Mẫu</a></body>";
    std::fs::write(&page, html.replace("</body>", link)).unwrap();
    let out = run.out.path();
    let again = emc_audit(&["recheck", site, "--lang", "en"], out, Some(&web)).await;
    let said = text(&again.stdout);
    assert!(
        said.contains("absent → linked"),
        "{said}\n{}",
        text(&again.stderr)
    );

    let latest = out.join("latest").canonicalize().unwrap();
    assert_eq!(latest, run.folder(), "a recheck never becomes the latest run");
    let newest = std::fs::read_dir(out.join("runs"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let recheck = newest.filter(|path| *path != latest).max().unwrap();
    let (is, was) = (record(&recheck), record(&latest));
    assert_eq!(is["kind"], "recheck");
    assert_eq!(is["of"], was["run"]);
    assert_eq!(is["counts"]["sites"], 1);
    // The portal was not visited again: its visit is the one of the run before.
    let seen =
        |run: &Path| std::fs::read(run.join("sites/tinhmau.gov.vn/visit-1/data/observation.json")).unwrap();
    assert_eq!(seen(&recheck), seen(&latest));

    let stranger = emc_audit(&["recheck", "khac.gov.vn"], out, Some(&web)).await;
    assert_eq!(stranger.status.code(), Some(2));
    assert!(text(&stranger.stderr).contains("khac.gov.vn"));
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_judges_what_the_run_before_judged_unless_told_otherwise() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = list_in(
        folder.path(),
        "url,name,role\nsxd.tinhmau.gov.vn,Sở Xây dựng,portal\n",
    );
    let run = audit(&web, &list, &["--no-confirm", "--only", "emc.badge"]).await;
    assert!(
        run.stdout().contains("chỉ đánh giá: Nhãn đã kết nối EMC"),
        "{}",
        run.stdout()
    );
    let index = std::fs::read_to_string(run.folder().join("report/index.html")).unwrap();
    assert!(index.contains("chỉ đánh giá: Nhãn đã kết nối EMC"));
    let table = std::fs::read_to_string(run.folder().join("results.csv")).unwrap();
    assert!(table.contains("+07:00") && !table.contains("Z,"), "{table}");

    let checks_of = |output: &Output| -> Vec<String> {
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = line["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| finding["check"].as_str().unwrap().to_owned())
            .collect()
    };
    let site = "sxd.tinhmau.gov.vn";
    let out = run.out.path();
    let same = emc_audit(&["recheck", site, "--json", "--no-confirm"], out, Some(&web)).await;
    assert_eq!(checks_of(&same), ["emc.badge"]);
    assert!(
        text(&same.stderr).starts_with("ghi chú: đợt "),
        "{}",
        text(&same.stderr)
    );
    let other = ["recheck", site, "--json", "--no-confirm", "--only", "emc.site_id"];
    let other = emc_audit(&other, out, Some(&web)).await;
    assert_eq!(checks_of(&other), ["emc.site_id"]);
    web.shutdown().await;
}

fn bags(run: &Path) -> usize {
    let sites = std::fs::read_dir(run.join("sites"))
        .into_iter()
        .flatten()
        .flatten();
    let visits = sites.flat_map(|site| std::fs::read_dir(site.path()).into_iter().flatten().flatten());
    visits
        .filter(|visit| visit.file_name().to_string_lossy().starts_with("visit-"))
        .count()
}

fn only_run(out: &Path) -> Option<PathBuf> {
    let mut runs = std::fs::read_dir(out.join("runs")).ok()?.flatten();
    runs.next().map(|entry| entry.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_again_and_again_ends_with_one_line_a_site() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = list_in(folder.path(), LIST);
    let out = tempfile::tempdir().unwrap();
    let mut killed = 0;
    for attempt in 0..40 {
        let mut command =
            support::audit_command(&web, &list, out.path(), &["--no-confirm", "--concurrency", "1"]);
        if let Some(run) = only_run(out.path()) {
            command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
            command
                .args(["run", "--resume"])
                .arg(run)
                .arg("--out")
                .arg(out.path());
            command
                .args(web.connect_to_arguments())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
        }
        let mut robot = command.spawn().unwrap();
        // Ten times at a moment that nobody planned; then it may come to its end.
        if killed < 10 {
            let moment = 150 * (1 + attempt * 7 % 10);
            tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
            if robot.try_wait().unwrap().is_none() {
                support::signal(robot.id(), "-KILL");
                killed += 1;
            }
        }
        let status = tokio::task::spawn_blocking(move || robot.wait().unwrap())
            .await
            .unwrap();
        if status.code().is_some() {
            assert_eq!(status.code(), Some(3));
            break;
        }
    }
    assert_eq!(killed, 10);
    let run = only_run(out.path()).unwrap();
    let results = std::fs::read_to_string(run.join("results.jsonl")).unwrap();
    let mut sites: Vec<String> = results
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["site"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    sites.sort();
    sites.dedup();
    assert_eq!(sites.len(), 5, "one line a site: {results}");
    assert_eq!(results.lines().count(), 5);
    assert_eq!(
        hidden_below(&run),
        Vec::<PathBuf>::new(),
        "nothing half written is left"
    );
    assert!(bags(&run) >= 5);
    assert_eq!(record(&run)["state"], "finished");
    assert_eq!(
        out.path().join("latest").canonicalize().unwrap(),
        run.canonicalize().unwrap()
    );
    web.shutdown().await;
}

fn hidden_below(folder: &Path) -> Vec<PathBuf> {
    let mut hidden = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with('.') {
            hidden.push(entry.path());
        } else if entry.path().is_dir() {
            hidden.extend(hidden_below(&entry.path()));
        }
    }
    hidden
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_keeps_what_is_done_and_is_gone_on_with() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = list_in(folder.path(), LIST);
    let out = tempfile::tempdir().unwrap();
    let mut command =
        support::audit_command(&web, &list, out.path(), &["--no-confirm", "--concurrency", "1"]);
    let robot = command.spawn().unwrap();
    let id = robot.id();
    support::wait_until("a visit is kept", || {
        only_run(out.path()).is_some_and(|run| bags(&run) > 0)
    })
    .await;
    support::signal(id, "-INT");
    let ended = tokio::task::spawn_blocking(move || robot.wait_with_output().unwrap())
        .await
        .unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", text(&ended.stderr));
    let run = only_run(out.path()).unwrap();
    let lines = || std::fs::read_to_string(run.join("results.jsonl")).unwrap();
    assert_eq!(lines().lines().count(), 5, "each listed site has its line");
    assert!(
        lines().contains("\"outcome\":\"not_visited\""),
        "some were not visited yet"
    );
    assert!(!out.path().join("latest").exists());

    let name = run.file_name().unwrap().to_str().unwrap();
    let resumed = emc_audit(&["run", "--resume", name], out.path(), Some(&web)).await;
    assert_eq!(resumed.status.code(), Some(3), "{}", text(&resumed.stderr));
    assert!(!lines().contains("\"outcome\":\"not_visited\""));
    assert!(out.path().join("latest").exists());
    let once_more = emc_audit(&["run", "--resume", name], out.path(), Some(&web)).await;
    assert_eq!(once_more.status.code(), Some(2), "it is finished");
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_write_its_evidence_ends_and_is_gone_on_with() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = list_in(folder.path(), LIST);
    let out = tempfile::tempdir().unwrap();
    let mut command =
        support::audit_command(&web, &list, out.path(), &["--no-confirm", "--concurrency", "1"]);
    let robot = command.spawn().unwrap();
    support::wait_until("a visit is kept", || {
        only_run(out.path()).is_some_and(|run| bags(&run) > 0)
    })
    .await;
    let name = only_run(out.path())
        .unwrap()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let second = emc_audit(&["run", "--resume", &name], out.path(), Some(&web)).await;
    assert_eq!(second.status.code(), Some(2), "one program at a time");
    let said = text(&second.stderr);
    assert!(said.contains("đang được kiểm tra trong một đợt khác"), "{said}");
    // A file where a folder is needed: like a full disk, nothing can be written there.
    let run = only_run(out.path()).unwrap();
    let obstacle = run.join("sites").join("xatayho.tinhmau.gov.vn");
    std::fs::write(&obstacle, "").unwrap();
    let ended = tokio::task::spawn_blocking(move || robot.wait_with_output().unwrap())
        .await
        .unwrap();
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let name = run.file_name().unwrap().to_str().unwrap();
    assert!(said.contains("--resume ") && said.contains(name), "{said}");
    assert!(!out.path().join("latest").exists());

    std::fs::remove_file(&obstacle).unwrap();
    let kept = bags(&run);
    assert!(kept > 0, "what was finished is there");
    let resumed = emc_audit(&["run", "--resume", name], out.path(), Some(&web)).await;
    assert_eq!(resumed.status.code(), Some(3), "{}", text(&resumed.stderr));
    let results = std::fs::read_to_string(run.join("results.jsonl")).unwrap();
    assert_eq!(results.lines().count(), 5);
    assert!(bags(&run) > kept);
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_is_checked_without_a_list() {
    let web = serve().await;
    let out = tempfile::tempdir().unwrap();
    let portal = ["--portal", "https://tinhmau.gov.vn"];
    let arguments = [
        "check",
        "https://sxd.tinhmau.gov.vn/",
        portal[0],
        portal[1],
        "--emc-site-id",
        "1",
    ];
    let checked = emc_audit(&arguments, out.path(), Some(&web)).await;
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(3), "{said}{}", text(&checked.stderr));
    assert!(
        said.contains("mismatch"),
        "the id is not the registered one: {said}"
    );
    assert!(said.contains("linked"), "{said}");
    assert!(
        !said.contains("danh sách"),
        "there is no list to speak of: {said}"
    );
    assert!(
        said.starts_with("sxd.tinhmau.gov.vn: "),
        "an address without a name is not named twice: {said}"
    );
    assert!(
        !out.path().join("latest").exists(),
        "a check never becomes the latest run"
    );
    let bad = emc_audit(&["check", "not an address"], out.path(), Some(&web)).await;
    assert_eq!(bad.status.code(), Some(2));
    web.shutdown().await;
}
