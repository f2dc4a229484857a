//! The real binary against pages that misbehave: each gets the outcome and the codes that its folder
//! names, the ordinary sites of the same run get theirs, and nothing stays behind.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use fixture_web::{Expect, FixtureWeb, OneOf, Options, Site, list};
use serde_json::Value;
use tokio::process::{Child, Command};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
/// The run ends by itself long before; a run that does not has failed.
const RUN_LIMIT: Duration = Duration::from_mins(10);

/// Cases that wait out long limits or keep a core busy: each kind has a quicker one beside it, and all of
/// them are run where [`every_hostile_page`] is asked for.
const SLOW: &[&str] = &[
    "busy-after-load",
    "busy-again",
    "busy-frames",
    "busy-microtasks",
    "busy-observer",
    "console-flood",
    "deep-nesting",
    "endless-headers",
    "frames-of-strangers",
    "hang",
    "hanging-script-head",
    "huge-comment",
    "huge-html",
    "many-elements",
    "many-frames",
    "many-links",
    "many-requests",
    "memory-late",
    "memory-nodes",
    "memory-strings",
    "nested-frames",
    "no-code-busy-late",
    "polling",
    "sync-request",
];

/// A folder of its own for one run, temporary files included.
struct Stand {
    web: FixtureWeb,
    folder: tempfile::TempDir,
    sites: Vec<Site>,
}

impl Stand {
    /// Serves all fixtures and lists those for which `wanted` holds.
    async fn new(wanted: impl Fn(&Site) -> bool) -> Self {
        let web = FixtureWeb::start(Options::new(FIXTURES)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        let sites: Vec<Site> = Site::read_all(Path::new(FIXTURES))
            .unwrap()
            .into_iter()
            .filter(|site| site.list.is_some() && wanted(site))
            .collect();
        assert!(!sites.is_empty());
        std::fs::write(folder.path().join("list.csv"), list::csv(&sites)).unwrap();
        Self { web, folder, sites }
    }

    fn start(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_emc-audit"))
            .args(["run", "--json", "--sites"])
            .arg(self.folder.path().join("list.csv"))
            .arg("--out")
            .arg(self.folder.path().join("out"))
            .args(self.web.connect_to_arguments())
            .args(arguments)
            // Shorter than the defaults, with room for the slow pages among the cases.
            .env("EMC_AUDIT_VISIT__NAVIGATION_S", "12")
            .env("EMC_AUDIT_VISIT__SOFT_LIMIT_S", "8")
            .env("TMPDIR", self.folder.path().join("tmp"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    async fn end(self, child: Child) -> Ended {
        let output = tokio::time::timeout(RUN_LIMIT, child.wait_with_output())
            .await
            .expect("the run does not end")
            .unwrap();
        let ended = Ended {
            left: self.left_behind(),
            sites: self.sites,
            output,
        };
        self.web.shutdown().await;
        ended
    }

    /// Profile folders, and processes that still name one.
    fn left_behind(&self) -> Vec<String> {
        let tmp = self.folder.path().join("tmp");
        let folders = std::fs::read_dir(&tmp)
            .unwrap()
            .map(|entry| entry.unwrap().path().display().to_string());
        let mark = tmp.display().to_string();
        folders
            .chain(
                processes_with(&mark)
                    .into_iter()
                    .map(|id| format!("process {id}")),
            )
            .collect()
    }
}

/// Processes whose command line holds `mark`.
fn processes_with(mark: &str) -> Vec<u32> {
    let ids = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        std::fs::read(format!("/proc/{id}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(mark))
    })
    .collect()
}

/// A run that has ended.
struct Ended {
    output: Output,
    sites: Vec<Site>,
    left: Vec<String>,
}

impl Ended {
    fn results(&self) -> HashMap<String, Value> {
        let text = String::from_utf8_lossy(&self.output.stdout);
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .map(|result| (result["site"].as_str().unwrap().to_owned(), result))
            .collect()
    }

    /// Everything that came out otherwise than the folders say, in words.
    fn wrong(&self) -> Vec<String> {
        let results = self.results();
        let mut wrong = Vec::new();
        for site in &self.sites {
            let id = site.id();
            match (results.get(&id), &site.expect) {
                (None, _) => wrong.push(format!("{id}: no result")),
                (Some(result), Some(expect)) => wrong.extend(differences(&id, result, expect)),
                (Some(_), None) => {}
            }
        }
        wrong
    }

    fn check(&self) {
        let words = String::from_utf8_lossy(&self.output.stderr);
        assert!(
            matches!(self.output.status.code(), Some(0 | 3 | 4)),
            "{:?}\n{words}",
            self.output.status
        );
        let wrong = self.wrong();
        assert!(wrong.is_empty(), "{}\n{words}", wrong.join("\n"));
        assert!(self.left.is_empty(), "left behind: {:?}", self.left);
    }
}

fn differences(id: &str, result: &Value, expect: &Expect) -> Vec<String> {
    let of = |key: &str| result[key].as_str().unwrap_or("nothing").to_owned();
    let code = |check: &str| {
        let findings = result["findings"].as_array().into_iter().flatten();
        let found = findings
            .filter(|finding| finding["check"] == check)
            .find_map(|finding| finding["code"].as_str());
        found.unwrap_or("nothing").to_owned()
    };
    let mut asked: Vec<(String, String, &OneOf)> = vec![
        ("outcome".to_owned(), of("outcome"), &expect.outcome),
        ("verdict".to_owned(), of("verdict"), &expect.verdict),
    ];
    for (check, said) in &expect.checks {
        asked.push((check.clone(), code(check), said));
    }
    asked
        .into_iter()
        .filter(|(_, found, said)| !said.accepts(found))
        .map(|(key, found, said)| {
            format!(
                "{id}: {key} is {found} ({}), not {:?}",
                of("outcome_reason"),
                said.all()
            )
        })
        .collect()
}

fn is_below(site: &Site, folder: &str) -> bool {
    site.folder.starts_with(Path::new(FIXTURES).join(folder))
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_pages_get_their_outcome_and_their_neighbours_theirs() {
    let slow = |site: &Site| SLOW.iter().any(|name| site.folder.ends_with(name));
    let stand =
        Stand::new(|site| (is_below(site, "cases/hostile") && !slow(site)) || is_below(site, "sites")).await;
    let child = stand.start(&[]);
    stand.end(child).await.check();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes about five minutes on two idle cores"]
async fn every_hostile_page() {
    let stand = Stand::new(|site| is_below(site, "cases/hostile") || is_below(site, "sites")).await;
    let child = stand.start(&[]);
    stand.end(child).await.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_browser_costs_nobody_a_verdict() {
    let names = [
        "alert-once",
        "before-unload",
        "event-stream",
        "refresh-3s",
        "slow-answer",
        "successor",
    ];
    let stand = Stand::new(|site| {
        is_below(site, "cases/hostile") && names.iter().any(|name| site.folder.ends_with(name))
    })
    .await;
    let child = stand.start(&[]);
    // A page under way proves that its browser is there, and the slow answer that it is still in use.
    while stand.web.requests("slow-answer.hostile.thu.gov.vn").is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let browsers = processes_with(&stand.folder.path().join("tmp").display().to_string());
    assert!(!browsers.is_empty());
    for id in browsers {
        // A child of a browser that was killed before it may be gone already.
        std::process::Command::new("kill")
            .args(["-KILL", &id.to_string()])
            .stderr(Stdio::null())
            .status()
            .unwrap();
    }
    stand.end(child).await.check();
}
