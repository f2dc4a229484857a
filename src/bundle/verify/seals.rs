//! What stands behind the lists of a run: the signature of the agency, and time stamps of authorities. A list that was
//! replaced keeps its own.

use std::path::Path;

use serde::Serialize;

use super::report::{ProblemKind, Reason, VerifyReport};
use super::run::Trust;
use crate::bundle::bag::MANIFEST;
use crate::bundle::manifest::read_limited;
use crate::bundle::seal::{STAMP_SUFFIXES, is_kept_list};
use crate::bundle::signature::{SIGNATURE_SUFFIX, Signed, check_signature};
use crate::bundle::timestamp::check_stamp;

/// A list of the run, with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seal {
    pub list: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub time_stamps: Vec<StampReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StampReport {
    pub state: StampState,
    /// When the list was there; RFC 3339, UTC. Unknown where the stamp is not good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The subject of the authority's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StampState {
    Good,
    /// Good by the certificate that came with it; no trusted root was given.
    NotRooted,
    Bad,
}

impl StampState {
    /// The word of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "stamp_good",
            Self::NotRooted => "stamp_not_rooted",
            Self::Bad => "stamp_bad",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    pub state: SignatureState,
    /// The number of the key, as minisign shows it; unknown where nothing can be read.
    pub key: String,
    /// What the signer said of the list, and signed with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    Good,
    /// No key was given.
    Unchecked,
    /// By another key than the one that was given.
    OtherKey,
    Bad,
}

impl SignatureState {
    /// The word of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "signature_good",
            Self::Unchecked => "signature_unchecked",
            Self::OtherKey => "signature_other_key",
            Self::Bad => "signature_bad",
        }
    }
}

/// Looks at the list of the run and at the earlier ones that were kept.
pub(super) fn check_seals(root: &Path, trust: &Trust, report: &mut VerifyReport) {
    let mut lists: Vec<String> = fs_err::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name == MANIFEST || is_kept_list(name))
        .collect();
    lists.sort_by_key(|name| (name != MANIFEST, name.len(), name.clone()));
    for list in lists {
        let signature = signature_of(root, &list, trust, report);
        let time_stamps = stamps_of(root, &list, trust, report);
        if signature.is_some() || !time_stamps.is_empty() {
            report.seals.push(Seal {
                list,
                signature,
                time_stamps,
            });
        }
    }
}

/// Longer time stamps are none.
const STAMP_BYTES_MAX: u64 = 1 << 20;

/// A file of the run, if it is one; links are named elsewhere and not followed.
fn read(root: &Path, name: &str) -> Option<String> {
    let path = root.join(name);
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    is_file.then(|| read_limited(&path).ok()).flatten()
}

fn stamps_of(root: &Path, list: &str, trust: &Trust, report: &mut VerifyReport) -> Vec<StampReport> {
    let mut stamps = Vec::new();
    for suffix in STAMP_SUFFIXES {
        let name = format!("{list}{suffix}");
        let path = root.join(&name);
        let is_there = path
            .symlink_metadata()
            .is_ok_and(|found| found.is_file() && found.len() <= STAMP_BYTES_MAX);
        if !is_there {
            continue;
        }
        let bytes = read(root, list).unwrap_or_default();
        let answer = fs_err::read(&path).unwrap_or_default();
        stamps.push(
            match check_stamp(&answer, bytes.as_bytes(), None, trust.roots.as_ref()) {
                Ok(stamp) => StampReport {
                    state: if stamp.is_rooted {
                        StampState::Good
                    } else {
                        StampState::NotRooted
                    },
                    at: Some(stamp.at.to_string()),
                    authority: Some(stamp.authority),
                },
                Err(error) => {
                    let (kind, reason) = (ProblemKind::Changed, Reason::TimeStamp);
                    report.note(kind, name, Some(reason), Some(error.to_string()));
                    StampReport {
                        state: StampState::Bad,
                        at: None,
                        authority: None,
                    }
                }
            },
        );
    }
    stamps
}

fn signature_of(
    root: &Path,
    list: &str,
    trust: &Trust,
    report: &mut VerifyReport,
) -> Option<SignatureReport> {
    let name = format!("{list}{SIGNATURE_SUFFIX}");
    let is_newest = list == MANIFEST;
    let Some(text) = read(root, &name) else {
        if is_newest && trust.public_key.is_some() {
            report.note(ProblemKind::Missing, name, Some(Reason::Unsigned), None);
        }
        return None;
    };
    let bytes = read(root, list).unwrap_or_default();
    let (state, key, comment) = match check_signature(&text, bytes.as_bytes(), trust.public_key.as_ref()) {
        Signed::Good { key, comment } => (SignatureState::Good, key, Some(comment)),
        Signed::Unchecked { key } => (SignatureState::Unchecked, key, None),
        Signed::OtherKey { key } => {
            // A key may have been replaced since an earlier list was signed.
            if is_newest {
                let (kind, reason) = (ProblemKind::DoesNotBelong, Reason::OtherKey);
                report.note(kind, name, Some(reason), Some(key.clone()));
            }
            (SignatureState::OtherKey, key, None)
        }
        Signed::Bad(detail) => {
            let (kind, reason) = (ProblemKind::Changed, Reason::Signature);
            report.note(kind, name, Some(reason), Some(detail));
            (SignatureState::Bad, String::new(), None)
        }
    };
    Some(SignatureReport { state, key, comment })
}
