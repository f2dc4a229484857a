//! The scheduler as the real binary, in fast time, over a part of the fixture province: runs, sites that change
//! between them, a kill in the middle of one, messages to real servers on loopback, and an end in good order.
#![allow(clippy::unwrap_used)]

#[path = "support/inbox.rs"]
mod inbox;
#[path = "support/place.rs"]
mod place;
mod support;

use std::time::Duration;

use emc_audit::language::Language;
use emc_audit::retention;
use emc_audit::settings::RetentionSettings;
use hmac::{Hmac, KeyInit, Mac};
use inbox::Inbox;
use place::{BROKEN, Place, SCRIPT, SECRET, SITE, ask, children_of, messages, text};
use serde_json::{Value, json};
use support::{signal, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_audited_by_their_timetable_through_changes_and_a_kill() {
    let (place, inbox) = (Place::new().await, Inbox::default());
    place.write_settings(&inbox, "*/20 * * * * *").await;
    plan_is_told(&place).await;

    // A run was missed while nobody was there: it is made up for at once.
    std::fs::create_dir_all(place.path("out")).unwrap();
    let known =
        json!({"schema": "emc-audit/schedule/1", "lists": {"tinh": {"handled": "2026-01-01T00:00:00Z"}}});
    std::fs::write(place.path("out/schedule.json"), known.to_string()).unwrap();
    let scheduler = place.start();
    wait_until("the first run goes on", || place.under_way().is_some()).await;
    for audit in children_of(scheduler.child.id()) {
        signal(audit, "-KILL");
    }
    wait_until("the first run is told of again", || inbox.posted().len() == 2).await;
    is_well_and_counts(&place, 1).await;

    place.change(SCRIPT, BROKEN);
    wait_until("the site is told to be worse", || {
        messages(&inbox)
            .iter()
            .any(|message| message["changes"]["worse"] == 1)
    })
    .await;

    place.change(BROKEN, SCRIPT);
    wait_until("a run goes on", || place.under_way().is_some()).await;
    scheduler.kill();
    let killed = place.under_way().unwrap();
    let scheduler = place.start();
    wait_until("the killed run is finished", || {
        place.state_of(&killed) == "finished"
    })
    .await;
    wait_until("it is told of", || {
        messages(&inbox).iter().any(|message| message["run"] == killed)
    })
    .await;

    let (code, took) = scheduler.end().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert!(
        place.runs().iter().all(|run| run["state"] != "running"),
        "nothing goes on"
    );

    log_names_facts(&place, &killed);
    messages_are_signed_and_sent_again(&inbox);
    mail_is_in_vietnamese(&inbox);
    history_remembers(&place).await;
    what_is_over_its_time_goes(&place).await;
    place.web.shutdown().await;
}

async fn plan_is_told(place: &Place) {
    let checked = place.said(&["schedule", "--check"]).await;
    let said = text(&checked.stdout);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    assert!(
        said.starts_with("tinh (2 trang): ") && said.contains("mail, webhook"),
        "{said}"
    );
    let other = said
        .lines()
        .find(|line| line.starts_with("cong (1 trang): "))
        .unwrap();
    assert_eq!(other.matches("01/01/").count(), 3, "{other}");
    assert_eq!(other.matches(" 08:00:00").count(), 3, "{other}");
    assert!(!place.path("out").exists(), "nothing was begun");
}

async fn is_well_and_counts(place: &Place, runs: usize) {
    let address = place.address().unwrap();
    let health = place.said(&["health", "--listen", &address]).await;
    assert_eq!(
        (health.status.code(), text(&health.stdout).as_str()),
        (Some(0), "ok\n")
    );
    let metrics = ask(&address, "/metrics").await;
    for line in [
        format!("emc_audit_runs_total{{list=\"tinh\",end=\"finished\"}} {runs}"),
        "emc_audit_messages_total{channel=\"webhook\",result=\"failed\"} 1".to_owned(),
        "emc_audit_outcomes{list=\"tinh\",outcome=\"measured\"} 2".to_owned(),
        "emc_audit_browsers_total{list=\"tinh\",what=\"crashed\"} 0".to_owned(),
        "emc_audit_run_in_progress{list=\"cong\"} 0".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line}:\n{metrics}");
    }
    assert!(
        metrics.contains("emc_audit_last_success_timestamp_seconds{list=\"tinh\"} "),
        "{metrics}"
    );
}

/// Every line is JSON, of the scheduler and of its audits.
fn log_names_facts(place: &Place, killed: &str) {
    let log = place.log();
    let has = |facts: &[(&str, &str)]| {
        log.iter()
            .any(|line| facts.iter().all(|(name, value)| line["span"][name] == *value))
    };
    assert!(
        has(&[("list", "tinh"), ("run", killed), ("end", "finished")]),
        "{log:#?}"
    );
    let missed = log
        .iter()
        .filter(|line| line["message"].as_str().unwrap().contains("chạy bù"));
    assert_eq!(missed.count(), 1, "what was missed is made up for once: {log:#?}");
    let died = log
        .iter()
        .filter(|line| line["message"].as_str().unwrap().contains("ngắt đột ngột"));
    assert_eq!(died.count(), 1, "the audit that was killed alone: {log:#?}");
    let resumed = log.iter().any(|line| {
        line["message"]
            .as_str()
            .unwrap()
            .contains(&format!("chạy tiếp đợt {killed}"))
    });
    assert!(resumed, "{log:#?}");
}

fn messages_are_signed_and_sent_again(inbox: &Inbox) {
    let schema = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/message.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let posted = inbox.posted();
    assert_eq!(posted[0].body, posted[1].body, "what was refused comes again");
    for one in &posted {
        let header = |name: &str| one.headers[name].to_str().unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(format!("{}.", header("emc-audit-timestamp")).as_bytes());
        mac.update(&one.body);
        let digits = header("emc-audit-signature").strip_prefix("v1=").unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let sum: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        mac.verify_slice(&sum).unwrap();
        let message: Value = serde_json::from_slice(&one.body).unwrap();
        assert!(validator.is_valid(&message), "{message:#}");
        assert_eq!(header("emc-audit-message"), message["id"]);
    }
    let messages = messages(inbox);
    let worse = messages
        .iter()
        .find(|message| message["changes"]["worse"] == 1)
        .unwrap();
    assert_eq!(worse["worse"][0]["site"], SITE);
    let script = json!({"check": "emc.script", "was": "loaded", "is": "http_error"});
    assert!(
        worse["worse"][0]["checks"].as_array().unwrap().contains(&script),
        "{worse:#}"
    );
    assert_eq!(worse["previous"], messages[0]["run"]);
    let link = worse["links"][0]["url"].as_str().unwrap();
    assert!(link.starts_with("https://emc.tinhmau.gov.vn/files/"), "{link}");
    assert!(
        messages.iter().any(|message| message["changes"]["fixed"] == 1),
        "{messages:#?}"
    );
}

fn mail_is_in_vietnamese(inbox: &Inbox) {
    let mails = inbox.mails();
    // A run without a change for the worse is not worth a mail.
    assert_eq!(mails.len(), 1, "{mails:#?}");
    assert_eq!(inbox.mail_attempts(), 2, "the first attempt was refused");
    let mail = mailparse::parse_mail(mails[0].as_bytes()).unwrap();
    let header = |name: &str| {
        let found = mail
            .headers
            .iter()
            .find(|header| header.get_key().eq_ignore_ascii_case(name));
        found.unwrap().get_value()
    };
    assert!(
        header("Subject").contains("1 trang xấu đi"),
        "{}",
        header("Subject")
    );
    assert!(header("To").contains("stttt@tinhmau.gov.vn"));
    let body = mail.get_body().unwrap();
    assert!(
        body.contains("Sở Xây dựng") && body.contains("(http_error)"),
        "{body}"
    );
    assert!(body.contains("https://emc.tinhmau.gov.vn/files/"), "{body}");
}

/// From each run to the next: the site gets worse once, is mended once, and nothing else is said of it.
async fn differences_are_told(place: &Place, runs: &[&str]) {
    let mut told = Vec::new();
    for pair in runs.windows(2) {
        let diff = place.said(&["diff", pair[0], pair[1], "--json"]).await;
        assert_eq!(diff.status.code(), Some(0), "{}", text(&diff.stderr));
        let found: Value = serde_json::from_slice(&diff.stdout).unwrap();
        for site in found["sites"].as_array().unwrap() {
            let change = site["change"].as_str().unwrap().to_owned();
            told.push((site["site"].as_str().unwrap().to_owned(), change));
        }
    }
    let of_site = |change: &str| (SITE.to_owned(), change.to_owned());
    assert_eq!(told, [of_site("worse"), of_site("fixed")]);
}

async fn history_remembers(place: &Place) {
    let history = place.said(&["history", SITE, "--json"]).await;
    let course: Value = serde_json::from_slice(&history.stdout).unwrap();
    let points = course["points"].as_array().unwrap();
    let mut codes: Vec<&str> = points
        .iter()
        .map(|point| {
            let findings = point["findings"].as_array().unwrap();
            let script = findings.iter().find(|finding| finding["check"] == "emc.script");
            script.map_or("–", |finding| finding["code"].as_str().unwrap())
        })
        .filter(|code| *code != "–")
        .collect();
    codes.dedup();
    assert_eq!(codes, ["loaded", "http_error", "loaded"], "{points:#?}");
    let runs: Vec<Value> = place
        .runs()
        .into_iter()
        .filter(|run| run["state"] == "finished")
        .collect();
    let names: Vec<&str> = runs.iter().map(|run| run["run"].as_str().unwrap()).collect();
    assert!(names.len() >= 3, "{names:?}");
    differences_are_told(place, &names).await;
    let sound = place.said(&["log", "verify", "--json"]).await;
    let sound_report: Value = serde_json::from_slice(&sound.stdout).unwrap();
    assert_eq!(sound.status.code(), Some(0), "{sound_report:#}");
    let visits: u64 = runs
        .iter()
        .map(|run| run["counts"]["visits"].as_u64().unwrap())
        .sum();
    assert!(
        sound_report["lines"].as_u64().unwrap() >= visits,
        "{sound_report:#}"
    );
}

/// Two years later: evidence and lines of the log go, what is left is sound, and what was said is still known.
async fn what_is_over_its_time_goes(place: &Place) {
    let before = place.said(&["history", SITE, "--json"]).await.stdout;
    let out = place.path("out");
    let pruned = tokio::task::spawn_blocking(move || {
        let settings = RetentionSettings::default();
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 730);
        let plan = retention::plan(&out, &settings, later).unwrap();
        retention::prune(&out, plan, &settings, None, Language::Vietnamese).unwrap()
    })
    .await
    .unwrap();
    assert!(pruned.left_out.is_empty(), "{:?}", pruned.left_out);
    assert!(pruned.runs.iter().any(|run| run.visits > 0), "{:?}", pruned.runs);
    assert!(pruned.log.is_some(), "lines of the log are over their time too");
    let sound = place.said(&["log", "verify"]).await;
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound.stdout));
    for run in place.runs().iter().filter(|run| run["state"] == "finished") {
        let path = place.path("out/runs").join(run["run"].as_str().unwrap());
        let verified = place.said(&["verify", path.to_str().unwrap()]).await;
        assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    }
    let after = place.said(&["history", SITE, "--json"]).await.stdout;
    assert_eq!(text(&after), text(&before));
}
