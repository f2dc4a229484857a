//! The scheduler as the real binary, in fast time, over a part of the fixture province: runs, sites that change
//! between them, a kill in the middle of one, messages to real servers on loopback, and an end in good order.
#![allow(clippy::unwrap_used)]

#[path = "support/inbox.rs"]
mod inbox;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use emc_audit::language::Language;
use emc_audit::retention;
use emc_audit::settings::RetentionSettings;
use fixture_web::{FixtureWeb, Options};
use hmac::{Hmac, KeyInit, Mac};
use inbox::Inbox;
use serde_json::{Value, json};
use support::{browser_processes, fixtures, signal, wait_until};

const SITE: &str = "sxd.tinhmau.gov.vn";
const LIST: &str = "url,name,role,portal\n\
    tinhmau.gov.vn,Cổng,portal,\n\
    sxd.tinhmau.gov.vn,Sở Xây dựng,component,tinhmau.gov.vn\n";
const SECRET: &str = "khóa ký thử";
const SCRIPT: &str = "embed/gov-tracking.min.js";
const BROKEN: &str = "embed/404.js";

/// Folders and files of the test.
struct Place {
    folder: tempfile::TempDir,
    web: FixtureWeb,
}

impl Place {
    /// A copy of the sites, so that they can be changed.
    async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With other sites besides: folder and `site.toml`.
    async fn with(others: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (site, text) in others {
            let path = folder.path().join("sites").join(site);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("site.toml"), text).unwrap();
        }
        for site in ["tinhmau.gov.vn", SITE] {
            let to = folder.path().join("sites").join(site);
            copy(&fixtures().join("sites").join(site), &to);
        }
        std::fs::write(folder.path().join("list.csv"), LIST).unwrap();
        std::fs::write(
            folder.path().join("portal.csv"),
            "url,name,role\ntinhmau.gov.vn,Cổng,portal\n",
        )
        .unwrap();
        std::fs::write(folder.path().join("secret"), format!("{SECRET}\n")).unwrap();
        let web = FixtureWeb::start(Options::new(folder.path().join("sites")))
            .await
            .unwrap();
        Self { folder, web }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn write_settings(&self, inbox: &Inbox, cron: &str) {
        let (hook, mail) = (inbox.serve_web().await, inbox.serve_mail().await);
        let settings = format!(
            "[run]\nconfirm = false\nretry_pauses_s = [0]\n[visit]\nsoft_limit_s = 4\n[retention]\nafter_run = true\n\
             [network]\nconnect_to = {}\n\
             [schedule]\nlisten = \"127.0.0.1:0\"\nretry_pause_s = 1\n\
             [[schedule.list]]\nname = \"tinh\"\nsites = {}\ncron = \"{cron}\"\n\
             [[schedule.list]]\nname = \"cong\"\nsites = \"portal.csv\"\ncron = \"0 8 1 1 *\"\ntimezone = \"UTC\"\n\
             [notify]\nbase_url = \"https://emc.tinhmau.gov.vn\"\n\
             [notify.mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Giám sát <emc@tinhmau.gov.vn>\"\n\
             to = [\"stttt@tinhmau.gov.vn\"]\nwhen = [\"worse\"]\n\
             [notify.webhook]\nurl = \"{hook}\"\nsecret_file = {}\nwhen = [\"run\", \"failed\"]\n",
            json!(self.web.connect_to()),
            json!(self.path("list.csv")),
            mail.port(),
            json!(self.path("secret")),
        );
        std::fs::write(self.path("emc-audit.toml"), settings).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
        command
            .arg("--settings")
            .arg(self.path("emc-audit.toml"))
            .args(arguments);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    async fn said(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Starts the scheduler; what it says goes on in one file.
    fn start(&self) -> Scheduler {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let mut command = self.command(&["schedule", "--log-format", "json"]);
        command.stdout(Stdio::null()).stderr(log);
        Scheduler {
            child: command.spawn().unwrap(),
        }
    }

    fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn change(&self, from: &str, to: &str) {
        let page = self.path("sites").join(SITE).join("index.html");
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains(from));
        std::fs::write(&page, text.replace(from, to)).unwrap();
    }

    /// `run.json` of every run, oldest first.
    fn runs(&self) -> Vec<Value> {
        let entries = std::fs::read_dir(self.path("out/runs"))
            .into_iter()
            .flatten()
            .flatten();
        let read = entries.filter_map(|entry| std::fs::read(entry.path().join("run.json")).ok());
        let mut runs: Vec<Value> = read.map(|text| serde_json::from_slice(&text).unwrap()).collect();
        runs.sort_by_key(|run| run["run"].as_str().unwrap().to_owned());
        runs
    }

    fn under_way(&self) -> Option<String> {
        let runs = self.runs();
        let run = runs.iter().find(|run| run["state"] == "running")?;
        Some(run["run"].as_str().unwrap().to_owned())
    }

    fn state_of(&self, name: &str) -> String {
        let run = self.runs().into_iter().find(|run| run["run"] == name).unwrap();
        run["state"].as_str().unwrap().to_owned()
    }
}

struct Scheduler {
    child: Child,
}

impl Scheduler {
    /// As when the power fails: neither it nor its audit has a chance to say anything.
    fn kill(mut self) {
        for audit in children_of(self.child.id()) {
            signal(audit, "-KILL");
        }
        signal(self.child.id(), "-KILL");
        self.child.wait().unwrap();
    }

    /// Told to end, as a container or service is: its exit code, and how long it took.
    async fn end(mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        signal(self.child.id(), "-TERM");
        let status = tokio::task::spawn_blocking(move || self.child.wait().unwrap())
            .await
            .unwrap();
        (status.code(), began.elapsed())
    }
}

fn children_of(process: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let parent_of = |id: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // pid (name) state parent …
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| parent_of(*id) == Some(process))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Messages that a webhook took, each once.
fn messages(inbox: &Inbox) -> Vec<Value> {
    let mut taken: Vec<Value> = Vec::new();
    for posted in inbox.posted() {
        let message: Value = serde_json::from_slice(&posted.body).unwrap();
        if taken.iter().all(|known| known["id"] != message["id"]) {
            taken.push(message);
        }
    }
    taken
}

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
    let address = place
        .log()
        .iter()
        .find_map(|line| {
            let message = line["message"].as_str()?.to_owned();
            Some(message.split_once("http://")?.1.split('/').next()?.to_owned())
        })
        .unwrap();
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

async fn ask(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
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
