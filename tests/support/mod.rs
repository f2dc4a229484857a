//! Running the real binary against the fixture web, and comparing what it says with what is expected.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use fixture_web::{Expect, FixtureWeb, OneOf, Options, Site, list};
use serde_json::Value;

/// The fixtures' folder.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Serves everything below `fixtures`.
pub async fn serve() -> FixtureWeb {
    FixtureWeb::start(Options::new(fixtures())).await.unwrap()
}

/// A run of `emc-audit run` that has ended.
pub struct Run {
    pub out: tempfile::TempDir,
    pub output: Output,
    pub results: BTreeMap<String, Value>,
    /// The process id that the robot had.
    pub robot: u32,
}

impl Run {
    pub fn exit_code(&self) -> Option<i32> {
        self.output.status.code()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    pub fn folder(&self) -> PathBuf {
        self.out.path().join("latest").canonicalize().unwrap()
    }
}

/// The command that audits `sites` on `web`, not yet started.
pub fn audit_command(web: &FixtureWeb, sites: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.arg("run").arg("--sites").arg(sites).arg("--out").arg(out);
    command.args(web.connect_to_arguments()).args(more);
    // What was missed is tried again at once.
    command.env("EMC_AUDIT_RUN__RETRY_PAUSES_S", "[0]");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A run of `emc-audit run` under way.
pub struct Robot {
    pub id: u32,
    child: Child,
    out: tempfile::TempDir,
}

impl Robot {
    /// Begins to audit `sites` on `web`; `with` may change the command.
    pub fn start(web: &FixtureWeb, sites: &Path, more: &[&str], with: impl FnOnce(&mut Command)) -> Self {
        let out = tempfile::tempdir().unwrap();
        let mut command = audit_command(web, sites, out.path(), more);
        with(&mut command);
        Self::from_command(command, out)
    }

    /// Begins a run whose folder is `out`.
    pub fn from_command(mut command: Command, out: tempfile::TempDir) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().unwrap();
        Self {
            id: child.id(),
            child,
            out,
        }
    }

    /// Waits for the end of the run.
    pub async fn end(self) -> Run {
        let Self { id, child, out } = self;
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
            .await
            .unwrap();
        let results = read_results(&out.path().join("latest").join("results.jsonl"));
        Run {
            out,
            output,
            results,
            robot: id,
        }
    }
}

/// Audits `sites` on `web` to the end.
pub async fn audit(web: &FixtureWeb, sites: &Path, more: &[&str]) -> Run {
    Robot::start(web, sites, more, |_| {}).end().await
}

fn read_results(path: &Path) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| (line["site"].as_str().unwrap().to_owned(), line))
        .collect()
}

/// The fixture sites below `folder`, those below `but` left out, and a list of them written into `into`.
pub fn list_of(folder: &str, but: &str, into: &Path) -> (PathBuf, Vec<Site>) {
    list_where(into, |site| is_below(site, folder) && !is_below(site, but))
}

/// The fixture sites for which `wanted` holds, and a list of them written into `into`.
pub fn list_where(into: &Path, wanted: impl FnMut(&Site) -> bool) -> (PathBuf, Vec<Site>) {
    let mut sites = Site::read_all(&fixtures()).unwrap();
    sites.retain(wanted);
    let path = into.join("list.csv");
    std::fs::write(&path, list::csv(&sites)).unwrap();
    (path, sites)
}

/// Whether the site's folder lies in `folder` of the fixtures.
pub fn is_below(site: &Site, folder: &str) -> bool {
    site.folder.starts_with(fixtures().join(folder))
}

/// What a site must get: check, `outcome` or `verdict` → the words that will do.
pub type Wanted = BTreeMap<String, Vec<String>>;

/// The `[expect]` of a fixture site.
pub fn wanted_of(expect: &Expect) -> Wanted {
    let mut wanted: Wanted = expect
        .checks
        .iter()
        .map(|(check, words)| (check.clone(), words.all().to_vec()))
        .collect();
    for (name, words) in [("outcome", &expect.outcome), ("verdict", &expect.verdict)] {
        if *words != OneOf::Unsaid {
            wanted.insert(name.to_owned(), words.all().to_vec());
        }
    }
    wanted
}

/// A TOML file with one table for each site.
pub fn wanted_in(path: &Path) -> BTreeMap<String, Wanted> {
    let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let words = |value: &toml::Value| match value {
        toml::Value::Array(words) => words
            .iter()
            .map(|word| word.as_str().unwrap().to_owned())
            .collect(),
        word => vec![word.as_str().unwrap().to_owned()],
    };
    let of_site = |site: &toml::Value| -> Wanted {
        site.as_table()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), words(value)))
            .collect()
    };
    table
        .iter()
        .map(|(site, wanted)| (site.clone(), of_site(wanted)))
        .collect()
}

/// Every point in which a result differs from what is wanted, one line each, with the reason of the outcome.
pub fn differences(site: &str, wanted: &Wanted, result: Option<&Value>) -> Vec<String> {
    let Some(result) = result else {
        return vec![format!("{site}: no line in the results")];
    };
    let found = |name: &str| match name {
        "outcome" | "verdict" => result[name].as_str().unwrap_or_default().to_owned(),
        check => {
            let findings = result["findings"].as_array().unwrap();
            let finding = findings.iter().find(|finding| finding["check"] == check);
            finding
                .map_or("(no finding)", |finding| finding["code"].as_str().unwrap())
                .to_owned()
        }
    };
    let wrong = wanted
        .iter()
        .filter(|(name, words)| !words.contains(&found(name)));
    wrong
        .map(|(name, words)| {
            format!(
                "{site}: {name} is {}, expected {} ({})",
                found(name),
                words.join(" or "),
                result["outcome_reason"].as_str().unwrap_or("measured")
            )
        })
        .collect()
}

/// Chromium processes and profile folders that belong to one robot of these tests.
pub fn leftovers(robot: u32) -> Vec<String> {
    let prefix = profile_prefix(robot);
    let processes = browser_processes(robot)
        .into_iter()
        .map(|(id, words)| format!("process {id}: {words:.120}"));
    let folders = std::fs::read_dir(std::env::temp_dir())
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with(&prefix).then(|| format!("folder {name}"))
        });
    processes.chain(folders).collect()
}

/// The Chromium processes of one robot, with their command lines: each names its profile.
pub fn browser_processes(robot: u32) -> Vec<(u32, String)> {
    let prefix = profile_prefix(robot);
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let words = std::fs::read(entry.path().join("cmdline")).ok()?;
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            words.contains(&prefix).then_some((id, words))
        })
        .collect()
}

fn profile_prefix(robot: u32) -> String {
    format!("emc-audit-profile-{robot}-")
}

/// Sends a signal, as `kill` does.
pub fn signal(process: u32, signal: &str) {
    assert!(
        Command::new("kill")
            .arg(signal)
            .arg(process.to_string())
            .status()
            .unwrap()
            .success()
    );
}

/// Kills a process that may have ended already, as the child of one that was killed before it.
pub fn kill_if_there(process: u32) {
    Command::new("kill")
        .args(["-KILL", &process.to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
}

/// Waits for a condition of another process, which sends no event.
pub async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("in 30 s it did not come true that {what}");
}

/// A list of one good site.
pub fn short_list(folder: &Path) -> PathBuf {
    let path = folder.join("short.csv");
    std::fs::write(&path, "url,name,role\nsxd.tinhmau.gov.vn,B,portal\n").unwrap();
    path
}
