//! `[evidence]`: what proves later that a run is as it was, and when it was there: the agency's signature of its list,
//! and time stamps of authorities.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::bounds::within;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvidenceSettings {
    /// Secret key in the format of minisign, by which the list of each run is signed.
    pub sign_key: Option<PathBuf>,
    /// File with the password of that key, if it has one.
    pub sign_password_file: Option<PathBuf>,
    /// Addresses of time-stamping authorities (RFC 3161), asked in this order at the end of each run.
    pub timestamp_authorities: Vec<String>,
    /// How many of them have to answer.
    pub timestamp_count: usize,
    /// How long each of them is waited for.
    pub timestamp_wait_s: u64,
    /// Certificates of authorities that are trusted (PEM or DER).
    pub timestamp_ca: Option<PathBuf>,
}

impl Default for EvidenceSettings {
    fn default() -> Self {
        Self {
            sign_key: None,
            sign_password_file: None,
            timestamp_authorities: Vec::new(),
            timestamp_count: 1,
            timestamp_wait_s: 15,
            timestamp_ca: None,
        }
    }
}

impl EvidenceSettings {
    pub fn timestamp_wait(&self) -> Duration {
        Duration::from_secs(self.timestamp_wait_s)
    }

    pub(super) fn check_bounds(&self) -> Result<(), SettingsError> {
        within("evidence.timestamp_count", self.timestamp_count as u64, 1..=3)?;
        within("evidence.timestamp_wait_s", self.timestamp_wait_s, 1..=120)
    }
}
