#![allow(clippy::unwrap_used)]
use super::*;
use crate::verdict::Verdict;

#[test]
fn times_are_told_as_the_reader_lives_them() {
    assert_eq!(local_time("2026-11-21T19:05:00Z"), "22/11/2026 02:05");
    assert_eq!(local_time("no time"), "no time");
}

#[test]
fn names_of_folders_cannot_break_out_of_a_link() {
    assert_eq!(link("sites/a.gov.vn~web/visit-1"), "sites/a.gov.vn~web/visit-1");
    assert_eq!(link("a?b#c\"d%"), "a%3Fb%23c%22d%25");
}

#[test]
fn the_policy_allows_the_style_of_the_page_and_nothing_that_runs() {
    let policy = policy();
    assert!(policy.starts_with("default-src 'none'"));
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
}

#[test]
fn what_a_page_says_never_becomes_markup() {
    let rules = Rules::builtin().unwrap();
    let profile = rules.profile(None).unwrap();
    let mut result = crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    result.name = "<img src=x onerror=alert(1)>\"'".to_owned();
    result.findings[0].message.vi = "</td><script>alert(1)</script>".to_owned();
    let record: RunRecord = serde_json::from_value(serde_json::json!({
        "schema": "", "run": "r", "kind": "full", "state": "finished", "program": "", "started": "", "ended": null,
        "judged_by": {"profile": "", "rules": "", "beacon_stub": false, "confirm": true, "emc": {}},
        "counts": {"sites": 1, "visits": 1, "verdicts": {}, "outcomes": {}}, "beacon_calls_let_out": 0,
        "sandbox": true, "browsers": {}, "vantage": {"host": "<b>", "addresses": [], "proxy": null, "time_zone": ""},
        "control": {"samples": []}, "settings": null
    }))
    .unwrap();
    let results = [result];
    let report = Report {
        record: &record,
        results: &results,
        rules: &rules,
        profile,
        language: Language::Vietnamese,
    };
    let folder = tempfile::tempdir().unwrap();
    report
        .write(folder.path(), "..", &[SitePictures::default()])
        .unwrap();
    let site = folder.path().join("sites").join(file_name(&results[0]));
    for page in [folder.path().join("index.html"), site] {
        let html = fs_err::read_to_string(page).unwrap();
        assert!(!html.contains("<script") && !html.contains("<img src=x") && !html.contains("<b>v"));
        assert!(html.contains("onerror"), "it is shown as text");
    }
}
