//! A working folder of the scheduler: a copy of some sites of the fixture province, lists, settings, and the real
//! binary over them.
#![allow(clippy::unwrap_used, dead_code)] // each test file uses a part of it

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use fixture_web::{FixtureWeb, Options};
use serde_json::{Value, json};

use crate::inbox::Inbox;
use crate::support::{fixtures, signal};

pub const SITE: &str = "sxd.tinhmau.gov.vn";
pub const LIST: &str = "url,name,role,portal\n\
    tinhmau.gov.vn,Cổng,portal,\n\
    sxd.tinhmau.gov.vn,Sở Xây dựng,component,tinhmau.gov.vn\n";
pub const SECRET: &str = "khóa ký thử";
pub const SCRIPT: &str = "embed/gov-tracking.min.js";
pub const BROKEN: &str = "embed/404.js";

/// Folders and files of the test.
pub struct Place {
    pub folder: tempfile::TempDir,
    pub web: FixtureWeb,
}

impl Place {
    /// A copy of the sites, so that they can be changed.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With other sites besides: folder and `site.toml`.
    pub async fn with(others: &[(&str, &str)]) -> Self {
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

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub async fn write_settings(&self, inbox: &Inbox, cron: &str) {
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

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emc-audit"));
        command
            .arg("--settings")
            .arg(self.path("emc-audit.toml"))
            .args(arguments);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub async fn said(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Starts the scheduler; what it says goes on in one file.
    pub fn start(&self) -> Scheduler {
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

    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        // The last line may be half written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Where the newest scheduler is asked how it is, once it has said so.
    pub fn address(&self) -> Option<String> {
        self.log().iter().rev().find_map(|line| {
            let message = line["message"].as_str()?.to_owned();
            Some(message.split_once("http://")?.1.split('/').next()?.to_owned())
        })
    }

    /// What the scheduler remembers of a list.
    pub fn remembered(&self, list: &str) -> Value {
        let text = std::fs::read(self.path("out/schedule.json")).unwrap();
        let known: Value = serde_json::from_slice(&text).unwrap();
        known["lists"][list].clone()
    }

    /// Writes over a part of the settings.
    pub fn set(&self, from: &str, to: &str) {
        let path = self.path("emc-audit.toml");
        let settings = std::fs::read_to_string(&path).unwrap();
        assert!(settings.contains(from), "{settings}");
        std::fs::write(path, settings.replace(from, to)).unwrap();
    }

    pub fn change(&self, from: &str, to: &str) {
        let page = self.path("sites").join(SITE).join("index.html");
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains(from));
        std::fs::write(&page, text.replace(from, to)).unwrap();
    }

    /// `run.json` of every run, oldest first.
    pub fn runs(&self) -> Vec<Value> {
        let entries = std::fs::read_dir(self.path("out/runs"))
            .into_iter()
            .flatten()
            .flatten();
        let read = entries.filter_map(|entry| std::fs::read(entry.path().join("run.json")).ok());
        let mut runs: Vec<Value> = read.map(|text| serde_json::from_slice(&text).unwrap()).collect();
        runs.sort_by_key(|run| run["run"].as_str().unwrap().to_owned());
        runs
    }

    pub fn under_way(&self) -> Option<String> {
        let runs = self.runs();
        let run = runs.iter().find(|run| run["state"] == "running")?;
        Some(run["run"].as_str().unwrap().to_owned())
    }

    pub fn state_of(&self, name: &str) -> String {
        let run = self.runs().into_iter().find(|run| run["run"] == name).unwrap();
        run["state"].as_str().unwrap().to_owned()
    }
}

pub struct Scheduler {
    pub child: Child,
}

impl Scheduler {
    /// As when the power fails: neither it nor its audit has a chance to say anything.
    pub fn kill(mut self) {
        // Held still first: it would see its audit die, and say so.
        signal(self.child.id(), "-STOP");
        for audit in children_of(self.child.id()) {
            signal(audit, "-KILL");
        }
        signal(self.child.id(), "-KILL");
        self.child.wait().unwrap();
    }

    /// Told to end, as a container or service is: its exit code, and how long it took.
    pub async fn end(mut self) -> (Option<i32>, Duration) {
        let began = Instant::now();
        signal(self.child.id(), "-TERM");
        let status = tokio::task::spawn_blocking(move || self.child.wait().unwrap())
            .await
            .unwrap();
        (status.code(), began.elapsed())
    }
}

pub fn children_of(process: u32) -> Vec<u32> {
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

pub fn copy(from: &Path, to: &Path) {
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

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub async fn ask(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Messages that a webhook took, each once.
pub fn messages(inbox: &Inbox) -> Vec<Value> {
    let mut taken: Vec<Value> = Vec::new();
    for posted in inbox.posted() {
        let message: Value = serde_json::from_slice(&posted.body).unwrap();
        if taken.iter().all(|known| known["id"] != message["id"]) {
            taken.push(message);
        }
    }
    taken
}
