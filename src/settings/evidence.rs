//! `[evidence]`: what proves later that a run is as it was: the agency's signature of its list.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvidenceSettings {
    /// Secret key in the format of minisign, by which the list of each run is signed.
    pub sign_key: Option<PathBuf>,
    /// File with the password of that key, if it has one.
    pub sign_password_file: Option<PathBuf>,
}
