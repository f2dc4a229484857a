//! The log must open in `DevTools`, whose importer refuses what it does not know.
#![allow(clippy::unwrap_used)]

use serde_json::Value;

use super::har_of;
use crate::bundle::sample;
use crate::observation::{BlockReason, NetworkFailure, Observation};

fn log(observation: &Observation) -> Value {
    serde_json::to_value(har_of(observation)).unwrap()["log"].clone()
}

fn sum(timings: &Value) -> f64 {
    ["blocked", "dns", "connect", "send", "wait", "receive"]
        .iter()
        .map(|stage| timings[stage].as_f64().unwrap().max(0.0))
        .sum()
}

#[test]
fn time_is_the_sum_of_the_stages() {
    let log = log(&sample::observation("a.gov.vn", 1));
    for entry in log["entries"].as_array().unwrap() {
        assert!((entry["time"].as_f64().unwrap() - sum(&entry["timings"])).abs() < 0.001);
        // 100.25 ms passed between sending and the end.
        assert!((entry["time"].as_f64().unwrap() - 100.25).abs() < 0.01, "{entry}");
        assert_eq!(entry["timings"]["dns"], 4.0);
        assert_eq!(entry["timings"]["connect"], 40.0);
        assert_eq!(entry["timings"]["ssl"], 30.0);
    }
}

#[test]
fn unknown_times_make_no_odd_numbers() {
    let mut observation = sample::observation("a.gov.vn", 1);
    for (record, timing) in observation
        .requests
        .iter_mut()
        .zip([f64::NAN, f64::INFINITY, -1e300])
    {
        record.exchange.ended_after_ms = Some(timing);
        record.exchange.answered_after_ms = Some(timing);
        record.exchange.sent_at_s = Some(timing);
        if let Some(stages) = record.exchange.timing.as_mut() {
            (stages.dns_start, stages.send_end) = (-1.0, timing);
        }
    }
    for entry in log(&observation)["entries"].as_array().unwrap() {
        assert!(entry["time"].as_f64().unwrap() >= 0.0, "{entry}");
        assert_eq!(entry["startedDateTime"], "2026-11-21T02:00:00.010Z");
    }
}

#[test]
fn the_page_is_the_document_and_its_times_begin_with_it() {
    let mut observation = sample::observation("a.gov.vn", 1);
    sample::redirect_to(&mut observation, "https://b.example/start");
    let log = log(&observation);
    let page = &log["pages"][0];
    assert_eq!(page["title"], "https://b.example/start");
    assert_eq!(page["_site"], "a.gov.vn");
    assert_eq!(page["pageTimings"]["onLoad"], 390.0);
    let mains: Vec<usize> = (0..4)
        .filter(|at| log["entries"][at]["_mainDocument"] == true)
        .collect();
    assert_eq!(mains, [1]);
    assert_eq!(
        log["entries"][0]["response"]["redirectURL"],
        "https://b.example/start"
    );
    assert_eq!(log["entries"][0]["response"]["status"], 302);
}

#[test]
fn failed_and_blocked_requests_are_entries_like_any_other() {
    let mut observation = sample::observation("a.gov.vn", 1);
    let script = &mut observation.requests[1];
    script.status = None;
    script.mime_type = None;
    script.address = None;
    script.failure = Some(NetworkFailure {
        error: "net::ERR_BLOCKED_BY_CSP".to_owned(),
        blocked: Some(BlockReason::Csp),
        cancelled: false,
    });
    let log = log(&observation);
    let entry = &log["entries"][1];
    assert_eq!(entry["response"]["status"], 0);
    assert_eq!(entry["response"]["_error"], "net::ERR_BLOCKED_BY_CSP");
    assert_eq!(entry["response"]["content"]["mimeType"], "x-unknown");
    assert_eq!(entry["_blockedReason"], "csp");
    assert_eq!(entry["_resourceType"], "script");
    observation.requests[1].failure.as_mut().unwrap().error.clear();
    let unnamed = &self::log(&observation)["entries"][1];
    assert_eq!(unnamed["response"]["_error"], "blocked:csp");
    // A null where DevTools expects an object makes it refuse the whole log.
    assert!(entry.get("_initiator").is_none() && entry.get("serverIPAddress").is_none());
}

#[test]
fn calls_of_the_tracker_keep_their_data_and_addresses_lose_brackets() {
    let mut observation = sample::observation("a.gov.vn", 1);
    observation.requests[2].address = Some("[2001:db8::1]:443".to_owned());
    let entry = log(&observation)["entries"][2].clone();
    assert_eq!(entry["request"]["postData"]["text"], "e=1");
    assert_eq!(entry["request"]["bodySize"], 3);
    assert_eq!(entry["request"]["queryString"][0]["value"], "163");
    assert_eq!(entry["serverIPAddress"], "2001:db8::1");
    assert_eq!(entry["_serverPort"], 443);
    assert_eq!(
        entry["response"]["headers"].as_array().unwrap().len(),
        2,
        "joined headers are two"
    );
}
