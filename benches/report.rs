//! The report of 5,000 sites that all fail: seconds, peak of memory and sizes, printed.
//!
//!     cargo bench --bench report
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;
use std::time::Instant;

use emc_audit::bundle::{RunFolder, RunRecord};
use emc_audit::history::{History, Past};
use emc_audit::language::Language;
use emc_audit::report::{Judged, Making, ResultsWriter, write_judgement};
use emc_audit::rules::Rules;
use emc_audit::verdict::{SiteResult, Status, Verdict};
use serde_json::{Value, json};

const SITES: usize = 5_000;
const PORTALS: usize = 34;
const CHECKS: [(&str, &str); 6] = [
    ("emc.script", "commented_out"),
    ("emc.beacon", "none"),
    ("emc.site_id", "missing"),
    ("emc.badge", "hidden"),
    ("links.portal", "absent"),
    ("look.header", "different"),
];

fn main() {
    let out = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(out.path(), "2026-11-21T02:00:00Z".parse().unwrap()).unwrap();
    let rules = Rules::builtin().unwrap();
    let record: RunRecord = serde_json::from_value(record(folder.name())).unwrap();
    let results: Vec<SiteResult> = (0..SITES)
        .map(|number| serde_json::from_value(result(number, folder.name())).unwrap())
        .collect();
    let past = past(&results);
    let began = Instant::now();
    let judged = Judged {
        folder: &folder,
        record: &record,
        results: &results,
        rules: &rules,
        profile: rules.profile(None).unwrap(),
        language: Language::Vietnamese,
        past: &past,
    };
    write_judgement(judged, "", Making::Everything).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
    println!("{SITES} sites written in {seconds:.1} s, {}", peak());
    println!("report/index.html {} bytes", bytes("report/index.html"));
    println!("report.xlsx       {} bytes", bytes("report.xlsx"));
    println!("results.jsonl     {} bytes", bytes("results.jsonl"));
    if let Some(kept) = std::env::var_os("KEEP_REPORT_IN") {
        std::fs::rename(folder.path(), Path::new(&kept)).unwrap();
    }
}

/// Twelve runs, in the last of which every site got worse.
fn past(results: &[SiteResult]) -> Past {
    let out = tempfile::tempdir().unwrap();
    let history = History::open(out.path()).unwrap();
    let mut before = results.to_vec();
    for result in &mut before {
        result.verdict = Verdict::Pass;
        for finding in &mut result.findings {
            finding.status = Status::Pass;
        }
    }
    for day in 1..12 {
        let started = format!("2026-11-{day:02}T02:00:00Z");
        let folder = RunFolder::create(out.path(), started.parse().unwrap()).unwrap();
        let mut text = record(folder.name());
        text["started"] = json!(started);
        folder
            .write_record(&serde_json::from_value(text).unwrap())
            .unwrap();
        let mut lines = ResultsWriter::begin(&folder.path().join("results.jsonl")).unwrap();
        for result in &before {
            lines.push(result).unwrap();
        }
        lines.finish().unwrap();
    }
    assert_eq!(history.take_in(out.path()).unwrap(), 11);
    let own: RunRecord = serde_json::from_value(record(&results[0].run)).unwrap();
    let began = Instant::now();
    let past = history.past(&own, results).unwrap();
    println!("course read in {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(past.runs.len(), 12);
    past
}

/// The most memory that this process had at once.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or_default().replace('\t', " ")
}

fn record(run: &str) -> Value {
    json!({
        "schema": "emc-audit/run/1", "run": run, "kind": "full", "state": "finished", "program": "",
        "started": "2026-11-21T02:00:00Z", "ended": null,
        "judged_by": {"profile": "", "rules": "", "beacon_stub": false, "confirm": true, "emc": {}},
        "counts": {"sites": SITES, "visits": SITES, "verdicts": {}, "outcomes": {}}, "beacon_calls_let_out": 0,
        "sandbox": true, "browsers": {}, "vantage": {"host": "may-do", "addresses": [], "proxy": null, "time_zone": ""},
        "control": {"samples": []}, "settings": null
    })
}

fn result(number: usize, run: &str) -> Value {
    let portal = format!("tinh{}.gov.vn", number % PORTALS);
    let host = format!("s{number}.{portal}");
    let findings: Vec<Value> = CHECKS
        .iter()
        .map(|(check, code)| {
            json!({
                "check": check, "status": "fail", "code": code, "mandatory": true,
                "message": {"vi": "Trang không có nội dung này ở trang chủ, hai lần xem đều như vậy.", "en": "Not there in two visits."},
                "seen": "0/2", "fingerprint": "0123456789abcdef",
                "evidence": ["visit-1/data/desktop.jpg", "visit-1/data/network.har"], "measured": {"line": 88},
            })
        })
        .collect();
    json!({
        "schema": "emc-audit/result/1", "run": run, "site": host, "host": host, "url": format!("https://{host}/"),
        "final_url": format!("https://{host}/"), "name": format!("Ủy ban nhân dân xã số {number}"),
        "agency": format!("Ủy ban nhân dân xã số {number}, tỉnh {}", number % PORTALS), "role": "component", "portal": portal,
        "outcome": "measured", "outcome_reason": null, "outcome_message": null, "outcome_detail": null,
        "verdict": "fail", "profile": "province", "rules": "2026-11-21.1",
        "visits": [{"at": "2026-11-21T02:00:00Z", "engine": "shell", "address": "203.0.113.7", "status": 200, "outcome": "measured"}],
        "findings": findings,
    })
}
