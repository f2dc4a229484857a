//! The real binary while EMC, or the robot's own network, is away: no site is accused of it, and what was
//! missed is seen when it is back.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use fixture_web::EmcMode;
use serde_json::Value;
use support::{Robot, Run, serve};

/// Sites of the fixture province that have nothing to be blamed for.
const GOOD: [&str; 5] = [
    "sxd.tinhmau.gov.vn",
    "stc.tinhmau.gov.vn",
    "sgddt.tinhmau.gov.vn",
    "syt.tinhmau.gov.vn",
    "skhcn.tinhmau.gov.vn",
];
const EMC_CHECKS: &str = "emc.script,emc.beacon,emc.site_id,emc.badge";

/// The good sites as a list, each for itself.
fn list(folder: &Path) -> PathBuf {
    let path = folder.join("list.csv");
    let rows: Vec<String> = GOOD
        .iter()
        .map(|site| format!("{site},{site},portal\n"))
        .collect();
    std::fs::write(&path, format!("url,name,role\n{}", rows.concat())).unwrap();
    path
}

/// One visit after the other, each of which waits for less than usual.
fn one_by_one(command: &mut Command) {
    command.args(["--concurrency", "1", "--only", EMC_CHECKS]);
    command.env("EMC_AUDIT_VISIT__SOFT_LIMIT_S", "5");
}

fn codes(run: &Run, check: &str) -> Vec<String> {
    let code = |site: &&str| -> String {
        let findings = run.results[*site]["findings"].as_array().unwrap();
        let finding = findings.iter().find(|finding| finding["check"] == check);
        finding
            .map_or("none", |one| one["code"].as_str().unwrap())
            .to_owned()
    };
    GOOD.iter().map(code).collect()
}

fn verdicts(run: &Run) -> Vec<&Value> {
    GOOD.iter().map(|site| &run.results[*site]["verdict"]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_accused_while_emc_is_down() {
    let (web, folder) = (serve().await, tempfile::tempdir().unwrap());
    for mode in [EmcMode::Down, EmcMode::Error] {
        web.set_emc(mode);
        let run = Robot::start(&web, &list(folder.path()), &[], one_by_one)
            .end()
            .await;
        assert_eq!(codes(&run, "emc.script"), ["emc_host_down"; 5], "{mode:?}");
        assert_eq!(codes(&run, "emc.badge"), ["emc_host_down"; 5], "{mode:?}");
        assert_eq!(verdicts(&run), ["not_measured"; 5], "{mode:?}");
        assert_eq!(run.exit_code(), Some(4), "no fail: {}", run.stderr());
    }
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_seen_while_emc_was_down_are_seen_again() {
    let (web, folder) = (serve().await, tempfile::tempdir().unwrap());
    let robot = Robot::start(&web, &list(folder.path()), &[], one_by_one);
    let first = || !web.requests(GOOD[0]).is_empty();
    support::wait_until("the first site is asked for", first).await;
    web.set_emc(EmcMode::Down);
    let fourth = || !web.requests(GOOD[3]).is_empty();
    support::wait_until("the fourth site is asked for", fourth).await;
    web.set_emc(EmcMode::Up);
    let run = robot.end().await;
    assert_eq!(codes(&run, "emc.script"), ["loaded"; 5], "{}", run.stderr());
    assert_eq!(verdicts(&run), ["pass"; 5]);
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_ones_own_network_is_waited_for() {
    let (web, folder) = (serve().await, tempfile::tempdir().unwrap());
    let words = folder.path().join("stderr");
    let robot = Robot::start(&web, &list(folder.path()), &[], |command| {
        one_by_one(command);
        command.stderr(std::fs::File::create(&words).unwrap());
    });
    let first = || !web.requests(GOOD[0]).is_empty();
    support::wait_until("the first site is asked for", first).await;
    web.set_outage(true);
    let waits = || std::fs::read_to_string(&words).unwrap().contains("đang chờ mạng");
    support::wait_until("the run waits for its network", waits).await;
    web.set_outage(false);
    let run = robot.end().await;
    let outcomes: Vec<&Value> = GOOD.iter().map(|site| &run.results[*site]["outcome"]).collect();
    assert_eq!(outcomes, ["measured"; 5]);
    assert_eq!(codes(&run, "emc.script"), ["loaded"; 5]);
    web.shutdown().await;
}
