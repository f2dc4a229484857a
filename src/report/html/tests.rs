#![allow(clippy::unwrap_used)]
use super::*;
use crate::rules::CheckId;
use crate::verdict::Verdict;

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

fn record() -> RunRecord {
    serde_json::from_value(serde_json::json!({
        "schema": "", "run": "r", "kind": "full", "state": "finished", "program": "", "started": "", "ended": null,
        "judged_by": {"profile": "", "rules": "", "beacon_stub": false, "confirm": true, "emc": {}},
        "counts": {"sites": 1, "visits": 1, "verdicts": {}, "outcomes": {}}, "beacon_calls_let_out": 0,
        "sandbox": true, "browsers": {}, "vantage": {"host": "<b>", "addresses": [], "proxy": null, "time_zone": ""},
        "control": {"samples": []}, "settings": null
    }))
    .unwrap()
}

/// The first page, and that of the only site.
fn pages(record: &RunRecord, result: SiteResult) -> [String; 2] {
    let rules = Rules::builtin().unwrap();
    let results = [result];
    let report = Report {
        record,
        results: &results,
        profile: rules.profile(None).unwrap(),
        rules: &rules,
        language: Language::Vietnamese,
    };
    let folder = tempfile::tempdir().unwrap();
    report
        .write(folder.path(), "..", &[SitePictures::default()])
        .unwrap();
    let site = folder.path().join("sites").join(file_name(&results[0]));
    [folder.path().join("index.html"), site].map(|page| fs_err::read_to_string(page).unwrap())
}

#[test]
fn a_run_of_some_checks_says_so_on_every_page() {
    let sample = || crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    let mut record = record();
    for page in pages(&record, sample()) {
        assert!(!page.contains("chỉ đánh giá"));
    }
    record.judged_by.only = Some(vec![CheckId::EmcBadge, CheckId::LinksPortal]);
    for page in pages(&record, sample()) {
        let banner = page.split("class=\"banner\">").nth(1).unwrap();
        assert!(
            banner.starts_with("Đợt này chỉ đánh giá: Nhãn đã kết nối EMC, Liên kết đến cổng."),
            "{banner:.200}"
        );
    }
}

#[test]
fn a_site_without_agency_and_name_is_named_once() {
    let host = "sxd.tinhmau.gov.vn";
    let mut result = crate::report::results::sample::result(host, Verdict::Fail);
    let told = |result: &SiteResult| pages(&record(), result.clone())[1].clone();
    assert!(told(&result).contains("Cơ quan: Sở Xây dựng"));
    result.agency = host.to_owned();
    result.name = host.to_owned();
    let page = told(&result);
    assert!(!page.contains("Cơ quan:"));
    let head = page.split("<h1>").nth(1).unwrap().split("</p>").next().unwrap();
    let words = head.replace(&format!("https://{host}"), "");
    assert_eq!(words.matches(host).count(), 1, "{head}");
}

#[test]
fn what_a_page_says_never_becomes_markup() {
    let mut result = crate::report::results::sample::result("sxd.tinhmau.gov.vn", Verdict::Fail);
    result.name = "<img src=x onerror=alert(1)>\"'".to_owned();
    result.findings[0].message.vi = "</td><script>alert(1)</script>".to_owned();
    for html in pages(&record(), result) {
        assert!(!html.contains("<script") && !html.contains("<img src=x") && !html.contains("<b>v"));
        assert!(html.contains("onerror"), "it is shown as text");
    }
}
