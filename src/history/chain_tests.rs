//! A chain of lines, and every way to touch it.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn event(number: u64) -> LogEvent {
    LogEvent::Visit(LoggedVisit {
        run: "20261121T020000Z".to_owned(),
        site: format!("s{number}.gov.vn"),
        visit: 1,
        at: "2026-11-21T02:00:00Z".to_owned(),
        engine: "shell".to_owned(),
        address: None,
        status: Some(200),
        script: None,
        call: None,
        calls: 0,
        site_ids: vec!["163".to_owned()],
        result: LogResult::NoScript,
        bag: FIRST.to_owned(),
    })
}

fn lines(count: u64) -> Vec<String> {
    let mut previous = FIRST.to_owned();
    let mut lines = Vec::new();
    for sequence in 1..=count {
        let entry = LogEntry {
            schema: SCHEMA.to_owned(),
            sequence,
            previous,
            logged: "2026-11-21T03:00:00Z".to_owned(),
            event: event(sequence),
        };
        let line = serde_json::to_string(&entry).unwrap();
        previous = sum_of(&line);
        lines.push(line);
    }
    lines
}

fn report(lines: &[String], heads: &[(String, LogHead)]) -> LogReport {
    let mut walk = Walk::new();
    for line in lines {
        walk.step(line, None);
    }
    walk.end(heads)
}

fn head(lines: &[String]) -> (String, LogHead) {
    let head = LogHead {
        count: lines.len() as u64,
        hash: sum_of(lines.last().unwrap()),
    };
    ("20261121T020000Z".to_owned(), head)
}

#[test]
fn what_was_written_is_sound() {
    let lines = lines(5);
    let found = report(&lines, &[head(&lines)]);
    assert!(found.sound, "{found:?}");
    assert_eq!((found.first, found.last, found.lines), (1, 5, 5));
}

#[test]
fn each_way_to_touch_a_log_has_its_name() {
    let whole = lines(5);
    let heads = [head(&whole)];
    let problem = |touched: &[String]| report(touched, &heads).problems;
    let mut changed = whole.clone();
    changed[2] = changed[2].replace("s3.gov.vn", "s9.gov.vn");
    assert_eq!(problem(&changed), [LogProblem::Changed { sequence: 3 }]);
    let mut removed = whole.clone();
    removed.remove(2);
    assert_eq!(problem(&removed), [LogProblem::Removed { from: 3, to: 3 }]);
    let mut inserted = whole.clone();
    inserted.insert(3, whole[1].clone());
    assert_eq!(problem(&inserted), [LogProblem::Inserted { after: 3 }]);
    let run = heads[0].0.clone();
    let cut = LogProblem::Cut {
        from: 4,
        to: 5,
        run: run.clone(),
    };
    assert_eq!(problem(&whole[..3]), [cut]);
    assert_eq!(problem(&whole[1..]), [LogProblem::Removed { from: 1, to: 1 }]);
    let mut last = whole.clone();
    last[4] = last[4].replace("s5.gov.vn", "s9.gov.vn");
    assert_eq!(problem(&last), [LogProblem::Rewritten { sequence: 5, run }]);
}

proptest! {
    /// No byte of a log can be another without being noticed.
    #[test]
    fn a_changed_byte_is_found(line in 0_usize..6, place in 0_usize..400, byte in b' '..b'~') {
        let whole = lines(6);
        let mut touched = whole.clone();
        let mut bytes = touched[line].clone().into_bytes();
        let place = place % bytes.len();
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        touched[line] = String::from_utf8(bytes).unwrap();
        prop_assert!(!report(&touched, &[head(&whole)]).sound);
    }
}
