//! Lines of the log that go, and the chain that still holds.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::history::{LogProblem, LogReport, verify_log_lines};

fn removal(run: &str, at: &str) -> LoggedRemoval {
    LoggedRemoval {
        run: run.to_owned(),
        at: at.to_owned(),
        sites: 1,
        visits: 2,
        files: 30,
        bytes: 1 << 20,
        listed_in: "manifest-sha256.1.txt".to_owned(),
        manifest: "0".repeat(64),
    }
}

/// A history whose log has these many lines.
fn history(out: &std::path::Path, lines: usize) -> History {
    let history = History::open(out).unwrap();
    for line in 0..lines {
        history
            .log_removal(&removal(&format!("run-{line}"), "2026-11-21T02:00:00Z"))
            .unwrap();
    }
    history
}

fn lines(history: &History) -> Vec<String> {
    let mut lines = Vec::new();
    history
        .log_lines(|line, _| {
            lines.push(line.to_owned());
            Ok(())
        })
        .unwrap();
    lines
}

fn checked(history: &History, out: &std::path::Path) -> LogReport {
    history.verify_log(out).unwrap()
}

fn later() -> Timestamp {
    Timestamp::now() + jiff::SignedDuration::from_hours(1)
}

#[test]
fn a_removal_is_told_once() {
    let out = tempfile::tempdir().unwrap();
    let history = history(out.path(), 0);
    for at in [
        "2026-11-21T02:00:00Z",
        "2026-11-21T02:00:00Z",
        "2026-12-01T02:00:00Z",
    ] {
        history.log_removal(&removal("run", at)).unwrap();
    }
    assert_eq!(lines(&history).len(), 2);
    assert!(checked(&history, out.path()).sound);
}

#[test]
fn old_lines_go_from_the_beginning_and_the_chain_holds() {
    let out = tempfile::tempdir().unwrap();
    let history = history(out.path(), 5);
    let before = Timestamp::now() - jiff::SignedDuration::from_hours(1);
    assert_eq!(
        history.remove_log_lines(before, 396).unwrap(),
        None,
        "all are young"
    );
    let would = history.old_log_lines(later(), 396).unwrap().unwrap();
    assert_eq!(lines(&history).len(), 5, "asking removes nothing");
    let removed = history.remove_log_lines(later(), 396).unwrap().unwrap();
    assert_eq!(removed, would);
    assert_eq!((removed.from, removed.through), (1, 5));

    let report = checked(&history, out.path());
    assert!(report.sound, "{:?}", report.problems);
    assert_eq!((report.first, report.last), (6, 6));
    assert_eq!(report.lines_removed, Some(removed.clone()));
    assert_eq!(
        history.removed_until().unwrap(),
        Some(removed.logged_until.parse().unwrap())
    );

    // A second time: the line that told of the first goes too, and the new one tells of both.
    history
        .log_removal(&removal("next", "2026-12-01T02:00:00Z"))
        .unwrap();
    let again = history.remove_log_lines(later(), 396).unwrap().unwrap();
    assert_eq!((again.from, again.through), (6, 7));
    assert!(checked(&history, out.path()).sound);
    let exported = lines(&history);
    assert!(verify_log_lines(exported.iter().map(String::as_str)).sound);
}

#[test]
fn lines_that_nobody_told_of_are_missed() {
    let out = tempfile::tempdir().unwrap();
    let history = history(out.path(), 3);
    history.remove_log_lines(later(), 396).unwrap().unwrap();
    history
        .log_removal(&removal("next", "2026-12-01T02:00:00Z"))
        .unwrap();
    let lines = lines(&history);
    // The line that tells of it is cut off: nothing says why the log begins with its fifth line.
    let report = verify_log_lines(lines[1..].iter().map(String::as_str));
    assert_eq!(report.problems, [LogProblem::Removed { from: 1, to: 4 }]);
    let other = lines[0].replace("\"through\":3", "\"through\":2");
    let report = verify_log_lines([other.as_str(), lines[1].as_str()].into_iter());
    assert!(!report.sound);
}

#[test]
fn the_database_lets_only_that_beginning_go() {
    let out = tempfile::tempdir().unwrap();
    let history = history(out.path(), 3);
    let run = |statement: &'static str| history.wait(sqlx::query(statement).execute(&history.pool));
    assert!(run("DELETE FROM log WHERE sequence = 1").is_err());
    history.remove_log_lines(later(), 396).unwrap();
    history
        .log_removal(&removal("next", "2026-12-01T02:00:00Z"))
        .unwrap();
    assert!(run("DELETE FROM log WHERE sequence >= 4").is_err());
    assert!(run("UPDATE log SET through = 9").is_err());
}
