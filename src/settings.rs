//! Settings: `emc-audit.toml`, then `EMC_AUDIT_*`, then flags. The defaults live here and nowhere else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bundle::PASSWORD_VARIABLE;
use crate::emc::EmcSettings;
use crate::network::{AddressRange, ConnectTo, Proxy};
use crate::observation::Engine;

mod bounds;
mod discovery;
mod evidence;
mod notify;
mod retention;
mod schedule;

pub use discovery::DiscoverySettings;
pub use evidence::EvidenceSettings;
pub use notify::{MailSettings, MailTls, NotifySettings, WebhookSettings, When};
pub use retention::RetentionSettings;
pub use schedule::{ScheduleSettings, ScheduledList};

/// File that is read from the working folder when none is named.
pub const DEFAULT_FILE: &str = "emc-audit.toml";
/// `EMC_AUDIT_VISIT__SOFT_LIMIT_S=20` sets `soft_limit_s` in `[visit]`.
const ENVIRONMENT_PREFIX: &str = "EMC_AUDIT_";
/// Says what is logged, and is no setting of a run.
pub const LOG_VARIABLE: &str = "EMC_AUDIT_LOG";
/// Says how it is written.
pub const LOG_FORMAT_VARIABLE: &str = "EMC_AUDIT_LOG_FORMAT";
/// Variables with the prefix that are no settings.
const NO_SETTINGS: [&str; 3] = [LOG_VARIABLE, LOG_FORMAT_VARIABLE, PASSWORD_VARIABLE];

/// All settings of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub run: RunSettings,
    pub visit: VisitSettings,
    pub browser: BrowserSettings,
    pub network: NetworkSettings,
    pub emc: EmcSettings,
    pub discovery: DiscoverySettings,
    pub schedule: ScheduleSettings,
    pub notify: NotifySettings,
    pub evidence: EvidenceSettings,
    pub retention: RetentionSettings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunSettings {
    /// Visits in flight; 0: six for each core.
    pub concurrency: usize,
    /// Engine of first visits; empty: `shell` where installed, else `chrome`.
    pub engine: Option<Engine>,
    pub profile: Option<String>,
    /// A `rules.toml` instead of the built-in one.
    pub rules: Option<PathBuf>,
    /// Visit again before a fail is reported.
    pub confirm: bool,
    pub beacon: Beacon,
    /// Visits of the same host at the same time.
    pub visits_per_host: usize,
    /// Visits of the same resolved address at the same time; loopback and targets of `connect_to` have no limit.
    pub visits_per_address: usize,
    /// Pause between two visits of the same host.
    pub host_pause_ms: u64,
    /// How long the run waits for its own network to come back.
    pub outage_wait_s: u64,
    /// Rounds at the end of the run over sites that could not be reached, refused the visit, or were seen while
    /// EMC was silent: each pause is kept between a site's last visit and the next one. `[30, 7200]` tries
    /// once more after half a minute and once more after two hours.
    pub retry_pauses_s: Vec<u64>,
    /// The longest that a server's `Retry-After` is waited for; one that asks for longer is not visited again in the run.
    pub retry_after_max_s: u64,
}

/// What happens to calls of EMC's tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Beacon {
    /// They go out, as those of any visitor.
    #[default]
    Pass,
    /// The robot answers them itself, so that the national statistics are not touched.
    Stub,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VisitSettings {
    pub desktop: (u32, u32),
    pub mobile: (u32, u32),
    pub locale: String,
    pub time_zone: String,
    /// Added to the user agent, so that an administrator can ask who is visiting.
    pub contact: Option<String>,
    pub navigation_s: u64,
    /// After `DOMContentLoaded`; an unanswered question gets all of it.
    pub soft_limit_s: u64,
    pub hard_limit_s: u64,
    /// The visit is ended by force.
    pub watchdog_s: u64,
    /// Between the two looks at a badge.
    pub second_look_ms: u64,
    /// Taller pages are cut, and the observation says so: Chromium repeats or blanks what is below.
    pub picture_height_max: u32,
    pub picture_quality: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrowserSettings {
    /// Path of chrome-headless-shell; else it is looked for.
    pub shell: Option<PathBuf>,
    /// Path of Chromium or Chrome; else it is looked for.
    pub chrome: Option<PathBuf>,
    /// Processes of one engine at the same time; 0: one for each core.
    pub processes: usize,
    /// Visits after which a process is replaced.
    pub retire_after: u32,
    /// Heap limit of each page's script.
    pub script_memory_mib: u32,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkSettings {
    pub connect_to: Vec<ConnectTo>,
    /// `http://proxy:3128`, with a login `http://user:password@proxy:3128`.
    pub proxy: Option<Proxy>,
    /// Certificates to trust besides the browser's own list (PEM or DER): of an own authority, or of a proxy that
    /// opens TLS.
    pub extra_ca: Vec<PathBuf>,
    pub allow_private: bool,
    pub allow_private_for: Vec<AddressRange>,
    /// Addresses that tell our own outage from a site's, besides EMC's script; any HTTP answer will do.
    pub control_urls: Vec<String>,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            concurrency: 0,
            engine: None,
            profile: None,
            rules: None,
            confirm: true,
            beacon: Beacon::Pass,
            visits_per_host: 1,
            visits_per_address: 4,
            host_pause_ms: 500,
            outage_wait_s: 600,
            retry_pauses_s: vec![30],
            retry_after_max_s: 300,
        }
    }
}

impl Default for VisitSettings {
    fn default() -> Self {
        Self {
            desktop: (1366, 900),
            mobile: (390, 844),
            locale: "vi-VN".to_owned(),
            time_zone: "Asia/Ho_Chi_Minh".to_owned(),
            contact: None,
            navigation_s: 20,
            soft_limit_s: 12,
            hard_limit_s: 45,
            watchdog_s: 90,
            second_look_ms: 2000,
            picture_height_max: 16_000,
            picture_quality: 70,
        }
    }
}

impl Default for BrowserSettings {
    fn default() -> Self {
        Self {
            shell: None,
            chrome: None,
            processes: 0,
            retire_after: 100,
            script_memory_mib: 512,
        }
    }
}

impl VisitSettings {
    pub fn navigation(&self) -> Duration {
        Duration::from_secs(self.navigation_s)
    }

    pub fn soft_limit(&self) -> Duration {
        Duration::from_secs(self.soft_limit_s)
    }

    pub fn hard_limit(&self) -> Duration {
        Duration::from_secs(self.hard_limit_s)
    }

    pub fn watchdog(&self) -> Duration {
        Duration::from_secs(self.watchdog_s)
    }

    pub fn second_look(&self) -> Duration {
        Duration::from_millis(self.second_look_ms)
    }
}

impl Settings {
    /// The same without the password of a proxy: what is shown to others, or kept.
    #[must_use]
    pub fn presentable(&self) -> Self {
        let mut settings = self.clone();
        settings.network.proxy = self.network.proxy.as_ref().map(Proxy::without_login);
        settings.notify = self.notify.presentable();
        settings
    }

    /// What a run keeps of them: nothing of what goes on around it.
    #[must_use]
    pub fn of_a_run(&self) -> Self {
        Self {
            schedule: ScheduleSettings::default(),
            notify: NotifySettings::default(),
            ..self.presentable()
        }
    }
}

impl RunSettings {
    /// Visits in flight, whatever the processor is doing: as set, else six for each core.
    pub fn visits_in_flight(&self) -> usize {
        if self.concurrency > 0 {
            self.concurrency
        } else {
            6 * cores()
        }
    }

    /// Visits in flight while the processor has time for more: as set, else twelve for each core.
    pub fn most_in_flight(&self) -> usize {
        if self.concurrency > 0 {
            self.concurrency
        } else {
            12 * cores()
        }
    }
}

impl BrowserSettings {
    /// Processes of one engine: as set, else one for each core.
    pub fn processes_per_engine(&self) -> usize {
        if self.processes > 0 {
            self.processes
        } else {
            cores()
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("failed to read the settings: {0}")]
    Read(#[from] std::io::Error),
    #[error("settings in {place} are not right: {reason}")]
    Wrong { place: String, reason: String },
    #[error("{key} is {value}; it can be {least} to {most}")]
    OutOfBounds {
        key: &'static str,
        value: u64,
        least: u64,
        most: u64,
    },
    #[error("{key} is too long, or has a line break or another control character in it")]
    BadText { key: &'static str },
    /// Evidence and log are kept for a year, unless somebody says why not.
    #[error("{key} is {days}, less than a year, and retention.below_a_year gives no reason")]
    BelowAYear { key: &'static str, days: u64 },
    #[error("{key}: {value:?} is no address of the web")]
    NoAddress { key: &'static str, value: String },
}

impl Settings {
    /// Reads `file`, or `emc-audit.toml` in the working folder if there is one, and lays the
    /// environment over it.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let (text, place) = match file {
            Some(path) => (fs_err::read_to_string(path)?, path.display().to_string()),
            None if Path::new(DEFAULT_FILE).is_file() => {
                (fs_err::read_to_string(DEFAULT_FILE)?, DEFAULT_FILE.to_owned())
            }
            None => (String::new(), DEFAULT_FILE.to_owned()),
        };
        let variables = std::env::vars().filter(|(name, _)| {
            name.starts_with(ENVIRONMENT_PREFIX) && !NO_SETTINGS.contains(&name.as_str())
        });
        Self::from_parts(&text, &place, variables)
    }

    fn from_parts(
        text: &str,
        place: &str,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let wrong = |place: &str, reason: String| SettingsError::Wrong {
            place: place.to_owned(),
            reason,
        };
        // First alone, so that an error names its line in the file.
        toml::from_str::<Self>(text).map_err(|error| wrong(place, error.to_string()))?;
        let mut table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| wrong(place, error.to_string()))?;
        for (name, value) in variables {
            overlay(&mut table, &name, &value).map_err(|reason| wrong(&name, reason))?;
        }
        let settings: Self = table.try_into().map_err(|error: toml::de::Error| {
            wrong(&format!("{place}, {ENVIRONMENT_PREFIX}*"), error.to_string())
        })?;
        settings.check_bounds()?;
        Ok(settings)
    }
}

/// Puts `EMC_AUDIT_SECTION__KEY=value` into the table; a value that is no TOML literal is a string.
fn overlay(table: &mut toml::Table, name: &str, value: &str) -> Result<(), String> {
    let rest = name.trim_start_matches(ENVIRONMENT_PREFIX).to_ascii_lowercase();
    let Some((section, key)) = rest.split_once("__") else {
        return Err(
            "the form is EMC_AUDIT_SECTION__KEY, for example EMC_AUDIT_VISIT__SOFT_LIMIT_S".to_owned(),
        );
    };
    let literal = format!("value = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut parsed| parsed.remove("value"));
    let value = literal.unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let entry = table
        .entry(section)
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    match entry {
        toml::Value::Table(section) => {
            section.insert(key.to_owned(), value);
            Ok(())
        }
        _ => Err(format!("{section} is not a section")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::from_parts(text, "emc-audit.toml", variables)
    }

    #[test]
    fn nothing_set_gives_the_defaults() {
        assert_eq!(load("", &[]).unwrap(), Settings::default());
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let settings = load(
            "[visit]\nsoft_limit_s = 5\n",
            &[
                ("EMC_AUDIT_VISIT__SOFT_LIMIT_S", "7"),
                ("EMC_AUDIT_NETWORK__PROXY", "http://p:3128"),
            ],
        )
        .unwrap();
        assert_eq!(settings.visit.soft_limit_s, 7);
        let proxy = settings.network.proxy.map(|proxy| proxy.server());
        assert_eq!(proxy.as_deref(), Some("http://p:3128"));
    }

    #[test]
    fn the_settings_to_begin_with_can_be_begun_with() {
        let text = include_str!("../deploy/emc-audit.toml");
        assert_eq!(load(text, &[]).unwrap().schedule.list.len(), 2);
        // What is commented out is right too.
        let bare = text
            .lines()
            .skip(1)
            .map(|line| line.strip_prefix("# ").unwrap_or(line));
        let settings = load(&bare.collect::<Vec<_>>().join("\n"), &[]).unwrap();
        assert!(settings.notify.mail.is_some() && settings.notify.webhook.is_some());
        let kept = toml::to_string(&settings.of_a_run()).unwrap();
        let strangers = [".p.gov.vn", "@p.gov.vn", "sites.xlsx"];
        assert!(
            !strangers.iter().any(|one| kept.contains(one)),
            "a run keeps nothing of them: {kept}"
        );
        let shown = toml::to_string(&settings.presentable()).unwrap();
        assert!(
            shown.contains("https://chat.p.gov.vn") && !shown.contains("hooks"),
            "{shown}"
        );
    }

    #[test]
    fn lists_are_scheduled_by_the_environment_too() {
        let list = "[{ name = \"tinh\", sites = \"/data/sites.xlsx\", cron = \"0 1 * * *\" }]";
        let settings = load("", &[("EMC_AUDIT_SCHEDULE__LIST", list)]).unwrap();
        assert_eq!(settings.schedule.list[0].name, "tinh");
        let elsewhere = [("EMC_AUDIT_SCHEDULE__LISTEN", "0.0.0.0:9464")];
        assert_eq!(load("", &elsewhere).unwrap().schedule.listen.port(), 9464);
    }

    #[test]
    fn a_wrong_key_is_named_with_its_place() {
        let error = load("[visit]\nsoft_limit = 5\n", &[]).unwrap_err().to_string();
        assert!(
            error.contains("emc-audit.toml") && error.contains("soft_limit"),
            "{error}"
        );
    }

    #[test]
    fn values_that_would_accuse_everybody_are_refused() {
        for (text, key) in [
            (
                "[visit]\nsoft_limit_s = 0\n",
                "visit.soft_limit_s is 0; it can be 2 to 300",
            ),
            ("[visit]\ndesktop = [0, 0]\n", "visit.desktop"),
            (
                "[visit]\nhard_limit_s = 10\n",
                "visit.hard_limit_s is 10; it can be 20 to",
            ),
            ("[visit]\ncontact = \"a\\nb\"\n", "visit.contact"),
            ("[network]\ncontrol_urls = [\"chinhphu\"]\n", "chinhphu"),
            (
                "[retention]\nfailing_days = 364\n",
                "retention.failing_days is 364",
            ),
            (
                "[retention]\nlog_days = 30\nbelow_a_year = \" \"\n",
                "retention.log_days is 30",
            ),
        ] {
            let error = load(text, &[]).unwrap_err().to_string();
            assert!(error.contains(key), "{text}: {error}");
        }
        load("[visit]\ncontact = \"văn thư, tỉnh P\"\n", &[]).unwrap();
        load(
            "[retention]\nlog_days = 30\nbelow_a_year = \"máy chạy thử\"\n",
            &[],
        )
        .unwrap();
    }

    #[test]
    fn settings_read_back_as_they_were_printed() {
        let printed = toml::to_string(&Settings::default()).unwrap();
        assert_eq!(load(&printed, &[]).unwrap(), Settings::default());
    }
}
