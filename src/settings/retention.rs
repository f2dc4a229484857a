//! `[retention]`: for how long what is kept. A year is the least for the connection log and for evidence that speaks
//! against a site; who wants less has to write down why.

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::bounds::within;

/// A year, the least that guidance 2.5 asks for.
pub const YEAR_DAYS: u64 = 365;
/// Longer than a century is a slip of the pen.
const DAYS_MAX: u64 = 36_500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionSettings {
    /// Evidence of sites that pass.
    pub passing_days: u64,
    /// Evidence of sites that fail, wait for a person or could not be measured.
    pub failing_days: u64,
    /// Lines of the connection log.
    pub log_days: u64,
    /// Why `failing_days` or `log_days` may be less than a year; without a reason they may not.
    pub below_a_year: Option<String>,
    /// Prune at the end of each run.
    pub after_run: bool,
}

impl Default for RetentionSettings {
    /// A month more than the year: a year is looked at after its end.
    fn default() -> Self {
        Self {
            passing_days: 90,
            failing_days: 396,
            log_days: 396,
            below_a_year: None,
            after_run: false,
        }
    }
}

impl RetentionSettings {
    pub(super) fn check_bounds(&self) -> Result<(), SettingsError> {
        within("retention.passing_days", self.passing_days, 1..=DAYS_MAX)?;
        within("retention.failing_days", self.failing_days, 1..=DAYS_MAX)?;
        within("retention.log_days", self.log_days, 1..=DAYS_MAX)?;
        let has_reason = self
            .below_a_year
            .as_ref()
            .is_some_and(|reason| !reason.trim().is_empty());
        for (key, days) in [
            ("retention.failing_days", self.failing_days),
            ("retention.log_days", self.log_days),
        ] {
            if days < YEAR_DAYS && !has_reason {
                return Err(SettingsError::BelowAYear { key, days });
            }
        }
        Ok(())
    }
}
