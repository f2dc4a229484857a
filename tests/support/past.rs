//! Earlier runs, written as if they had been made: a course without auditing for hours.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::path::Path;

use serde_json::Value;

/// A run of `of`'s list that began at `started` (`20260101T020000Z`), with each result as `change` makes it; without
/// a result where that says so. Only what the history takes in of a run is there.
pub fn earlier_run(out: &Path, of: &Path, started: &str, change: impl Fn(&mut Value) -> bool) {
    let place = out.join("runs").join(started);
    std::fs::create_dir_all(place.join("sites")).unwrap();
    let read = |name: &str| std::fs::read_to_string(of.join(name)).unwrap();
    let mut record: Value = serde_json::from_str(&read("run.json")).unwrap();
    record["run"] = started.into();
    let [year, month, day] = [&started[..4], &started[4..6], &started[6..8]];
    record["started"] = format!("{year}-{month}-{day}T02:00:00Z").into();
    std::fs::write(place.join("run.json"), record.to_string()).unwrap();
    let mut lines = String::new();
    for line in read("results.jsonl").lines() {
        let mut result: Value = serde_json::from_str(line).unwrap();
        result["run"] = started.into();
        if change(&mut result) {
            lines.extend([result.to_string().as_str(), "\n"]);
        }
    }
    std::fs::write(place.join("results.jsonl"), lines).unwrap();
}

/// Makes a result what it would be if this check had passed or failed by that code.
pub fn let_check(result: &mut Value, check: &str, status: &str, code: &str) {
    for finding in result["findings"].as_array_mut().unwrap() {
        // What was so already keeps its own code.
        if finding["check"] == check && finding["status"] != status {
            finding["status"] = status.into();
            finding["code"] = code.into();
        }
    }
    let mandatory = |status: &str| {
        let findings = result["findings"].as_array().unwrap();
        findings
            .iter()
            .any(|finding| finding["mandatory"] == true && finding["status"] == status)
    };
    let verdict = ["fail", "not_measured", "review"]
        .into_iter()
        .find(|status| mandatory(status));
    result["verdict"] = verdict.unwrap_or("pass").into();
}
