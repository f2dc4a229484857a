//! Results for the tests of writers.
#![allow(clippy::unwrap_used)]

use crate::bundle::RunRecord;
use crate::observation::Engine;
use crate::site::Role;
use crate::verdict::*;

/// A whole run whose machine has a hostile name.
pub(crate) fn record() -> RunRecord {
    serde_json::from_value(serde_json::json!({
        "schema": "", "run": "20261121T020000Z", "kind": "full", "state": "finished", "program": "",
        "started": "2026-11-21T02:00:00Z", "ended": null,
        "judged_by": {"profile": "", "rules": "", "beacon_stub": false, "confirm": true, "emc": {}},
        "counts": {"sites": 1, "visits": 1, "verdicts": {}, "outcomes": {}}, "beacon_calls_let_out": 0,
        "sandbox": true, "browsers": {}, "vantage": {"host": "<b>", "addresses": [], "proxy": null, "time_zone": ""},
        "control": {"samples": []}, "settings": null
    }))
    .unwrap()
}

/// A component's line with one finding that decides its verdict, and one that is advisory.
pub(crate) fn result(site: &str, verdict: Verdict) -> SiteResult {
    let status = match verdict {
        Verdict::Pass => Status::Pass,
        Verdict::Fail => Status::Fail,
        Verdict::Review => Status::Review,
        Verdict::NotMeasured => Status::NotMeasured,
    };
    let finding = |check: &str, status: Status, mandatory: bool| Finding {
        check: check.to_owned(),
        status,
        code: "visible".to_owned(),
        mandatory,
        message: Message {
            vi: "Nhãn EMC".to_owned(),
            en: "The badge".to_owned(),
        },
        seen: "1/1".to_owned(),
        fingerprint: "0123456789abcdef".to_owned(),
        evidence: vec!["visit-1/data/desktop.jpg".to_owned()],
        measured: Facts::default(),
        reviewed: None,
    };
    SiteResult {
        schema: RESULT_SCHEMA.to_owned(),
        run: "20261121T020000Z".to_owned(),
        site: site.parse().unwrap(),
        host: site.to_owned(),
        url: format!("https://{site}/"),
        final_url: Some(format!("https://{site}/")),
        name: "Sở Xây dựng".to_owned(),
        agency: "Sở Xây dựng".to_owned(),
        role: Role::Component,
        portal: Some("tinh.gov.vn".parse().unwrap()),
        outcome: Outcome::Measured,
        outcome_reason: None,
        outcome_message: None,
        outcome_detail: None,
        outcome_hint: None,
        outcome_in_flight: Vec::new(),
        verdict,
        system: None,
        group: None,
        vendor: None,
        emc_site_ids: Vec::new(),
        profile: "province".to_owned(),
        rules: "2026-11-21.1".to_owned(),
        visits: vec![VisitSummary {
            at: "2026-11-21T02:00:00Z".to_owned(),
            engine: Engine::Shell,
            address: None,
            status: Some(200),
            outcome: Outcome::Measured,
        }],
        findings: vec![
            finding("emc.badge", status, true),
            finding("site.available", Status::Pass, false),
        ],
        reviewed: None,
    }
}
