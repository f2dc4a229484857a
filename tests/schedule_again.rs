//! When the scheduler begins as the real binary: by chance within the delay, and again after pauses that grow where
//! an audit dies. No page is visited.
#![allow(clippy::unwrap_used)]

#[path = "support/inbox.rs"]
mod inbox;
#[path = "support/place.rs"]
mod place;
mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use inbox::Inbox;
use jiff::Timestamp;
use place::{Place, ask, children_of, messages};
use serde_json::Value;
use support::{signal, wait_until};

/// Lists that are all due at the same moment.
const PUT_OFF: usize = 8;
const DELAY_MAX_S: f64 = 3600.0;

fn moment(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

/// What is said of audits that died, oldest first.
fn deaths(place: &Place) -> Vec<Value> {
    let is_death = |line: &Value| line["message"].as_str().unwrap().contains("bị ngắt đột ngột");
    let warned = |line: &Value| line["level"] == "WARN";
    place
        .log()
        .into_iter()
        .filter(|line| warned(line) && is_death(line))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_one_due_time_begin_by_chance_within_the_delay() {
    let place = Place::new().await;
    let list = |number| {
        format!(
            "[[schedule.list]]\nname = \"l{number}\"\nsites = \"list.csv\"\ncron = \"0 8 1 1 *\"\ntimezone = \"UTC\"\n"
        )
    };
    let lists: String = (0..=PUT_OFF).map(list).collect();
    // The last of them has no delay.
    let settings = format!(
        "[schedule]\nlisten = \"127.0.0.1:0\"\ndelay_max_s = {DELAY_MAX_S}\n{lists}delay_max_s = 0\n"
    );
    std::fs::write(place.path("emc-audit.toml"), settings).unwrap();
    let scheduler = place.start();
    let said = || -> Vec<(String, Timestamp)> {
        let lines = place.log();
        let waits = lines.iter().map(|line| &line["span"]);
        let waits = waits.filter(|span| span["due"].is_string());
        waits
            .map(|span| (span["list"].as_str().unwrap().to_owned(), moment(&span["due"])))
            .collect()
    };
    wait_until("each list says when it begins", || said().len() > PUT_OFF).await;
    let (code, took) = scheduler.end().await;
    assert_eq!(code, Some(0), "{:#?}", place.log());
    assert!(took < Duration::from_secs(10), "{took:?}");

    let (punctual, put_off): (Vec<_>, Vec<_>) = said()
        .into_iter()
        .partition(|(list, _)| *list == format!("l{PUT_OFF}"));
    let due = punctual[0].1;
    assert_eq!(
        due.to_string().get(4..),
        Some("-01-01T08:00:00Z"),
        "without a delay on time"
    );
    let later = |at: &Timestamp| at.duration_since(due).as_secs_f64();
    assert!(
        put_off
            .iter()
            .all(|(_, at)| (0.0..=DELAY_MAX_S).contains(&later(at))),
        "{put_off:?}"
    );
    let moments: BTreeSet<Timestamp> = put_off.iter().map(|(_, at)| *at).collect();
    assert_eq!(
        moments.len(),
        PUT_OFF,
        "each has a chance of its own: {put_off:?}"
    );
    place.web.shutdown().await;
}

/// A folder in which a run of the list was missed: its audit begins at once.
async fn one_that_begins_at_once(inbox: &Inbox, pause_s: u32) -> Place {
    let place = Place::new().await;
    place.write_settings(inbox, "0 0 1 1 *").await;
    place.set("retry_pause_s = 1", &format!("retry_pause_s = {pause_s}"));
    std::fs::create_dir_all(place.path("out")).unwrap();
    let known = "{\"schema\": \"emc-audit/schedule/1\", \"lists\": {\"tinh\": {\"handled\": \"2020-06-01T00:00:00Z\"}}}";
    std::fs::write(place.path("out/schedule.json"), known).unwrap();
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_pause_ends_promptly_and_the_run_is_still_under_way() {
    let inbox = Inbox::default();
    let place = one_that_begins_at_once(&inbox, 3600).await;
    let scheduler = place.start();
    let process = scheduler.child.id();
    wait_until("an audit is there", || !children_of(process).is_empty()).await;
    signal(children_of(process)[0], "-KILL");
    wait_until("its death is told of", || deaths(&place).len() == 1).await;
    let dead = &deaths(&place)[0];
    let again = moment(&dead["span"]["again"]);
    let pause = again.duration_since(moment(&dead["timestamp"])).as_secs_f64();
    assert!((3590.0..=3600.0).contains(&pause), "{dead:#}");

    let metrics = ask(&place.address().unwrap(), "/metrics").await;
    for line in [
        "emc_audit_audits_died_total{list=\"tinh\"} 1".to_owned(),
        "emc_audit_audits_died_total{list=\"cong\"} 0".to_owned(),
        "emc_audit_run_in_progress{list=\"tinh\"} 0".to_owned(),
        format!(
            "emc_audit_next_run_timestamp_seconds{{list=\"tinh\"}} {}",
            again.as_second()
        ),
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}:\n{metrics}");
    }
    assert!(children_of(process).is_empty(), "it is left alone");

    let (code, took) = scheduler.end().await;
    assert_eq!(code, Some(0), "{:#?}", place.log());
    assert!(took < Duration::from_secs(10), "{took:?}");
    let known = place.remembered("tinh");
    assert!(known["under_way"]["began"].is_string(), "{known:#}");
    assert_eq!(known["last_end"], "interrupted");
    assert!(messages(&inbox).is_empty(), "it is not given up");
    place.web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_dies_each_time_is_tried_after_growing_pauses_and_given_up() {
    let inbox = Inbox::default();
    let place = one_that_begins_at_once(&inbox, 1).await;
    let scheduler = place.start();
    let process = scheduler.child.id();
    for died in 1..=3 {
        wait_until("an audit is there", || !children_of(process).is_empty()).await;
        signal(children_of(process)[0], "-KILL");
        wait_until("its death is told of", || deaths(&place).len() == died).await;
    }
    wait_until("it is told to be given up", || !messages(&inbox).is_empty()).await;
    let told = deaths(&place);
    let pause = |line: &Value| {
        let again = moment(&line["span"]["again"]);
        again.duration_since(moment(&line["timestamp"])).as_secs_f64()
    };
    assert!((0.5..=1.0).contains(&pause(&told[0])), "{told:#?}");
    assert!((4.5..=5.0).contains(&pause(&told[1])), "{told:#?}");
    assert!(told[2]["span"]["again"].is_null(), "{told:#?}");
    // Not only said: the next one died after the time at which it was to be gone on with.
    for (before, after) in [(0, 1), (1, 2)] {
        assert!(
            moment(&told[after]["timestamp"]) >= moment(&told[before]["span"]["again"]),
            "{told:#?}"
        );
    }
    let metrics = ask(&place.address().unwrap(), "/metrics").await;
    for line in [
        "emc_audit_audits_died_total{list=\"tinh\"} 3",
        "emc_audit_runs_total{list=\"tinh\",end=\"crashed\"} 1",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}:\n{metrics}");
    }
    let (code, _) = scheduler.end().await;
    assert_eq!(code, Some(0), "{:#?}", place.log());
    let known = place.remembered("tinh");
    assert_eq!(known["last_end"], "crashed");
    assert!(known["under_way"].is_null(), "{known:#}");
    place.web.shutdown().await;
}
