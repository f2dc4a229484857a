//! `[schedule]`: which lists are audited when, and where the scheduler is asked how it is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::bounds::within;

/// A run that would begin up to a day late is none of that day.
const DELAY_MAX_S: u64 = 43_200;
const RETRY_PAUSE_MAX_S: u64 = 3_600;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleSettings {
    /// Where `/healthz` and `/metrics` are; they tell nothing secret, but nothing to strangers either.
    pub listen: SocketAddr,
    /// In which the cron expressions are read, where a list names none.
    pub timezone: String,
    /// A run begins up to so much later, by chance, where a list says nothing else.
    pub delay_max_s: u64,
    /// Before an audit that died is gone on with; five times as long when it dies again.
    pub retry_pause_s: u64,
    /// Lists that are audited at the same time; others wait for their turn.
    pub runs_at_once: usize,
    pub list: Vec<ScheduledList>,
}

/// `[[schedule.list]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduledList {
    /// Small letters, digits, `-` and `_`: in metrics, messages and on the command line.
    pub name: String,
    /// The list, CSV or XLSX.
    pub sites: PathBuf,
    /// `0 1 * * *`: minute, hour, day, month, weekday; with a sixth field before them, seconds.
    pub cron: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_max_s: Option<u64>,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)),
            timezone: "Asia/Ho_Chi_Minh".to_owned(),
            delay_max_s: 0,
            retry_pause_s: 60,
            runs_at_once: 1,
            list: Vec::new(),
        }
    }
}

impl ScheduleSettings {
    pub(super) fn check_bounds(&self) -> Result<(), SettingsError> {
        within("schedule.delay_max_s", self.delay_max_s, 0..=DELAY_MAX_S)?;
        within(
            "schedule.retry_pause_s",
            self.retry_pause_s,
            0..=RETRY_PAUSE_MAX_S,
        )?;
        within("schedule.runs_at_once", self.runs_at_once as u64, 1..=20)?;
        for list in &self.list {
            let delay = list.delay_max_s.unwrap_or_default();
            within("schedule.list.delay_max_s", delay, 0..=DELAY_MAX_S)?;
        }
        Ok(())
    }
}
