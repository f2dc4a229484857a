//! How the scheduler begins and ends as the real binary: one run of a list at a time, what a kill or a stop leaves, and
//! what is owed afterwards.
#![allow(clippy::unwrap_used)]

#[path = "support/inbox.rs"]
mod inbox;
#[path = "support/place.rs"]
mod place;
mod support;

use std::process::{Command, Stdio};
use std::time::Duration;

use inbox::Inbox;
use place::{Place, children_of, messages, text};
use serde_json::Value;
use support::{browser_processes, signal, wait_until};

#[tokio::test(flavor = "multi_thread")]
async fn one_list_is_audited_once_at_a_time_and_a_timer_of_the_host_does_as_well() {
    let (place, inbox) = (Place::new().await, Inbox::default());
    place.write_settings(&inbox, "0 1 * * *").await;
    std::fs::create_dir_all(place.path("out")).unwrap();
    let key = emc_audit::bundle::ListKey::of(&place.path("list.csv")).unwrap();
    let held = key.lock(&place.path("out")).unwrap();
    let refused = place.said(&["run", "--sites", "list.csv"]).await;
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(
        text(&refused.stderr).contains("đợt khác"),
        "{}",
        text(&refused.stderr)
    );

    let mut command = place.command(&["schedule", "--once", "tinh"]);
    let log = std::fs::File::create(place.path("log")).unwrap();
    let mut once = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let waits = || {
        std::fs::read_to_string(place.path("log"))
            .unwrap()
            .contains("chờ đợt đó xong")
    };
    wait_until("it waits for the other run", waits).await;
    assert!(place.runs().is_empty(), "it has not begun");
    drop(held);
    let status = tokio::task::spawn_blocking(move || once.wait().unwrap())
        .await
        .unwrap();
    let log = std::fs::read_to_string(place.path("log")).unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(place.runs().len(), 1, "{log}");
    assert_eq!(
        messages(&inbox).len(),
        1,
        "the message arrived before it ended: {log}"
    );
    assert_eq!(inbox.posted().len(), 2, "in its second attempt");
    place.web.shutdown().await;
}

/// An audit outlives its scheduler: the next one waits for it, and knows it as its own.
#[tokio::test(flavor = "multi_thread")]
async fn an_audit_whose_scheduler_was_killed_is_not_made_again() {
    let (place, inbox) = (Place::new().await, Inbox::default());
    place.write_settings(&inbox, "0 0 1 1 *").await;
    let once = || {
        let mut command = place.command(&["schedule", "--once", "tinh"]);
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(place.path("log"))
            .unwrap();
        command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    };
    let mut first = once();
    wait_until("a run goes on", || place.under_way().is_some()).await;
    signal(first.id(), "-KILL");
    first.wait().unwrap();
    assert!(place.under_way().is_some(), "the audit does not know");

    let mut second = once();
    let status = tokio::task::spawn_blocking(move || second.wait().unwrap())
        .await
        .unwrap();
    let log = std::fs::read_to_string(place.path("log")).unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    let runs = place.runs();
    assert_eq!(runs.len(), 1, "{log}");
    assert_eq!(runs[0]["state"], "finished");
    assert!(
        log.contains("chờ đợt đó xong") && !log.contains("chạy tiếp"),
        "{log}"
    );
    assert_eq!(messages(&inbox).len(), 1);
    place.web.shutdown().await;
}

/// A run that is put off by chance has not begun: told to end meanwhile the scheduler does so at once, and makes up
/// for the run at its next start.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_put_off_is_still_owed_after_a_stop() {
    let (place, inbox) = (Place::new().await, Inbox::default());
    place.write_settings(&inbox, "* * * * * *").await;
    let settings = std::fs::read_to_string(place.path("emc-audit.toml")).unwrap();
    let put_off = settings.replace("retry_pause_s", "delay_max_s = 43200\nretry_pause_s");
    std::fs::write(place.path("emc-audit.toml"), put_off).unwrap();

    let scheduler = place.start();
    let waits = || place.log().iter().any(|line| line["span"]["list"] == "tinh");
    wait_until("it says for when", waits).await;
    let (code, took) = scheduler.end().await;
    assert_eq!(code, Some(0), "{:#?}", place.log());
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(place.runs().is_empty(), "{:#?}", place.log());

    std::fs::write(place.path("emc-audit.toml"), settings).unwrap();
    let known: Value =
        serde_json::from_slice(&std::fs::read(place.path("out/schedule.json")).unwrap()).unwrap();
    let handled: jiff::Timestamp = known["lists"]["tinh"]["handled"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let owed = || jiff::Timestamp::now().duration_since(handled).as_secs() >= 2;
    wait_until("a due time has passed", owed).await;
    let scheduler = place.start();
    wait_until("what is owed is made up for", || place.runs().len() == 1).await;
    let missed = |line: &Value| line["message"].as_str().unwrap().contains("chạy bù");
    let (code, _) = scheduler.end().await;
    assert_eq!(code, Some(0), "{:#?}", place.log());
    assert!(place.log().iter().any(missed), "{:#?}", place.log());
    place.web.shutdown().await;
}

/// Visits may take minutes; a container that is told to end has half of one.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_hangs_does_not_keep_the_scheduler_from_ending() {
    let hangs = "hosts = [\"treo.tinhmau.gov.vn\"]\n[[route]]\npath = \"/*\"\nbehaviour = \"hang\"\n\
        [list]\nrole = \"portal\"\nname = \"Treo\"\n";
    let (place, inbox) = (
        Place::with(&[("treo.tinhmau.gov.vn", hangs)]).await,
        Inbox::default(),
    );
    std::fs::write(
        place.path("list.csv"),
        "url,name,role\nhttps://treo.tinhmau.gov.vn,Treo,portal\n",
    )
    .unwrap();
    place.write_settings(&inbox, "* * * * * *").await;
    let mut settings = std::fs::read_to_string(place.path("emc-audit.toml")).unwrap();
    settings = settings.replace(
        "[visit]",
        "[visit]\nnavigation_s = 200\nhard_limit_s = 300\nwatchdog_s = 400",
    );
    std::fs::write(place.path("emc-audit.toml"), settings).unwrap();

    let scheduler = place.start();
    let asked = || !place.web.requests("treo.tinhmau.gov.vn").is_empty();
    wait_until("the page hangs", asked).await;
    let audit = children_of(scheduler.child.id())[0];
    let (code, took) = scheduler.end().await;
    assert_eq!(code, Some(0), "{:#?}", place.log());
    assert!(took < Duration::from_secs(30), "{took:?}");
    wait_until("its browsers are gone", || browser_processes(audit).is_empty()).await;
    assert!(
        messages(&inbox).is_empty(),
        "a run that will be gone on with is no news"
    );
    let known: Value =
        serde_json::from_slice(&std::fs::read(place.path("out/schedule.json")).unwrap()).unwrap();
    assert!(
        known["lists"]["tinh"]["under_way"]["began"].is_string(),
        "{known:#}"
    );
    place.web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_list_there_is_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
    command
        .arg("schedule")
        .current_dir(folder.path())
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("[[schedule.list]]") && said.contains("cron"),
        "{said}"
    );
    assert!(!folder.path().join("out").exists());
}
