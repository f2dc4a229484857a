//! `manifest-sha256.txt` of a whole run: written last, and again whenever something is written anew.
//!
//! The sums of bags are taken from the bags: judging a run again must not hide that a visit was changed
//! meanwhile.

use std::io;
use std::path::Path;

use super::bag::{DATA, MANIFEST, TAG_MANIFEST, is_partial, sync_folder};
use super::manifest::{Spelling, Sums, hash_file, read_limited, read_manifest, write_manifest};
use super::run_folder::{RunFolder, StoreError};
use super::signature::{SIGNATURE_SUFFIX, Signer};
use super::walk::{Entry, folders_in, visit_number, walk};

/// Sites of a run.
pub(super) const SITES: &str = "sites";

impl RunFolder {
    /// Lists everything in the run with its sum, and signs the list where there is a key. Removals that had not
    /// begun are taken back before. What proved the list from before is kept with it, unless it is proved anew.
    pub fn seal(&self, signer: Option<&Signer>) -> Result<(), StoreError> {
        self.sweep_partial()?;
        self.undo_removals()?;
        let mut sums = Sums::new();
        let sites = self.path().join(SITES);
        for site in folders_in(&sites)? {
            for visit in folders_in(&sites.join(&site))? {
                if visit_number(&visit).is_some() {
                    let of_bag = sums_of_bag(&sites.join(&site).join(&visit))?.into_iter();
                    sums.extend(of_bag.map(|(path, sum)| (format!("{SITES}/{site}/{visit}/{path}"), sum)));
                }
            }
        }
        for (path, entry) in walk(self.path(), |path| is_bag(path) || is_unfinished(path))? {
            if entry == Entry::File && !is_newest_list(&path) {
                let (sum, _) = hash_file(&self.path().join(&path))?;
                sums.insert(path, sum);
            }
        }
        self.put_list(sums, signer)
    }

    /// Puts a list into its place. One that says the same stays, with all that proves it.
    fn put_list(&self, mut sums: Sums, signer: Option<&Signer>) -> Result<(), StoreError> {
        let place = |suffix: &str| self.path().join(format!("{MANIFEST}{suffix}"));
        let text = write_manifest(&sums, Spelling::Coreutils);
        let before = fs_err::read(place("")).ok();
        if before.as_deref() != Some(text.as_bytes()) {
            let is_signed_anew = signer.is_some();
            let proofs: Vec<&str> = PROOFS
                .into_iter()
                .filter(|suffix| place(suffix).is_file())
                .collect();
            let is_needed = proofs
                .iter()
                .any(|suffix| *suffix != SIGNATURE_SUFFIX || !is_signed_anew);
            if before.is_some() && !proofs.is_empty() && (is_needed || self.is_list_kept()?) {
                let kept = self.keep_list()?;
                for suffix in &proofs {
                    fs_err::rename(place(suffix), self.path().join(format!("{kept}{suffix}")))?;
                }
                for suffix in proofs.iter().chain(&[""]) {
                    let name = format!("{kept}{suffix}");
                    let (sum, _) = hash_file(&self.path().join(&name))?;
                    sums.insert(name, sum);
                }
            }
            for suffix in PROOFS.into_iter().filter(|suffix| place(suffix).is_file()) {
                fs_err::remove_file(place(suffix))?;
            }
            let text = write_manifest(&sums, Spelling::Coreutils);
            self.write_file(MANIFEST, text.as_bytes())?;
        }
        match signer {
            Some(signer) if !place(SIGNATURE_SUFFIX).is_file() => self.sign_list(signer),
            _ => Ok(()),
        }
    }

    /// How many time stamps the run's list has.
    pub fn stamps(&self) -> usize {
        let place = |suffix: &&&str| self.path().join(format!("{MANIFEST}{suffix}")).is_file();
        STAMP_SUFFIXES.iter().filter(place).count()
    }

    /// The list of the run as it is.
    pub fn list_bytes(&self) -> Result<Vec<u8>, StoreError> {
        Ok(fs_err::read(self.path().join(MANIFEST))?)
    }

    /// Keeps a time stamp of `list`; not where the run has another list by now, or all that it may have. Whether it
    /// was kept.
    ///
    /// # Errors
    /// When it cannot be written, or another program works on the run.
    pub fn keep_stamp(&self, list: &[u8], answer: &[u8]) -> Result<bool, StoreError> {
        let _lock = self.lock()?;
        let free = STAMP_SUFFIXES
            .iter()
            .map(|suffix| format!("{MANIFEST}{suffix}"))
            .find(|name| !self.path().join(name).is_file());
        match free {
            Some(name) if self.list_bytes()? == list => {
                self.write_file(&name, answer)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_list_kept(&self) -> Result<bool, StoreError> {
        let (sum, _) = hash_file(&self.path().join(MANIFEST))?;
        for number in 1_u32.. {
            let kept = self.path().join(format!("{KEPT_PREFIX}{number}{KEPT_SUFFIX}"));
            if !kept.is_file() {
                return Ok(false);
            }
            if hash_file(&kept)?.0 == sum {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The SHA-256 of the run's list.
    pub fn list_sum(&self) -> Result<String, StoreError> {
        Ok(hash_file(&self.path().join(MANIFEST))?.0)
    }

    /// Keeps the list of the run as it is under a name of its own, which is given. One that is kept already is
    /// not kept twice.
    pub fn keep_list(&self) -> Result<String, StoreError> {
        let list = self.path().join(MANIFEST);
        let (sum, _) = hash_file(&list)?;
        for number in 1_u32.. {
            let name = format!("{KEPT_PREFIX}{number}{KEPT_SUFFIX}");
            let kept = self.path().join(&name);
            if kept.symlink_metadata().is_err() {
                // The new list takes the name of the old one, and not its place on the disk.
                if fs_err::hard_link(&list, &kept).is_err() {
                    self.write_file(&name, &fs_err::read(&list)?)?;
                }
                sync_folder(self.path())?;
                return Ok(name);
            }
            if hash_file(&kept)?.0 == sum {
                return Ok(name);
            }
        }
        Err(io::Error::other("no free name for the list of the run").into())
    }
}

/// What stands behind the name of a list and proves it.
const PROOFS: [&str; 4] = [
    SIGNATURE_SUFFIX,
    STAMP_SUFFIXES[0],
    STAMP_SUFFIXES[1],
    STAMP_SUFFIXES[2],
];
/// Answers of time-stamping authorities; more than three are never asked for.
pub(super) const STAMP_SUFFIXES: [&str; 3] = [".tsr", ".2.tsr", ".3.tsr"];
const KEPT_PREFIX: &str = "manifest-sha256.";
const KEPT_SUFFIX: &str = ".txt";

/// Whether a file of the run is an earlier list of it.
pub(super) fn is_kept_list(name: &str) -> bool {
    name.strip_prefix(KEPT_PREFIX)
        .and_then(|rest| rest.strip_suffix(KEPT_SUFFIX))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a file is the newest list of a run, or proves it: these are in no list.
pub(super) fn is_newest_list(name: &str) -> bool {
    name.strip_prefix(MANIFEST)
        .is_some_and(|suffix| suffix.is_empty() || PROOFS.contains(&suffix))
}

/// A bag that is being written or removed, or that a killed run left behind: not there.
pub(super) fn is_unfinished(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(is_partial)
}

/// Whether a folder of a run, by its path, is the bag of a visit.
pub(super) fn is_bag(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some(SITES)
        && parts.next().is_some()
        && parts.next().is_some_and(|name| visit_number(name).is_some())
        && parts.next().is_none()
}

/// What a bag says of its own files, by path in the bag.
pub(super) fn sums_of_bag(bag: &Path) -> io::Result<Sums> {
    let mut sums = Sums::new();
    for name in [MANIFEST, TAG_MANIFEST] {
        let payload = name == MANIFEST;
        let text = read_limited(&bag.join(name))?;
        let listed = read_manifest(&text, Spelling::Bag).sums.into_iter();
        sums.extend(listed.filter(|(path, _)| path.starts_with(&format!("{DATA}/")) == payload));
    }
    let (sum, _) = hash_file(&bag.join(TAG_MANIFEST))?;
    sums.insert(TAG_MANIFEST.to_owned(), sum);
    Ok(sums)
}
