//! The connection log, by the real binary: one chain over runs, made up for what was killed, and every touch named.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{audit, serve};

const LIST: &str = "url,name,role,portal\n\
    tinhmau.gov.vn,Cổng,portal,\n\
    sxd.tinhmau.gov.vn,Sở Xây dựng,component,tinhmau.gov.vn\n";

fn log(arguments: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command.arg("log").args(arguments).arg("--out").arg(out);
    command.args(["--lang", "en"]).stdin(Stdio::null());
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a check of an exported file says, with its exit code.
fn checked(out: &Path, lines: &[&str]) -> (Option<i32>, String) {
    let file = out.join("export.jsonl");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let output = log(&["verify", file.to_str().unwrap()], out);
    (output.status.code(), text(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_visit_has_a_line_and_every_touch_is_named() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(&list, LIST).unwrap();
    let run = audit(&web, &list, &["--no-confirm"]).await;
    web.shutdown().await;
    let out = run.out.path();
    let record: Value =
        serde_json::from_slice(&std::fs::read(run.folder().join("run.json")).unwrap()).unwrap();
    assert_eq!(
        record["log"]["count"],
        record["counts"]["visits"],
        "{}",
        run.stderr()
    );

    let sound = log(&["verify"], out);
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound));
    let exported = text(&log(&["export"], out));
    let lines: Vec<&str> = exported.lines().collect();
    assert_eq!(checked(out, &lines).0, Some(0));
    let changed = lines[0].replace("tinhmau", "tinhkhac");
    let (code, said) = checked(out, &[&[changed.as_str()], &lines[1..]].concat());
    assert!(code == Some(3) && said.contains("Changed: line 1"), "{said}");
    let (code, said) = checked(out, &lines[1..]);
    assert!(
        code == Some(3) && said.contains("Removed: lines 1 to 1"),
        "{said}"
    );
    let (code, said) = checked(out, &[&lines[..2], &lines[..1], &lines[2..]].concat());
    assert!(
        code == Some(3) && said.contains("Inserted: a line after line 2"),
        "{said}"
    );

    // A store that is lost, as after a kill before the end: two programs at once make up one whole log from the bags.
    for name in ["history.sqlite", "history.sqlite-wal", "history.sqlite-shm"] {
        let _ = std::fs::remove_file(out.join(name));
    }
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| log(&["show"], out));
        }
    });
    let made_up = text(&log(&["show", "--json"], out));
    assert_eq!(
        made_up.lines().count() as u64,
        record["counts"]["visits"].as_u64().unwrap()
    );
    // The lines carry when they were written: it is another log than the one that the run remembers.
    let other = log(&["verify"], out);
    assert_eq!(other.status.code(), Some(3));
    assert!(text(&other).contains("Written anew"), "{}", text(&other));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_are_killed_lose_no_line_and_make_one_chain() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(&list, LIST).unwrap();
    let out = folder.path().join("out");
    let bags = || -> usize {
        let runs = std::fs::read_dir(out.join("runs"))
            .into_iter()
            .flatten()
            .flatten();
        let sites = runs.flat_map(|run| std::fs::read_dir(run.path().join("sites")).into_iter().flatten());
        let visits = sites.flat_map(|site| std::fs::read_dir(site.unwrap().path()).into_iter().flatten());
        let names = visits.map(|visit| visit.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with("visit-")).count()
    };
    for killed in 1..=3 {
        let before = bags();
        let mut robot = support::audit_command(&web, &list, &out, &["--no-confirm", "--concurrency", "1"])
            .spawn()
            .unwrap();
        support::wait_until("a visit is kept", || bags() > before).await;
        support::signal(robot.id(), "-KILL");
        robot.wait().unwrap();
        let sound = log(&["verify"], &out);
        assert_eq!(sound.status.code(), Some(0), "{killed}: {}", text(&sound));
        let lines = text(&log(&["show", "--json"], &out));
        assert_eq!(lines.lines().count(), bags(), "{killed}");
    }
    web.shutdown().await;
}
