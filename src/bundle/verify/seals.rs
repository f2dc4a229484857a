//! What stands behind the lists of a run: the signature of the agency. A list that was replaced keeps its own.

use std::path::Path;

use serde::Serialize;

use super::report::{ProblemKind, Reason, VerifyReport};
use super::run::Trust;
use crate::bundle::bag::MANIFEST;
use crate::bundle::manifest::read_limited;
use crate::bundle::seal::is_kept_list;
use crate::bundle::signature::{SIGNATURE_SUFFIX, Signed, check_signature};

/// A list of the run, with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seal {
    pub list: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureReport>,
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
    /// The word of `language.toml`.
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
        if signature.is_some() {
            report.seals.push(Seal { list, signature });
        }
    }
}

/// A file of the run, if it is one; links are named elsewhere and not followed.
fn read(root: &Path, name: &str) -> Option<String> {
    let path = root.join(name);
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    is_file.then(|| read_limited(&path).ok()).flatten()
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
