//! A run that is signed, sealed anew with and without the key, and touched.
#![allow(clippy::unwrap_used)]

use super::seals::SignatureState;
use super::{ProblemKind, Reason, Trust, VerifyReport, verify_by};
use crate::bundle::{RunFolder, Signer, Verifier, make_keys, sample};

struct Stand {
    folder: tempfile::TempDir,
    run: RunFolder,
    signer: Signer,
    trust: Trust,
}

/// A signed run of one site.
fn stand() -> Stand {
    let folder = tempfile::tempdir().unwrap();
    let (public, secret) = make_keys(&folder.path().join("keys"), None).unwrap();
    let signer = Signer::read(&secret, None).unwrap();
    let run = RunFolder::create(folder.path(), "2026-11-21T02:00:00Z".parse().unwrap()).unwrap();
    run.store_visit(&sample::observation("a.gov.vn", 1), &[]).unwrap();
    let record = serde_json::json!({"run": run.name()}).to_string();
    run.write_file("run.json", record.as_bytes()).unwrap();
    run.seal(Some(&signer)).unwrap();
    let trust = Trust {
        public_key: Some(Verifier::read(public.to_str().unwrap()).unwrap()),
        roots: None,
    };
    Stand {
        folder,
        run,
        signer,
        trust,
    }
}

impl Stand {
    fn checked(&self) -> VerifyReport {
        verify_by(self.run.path(), &self.trust).unwrap()
    }

    /// Lists with what their signatures are.
    fn seals(&self) -> Vec<(String, SignatureState)> {
        let seals = self.checked().seals.into_iter();
        seals
            .map(|seal| (seal.list, seal.signature.unwrap().state))
            .collect()
    }

    fn write(&self, text: &str) {
        self.run.write_file("results.jsonl", text.as_bytes()).unwrap();
    }
}

#[test]
fn a_signed_run_is_checked_by_the_public_key() {
    let stand = stand();
    let report = stand.checked();
    assert!(report.sound, "{:?}", report.problems);
    let signature = report.seals[0].signature.clone().unwrap();
    assert_eq!(signature.state, SignatureState::Good);
    assert!(signature.comment.unwrap().contains(stand.run.name()));
    let unchecked = verify_by(stand.run.path(), &Trust::default()).unwrap();
    assert!(unchecked.sound);
    let signature = unchecked.seals[0].signature.clone().unwrap();
    assert_eq!(signature.state, SignatureState::Unchecked);

    let (other, _) = make_keys(&stand.folder.path().join("other"), None).unwrap();
    let other = Trust {
        public_key: Some(Verifier::read(other.to_str().unwrap()).unwrap()),
        roots: None,
    };
    let report = verify_by(stand.run.path(), &other).unwrap();
    assert_eq!(report.problems[0].reason, Some(Reason::OtherKey));
}

#[test]
fn a_list_that_somebody_replaced_is_not_the_one_that_was_signed() {
    let stand = stand();
    let signature = stand.run.path().join("manifest-sha256.txt.minisig");
    let text = fs_err::read(&signature).unwrap();
    stand.write("{}\n");
    stand.run.seal(None).unwrap();
    fs_err::write(&signature, text).unwrap();
    let report = stand.checked();
    let problems: Vec<(ProblemKind, Option<Reason>)> =
        report.problems.iter().map(|one| (one.kind, one.reason)).collect();
    assert_eq!(problems, [(ProblemKind::Changed, Some(Reason::Signature))]);
}

#[test]
fn a_run_that_is_sealed_again_is_signed_again_or_keeps_its_earlier_signature() {
    use SignatureState::Good;
    let stand = stand();
    let newest = || "manifest-sha256.txt".to_owned();
    stand.write("{\"one\": 1}\n");
    stand.run.seal(Some(&stand.signer)).unwrap();
    assert_eq!(stand.seals(), [(newest(), Good)], "nothing has to be kept");
    // What says the same stays as it is.
    let signature = stand.run.path().join("manifest-sha256.txt.minisig");
    let before = fs_err::read(&signature).unwrap();
    stand.run.seal(Some(&stand.signer)).unwrap();
    stand.run.seal(None).unwrap();
    assert_eq!(fs_err::read(&signature).unwrap(), before);

    // Without the key the new list has no signature, and the earlier one keeps its own.
    stand.write("{\"two\": 2}\n");
    stand.run.seal(None).unwrap();
    let report = stand.checked();
    let reasons: Vec<Option<Reason>> = report.problems.iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [Some(Reason::Unsigned)]);
    let kept = "manifest-sha256.1.txt".to_owned();
    assert_eq!(stand.seals(), [(kept.clone(), Good)]);
    let unchecked = verify_by(stand.run.path(), &Trust::default()).unwrap();
    assert!(unchecked.sound, "{:?}", unchecked.problems);

    // And with it again, both are.
    stand.run.seal(Some(&stand.signer)).unwrap();
    assert_eq!(stand.seals(), [(newest(), Good), (kept, Good)]);
    assert!(stand.checked().sound);
}
