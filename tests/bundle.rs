//! Stored evidence, made by the real binary: accepted by tools that nobody here wrote, and refused by
//! `verify` as soon as anything in it is touched.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{Run, audit, serve};

/// Sites with a redirect and a cookie, a blocked script, a script that is missing, and nothing special.
const SITES: &str = "\
url,name,role
stp.tinhmau.gov.vn,A,portal
cookie-redirect.hostile.thu.gov.vn,B,portal
csp-header.emc-script.thu.gov.vn,C,portal
http-404.emc-script.thu.gov.vn,D,portal
reset.hostile.thu.gov.vn,E,portal
";
const BAG: &str = "sites/stp.tinhmau.gov.vn/visit-1";

#[tokio::test(flavor = "multi_thread")]
async fn bags_are_accepted_by_others_and_touched_ones_are_refused() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(&list, SITES).unwrap();
    let run = audit(&web, &list, &["--no-confirm"]).await;
    web.shutdown().await;
    assert_eq!(run.results.len(), 5, "{}", run.stderr());
    let bags = bags_of(&run.folder());
    assert!(bags.len() >= 5, "a site that is not reached is tried again");

    sums_are_right(&bags);
    other_tools_accept(&bags);
    requests_of_every_kind_are_logged(&run);
    secrets_are_in_no_file(&bags);
    evidence_is_named_where_it_is(&run);
    verify_names_what_was_touched(&run);
    bags_are_small(&bags);
}

fn bags_of(run: &Path) -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).unwrap().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let sites = folders(&run.join("sites"));
    sites.iter().flat_map(|site| folders(site)).collect()
}

fn sums_are_right(bags: &[PathBuf]) {
    for bag in bags {
        for list in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
            let checked = Command::new("sha256sum")
                .args(["--check", "--strict", list])
                .current_dir(bag)
                .output();
            let checked = checked.unwrap();
            assert!(checked.status.success(), "{}: {checked:?}", bag.display());
        }
    }
}

/// The `BagIt` library and the HAR parser of `scripts/lib/setup.sh`.
fn other_tools_accept(bags: &[PathBuf]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/evidence-tools/bin/python");
    assert!(
        root.join("target/evidence-tools/installed").is_file(),
        "the tools that evidence is held against are not installed. hint: scripts/test installs them, or: \
         python3 -m venv target/evidence-tools && target/evidence-tools/bin/pip install bagit==1.9.0 \
         haralyzer==2.4.0 && touch target/evidence-tools/installed"
    );
    let script = root.join("tests/support/evidence.py");
    let said = Command::new(python).arg(script).args(bags).output().unwrap();
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{words}");
    let lines = String::from_utf8(said.stdout).unwrap();
    assert_eq!(lines.lines().count(), bags.len());
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn log_of(run: &Run, site: &str) -> Vec<Value> {
    let har = json(
        &run.folder()
            .join(format!("sites/{site}/visit-1/data/network.har")),
    );
    har["log"]["entries"].as_array().unwrap().clone()
}

fn requests_of_every_kind_are_logged(run: &Run) {
    let has = |site: &str, what: &dyn Fn(&Value) -> bool| log_of(run, site).iter().any(what);
    assert!(has("cookie-redirect.hostile.thu.gov.vn", &|entry| {
        entry["response"]["status"] == 302 && entry["response"]["redirectURL"] != ""
    }));
    assert!(has("csp-header.emc-script.thu.gov.vn", &|entry| {
        entry["_blockedReason"] == "csp" && entry["response"]["status"] == 0
    }));
    assert!(has("http-404.emc-script.thu.gov.vn", &|entry| {
        entry["response"]["status"] == 404 && entry["_resourceType"] == "script"
    }));
    assert!(has("reset.hostile.thu.gov.vn", &|entry| {
        entry["response"]["_error"]
            .as_str()
            .is_some_and(|error| error.starts_with("net::ERR_"))
    }));
    let good = log_of(run, "stp.tinhmau.gov.vn");
    let document = good.iter().find(|entry| entry["_mainDocument"] == true).unwrap();
    assert_eq!(document["request"]["url"], "https://stp.tinhmau.gov.vn/");
    assert!(
        document["serverIPAddress"].is_string()
            && document["_securityDetails"]["protocol"].is_string()
            && document["timings"]["wait"].as_f64() > Some(0.0)
            && !document["request"]["headers"].as_array().unwrap().is_empty()
            && document["response"]["content"]["size"].as_u64() > Some(0),
        "{document}"
    );
}

/// The cookie went over the wire, and its value is nowhere.
fn secrets_are_in_no_file(bags: &[PathBuf]) {
    let mut redacted = 0;
    for bag in bags {
        for name in ["network.har", "observation.json"] {
            let text = std::fs::read_to_string(bag.join("data").join(name)).unwrap();
            assert!(!text.contains("fixture_visitor"), "{}", bag.display());
            redacted += text.matches("[redacted]").count();
        }
    }
    assert!(redacted > 0, "the cookies themselves are noted");
}

/// Names of evidence lead to files, and requests to the network log.
fn evidence_is_named_where_it_is(run: &Run) {
    let mut logs = 0;
    for (site, line) in &run.results {
        let folder = run.folder().join("sites").join(site.replace(['/', ':'], "~"));
        for finding in line["findings"].as_array().unwrap() {
            for path in finding["evidence"].as_array().unwrap() {
                let path = path.as_str().unwrap();
                assert!(folder.join(path).is_file(), "{path} of {}", finding["check"]);
                logs += usize::from(path.ends_with("network.har"));
            }
        }
    }
    assert!(logs >= 4, "checks of requests name the network log");
}

/// What `emc-audit verify` says of a path: exit code, and its findings as JSON.
fn verify(path: &Path) -> (Option<i32>, Value) {
    let said = Command::new(env!("CARGO_BIN_EXE_emc-audit"))
        .args(["verify", "--json"])
        .arg(path)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&said.stdout).unwrap_or(Value::Null);
    (said.status.code(), report)
}

/// Touches a copy of the run, and expects exactly these problems: kind and path below the bag.
fn refused(run: &Run, touch: impl FnOnce(&Path), problems: &[(&str, &str)]) {
    let copy = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(run.folder())
        .arg(copy.path().join("run"))
        .status();
    assert!(copied.unwrap().success());
    let root = copy.path().join("run");
    touch(&root.join(BAG).join("data"));
    for (below, path) in [(format!("{BAG}/"), root.clone()), (String::new(), root.join(BAG))] {
        let (code, report) = verify(&path);
        assert_eq!(code, Some(3), "{report}");
        let found = report["problems"].as_array().unwrap().iter();
        let found: Vec<(&str, &str)> = found
            .map(|problem| {
                (
                    problem["kind"].as_str().unwrap(),
                    problem["path"].as_str().unwrap(),
                )
            })
            .collect();
        let wanted: Vec<(&str, String)> = problems
            .iter()
            .map(|(kind, path)| (*kind, format!("{below}data/{path}")))
            .collect();
        let wanted: Vec<(&str, &str)> = wanted.iter().map(|(kind, path)| (*kind, path.as_str())).collect();
        assert_eq!(found, wanted);
    }
    // And in words, for a person.
    let said = Command::new(env!("CARGO_BIN_EXE_emc-audit"))
        .arg("verify")
        .arg(&root)
        .output();
    let words = String::from_utf8(said.unwrap().stdout).unwrap();
    assert!(
        words.contains(problems[0].1) && words.contains("KHÔNG nguyên vẹn"),
        "{words}"
    );
}

fn verify_names_what_was_touched(run: &Run) {
    for path in [
        run.folder(),
        run.folder().join("sites/stp.tinhmau.gov.vn"),
        run.folder().join(BAG),
        run.out.path().join("latest"),
    ] {
        let (code, report) = verify(&path);
        assert_eq!(code, Some(0), "{report}");
    }
    let change = |data: &Path| {
        let mut bytes = std::fs::read(data.join("page.html")).unwrap();
        bytes[10] ^= 1;
        std::fs::write(data.join("page.html"), bytes).unwrap();
    };
    refused(run, change, &[("changed", "page.html")]);
    let add = |data: &Path| std::fs::write(data.join("extra.txt"), "x").unwrap();
    refused(run, add, &[("added", "extra.txt")]);
    let rename = |data: &Path| std::fs::rename(data.join("badge.png"), data.join("a.png")).unwrap();
    refused(run, rename, &[("added", "a.png"), ("missing", "badge.png")]);
    let remove = |data: &Path| std::fs::remove_file(data.join("tls.json")).unwrap();
    refused(run, remove, &[("missing", "tls.json")]);

    assert_eq!(verify(Path::new("/nowhere")).0, Some(2));
    assert_eq!(verify(Path::new(env!("CARGO_MANIFEST_DIR"))).0, Some(2));
}

fn bags_are_small(bags: &[PathBuf]) {
    let size = |bag: &PathBuf| -> u64 {
        let files = std::fs::read_dir(bag.join("data")).unwrap().flatten();
        files.map(|file| file.metadata().unwrap().len()).sum()
    };
    let mut sizes: Vec<u64> = bags.iter().map(size).collect();
    sizes.sort_unstable();
    assert!(sizes[sizes.len() / 2] <= 2 << 20, "{sizes:?}");
}
