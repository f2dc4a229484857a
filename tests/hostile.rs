//! The real binary against pages that misbehave: each gets the outcome and the codes that its folder
//! names, the ordinary sites of the same run get theirs, and nothing stays behind.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use fixture_web::{FixtureWeb, Site};
use support::{Robot, Run, Wanted, differences, fixtures, is_below, list_where, serve, wanted_in, wanted_of};

const HOSTILE: &str = "cases/hostile";
/// Ordinary sites in the company of the hostile ones.
const NEIGHBOURS: usize = 20;
/// The run ends by itself long before; a run that does not has failed.
const RUN_LIMIT: Duration = Duration::from_mins(9);

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
    "hanging-script-head",
    "huge-html",
    "many-elements",
    "many-frames",
    "many-links",
    "memory-late",
    "memory-nodes",
    "memory-strings",
    "no-code-busy-late",
];

/// Sites served and listed for one run, and what each must get.
struct Stand {
    web: FixtureWeb,
    folder: tempfile::TempDir,
    wanted: BTreeMap<String, Wanted>,
}

impl Stand {
    /// Lists the hostile pages for which `hostile` holds, in the company of `neighbours` ordinary sites.
    async fn new(hostile: impl Fn(&Site) -> bool, neighbours: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut wanted = wanted_in(&fixtures().join("expected.toml"));
        wanted.retain(|_, words| words["outcome"] == ["measured"]);
        let mut left = neighbours;
        let (_, sites) = list_where(folder.path(), |site| {
            let listed = site.list.is_some();
            let neighbour = listed && left > 0 && wanted.contains_key(&site.id());
            left -= usize::from(neighbour);
            neighbour || (listed && is_below(site, HOSTILE) && hostile(site))
        });
        assert_eq!(left, 0, "there are fewer ordinary sites");
        let listed: Vec<String> = sites.iter().map(Site::id).collect();
        wanted.retain(|site, _| listed.contains(site));
        let expected = sites
            .iter()
            .filter_map(|site| Some((site.id(), site.expect.as_ref()?)));
        wanted.extend(expected.map(|(site, expect)| (site, wanted_of(expect))));
        assert_eq!(wanted.len(), listed.len(), "a listed site without expectations");
        Self {
            web: serve().await,
            folder,
            wanted,
        }
    }

    fn start(&self) -> Robot {
        // Shorter than the defaults, with room for the slow pages among the cases.
        let shorter = |command: &mut Command| {
            command
                .env("EMC_AUDIT_VISIT__NAVIGATION_S", "12")
                .env("EMC_AUDIT_VISIT__SOFT_LIMIT_S", "8");
        };
        Robot::start(&self.web, &self.folder.path().join("list.csv"), &[], shorter)
    }

    /// Waits for the end of the run and compares all that came out.
    async fn check(self, robot: Robot) {
        let id = robot.id;
        let Ok(run) = tokio::time::timeout(RUN_LIMIT, robot.end()).await else {
            support::signal(id, "-KILL");
            panic!("the run does not end");
        };
        assert!(
            matches!(run.exit_code(), Some(0 | 3 | 4)),
            "{:?}\n{}",
            run.exit_code(),
            run.stderr()
        );
        let wrong = self.wrong(&run);
        assert!(
            wrong.is_empty(),
            "{} differences:\n{}\n{}",
            wrong.len(),
            wrong.join("\n"),
            run.stderr()
        );
        let left = support::leftovers(run.robot);
        assert!(left.is_empty(), "left behind: {left:?}");
        self.web.shutdown().await;
    }

    fn wrong(&self, run: &Run) -> Vec<String> {
        let of_site = |(site, wanted): (&String, &Wanted)| differences(site, wanted, run.results.get(site));
        self.wanted.iter().flat_map(of_site).collect()
    }
}

fn is_one_of(site: &Site, names: &[&str]) -> bool {
    names.iter().any(|name| site.folder.ends_with(Path::new(name)))
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_pages_get_their_outcome_and_their_neighbours_theirs() {
    let stand = Stand::new(|site| !is_one_of(site, SLOW), NEIGHBOURS).await;
    let robot = stand.start();
    stand.check(robot).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes about five minutes on two idle cores"]
async fn every_hostile_page() {
    let stand = Stand::new(|_| true, NEIGHBOURS).await;
    let robot = stand.start();
    stand.check(robot).await;
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
    let stand = Stand::new(|site| is_one_of(site, &names), 0).await;
    let robot = stand.start();
    // A page under way proves that its browser is there, and the slow answer that it is still in use.
    let asked = || !stand.web.requests("slow-answer.hostile.thu.gov.vn").is_empty();
    support::wait_until("the slow page is asked for", asked).await;
    let browsers = support::browser_processes(robot.id);
    assert!(!browsers.is_empty());
    for (id, _) in browsers {
        support::kill_if_there(id);
    }
    stand.check(robot).await;
}
