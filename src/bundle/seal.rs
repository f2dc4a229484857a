//! `manifest-sha256.txt` of a whole run: written last, and again whenever something is written anew.
//!
//! The sums of bags are taken from the bags: judging a run again must not hide that a visit was changed
//! meanwhile.

use std::io;
use std::path::Path;

use super::bag::{DATA, MANIFEST, TAG_MANIFEST};
use super::manifest::{Spelling, Sums, hash_file, read_limited, read_manifest, write_manifest};
use super::run_folder::{RunFolder, StoreError};
use super::walk::{Entry, folders_in, visit_number, walk};

/// Sites of a run.
pub(super) const SITES: &str = "sites";

impl RunFolder {
    /// Lists everything in the run with its sum.
    pub fn seal(&self) -> Result<(), StoreError> {
        self.sweep_partial()?;
        let mut sums = Sums::new();
        let sites = self.path().join(SITES);
        for site in folders_in(&sites)? {
            for visit in folders_in(&sites.join(&site))? {
                if visit_number(&visit).is_some() {
                    let bag = sites.join(&site).join(&visit);
                    add_bag(&bag, &format!("{SITES}/{site}/{visit}/"), &mut sums)?;
                }
            }
        }
        for (path, entry) in walk(self.path(), is_bag)? {
            if entry == Entry::File && path != MANIFEST {
                let (sum, _) = hash_file(&self.path().join(&path))?;
                sums.insert(path, sum);
            }
        }
        let text = write_manifest(&sums, Spelling::Coreutils);
        self.write_file(MANIFEST, text.as_bytes())
    }
}

/// Whether a folder of a run, by its path, is the bag of a visit.
pub(super) fn is_bag(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some(SITES)
        && parts.next().is_some()
        && parts.next().is_some_and(|name| visit_number(name).is_some())
        && parts.next().is_none()
}

/// What a bag says of its own files.
fn add_bag(bag: &Path, prefix: &str, sums: &mut Sums) -> io::Result<()> {
    for name in [MANIFEST, TAG_MANIFEST] {
        let payload = name == MANIFEST;
        let text = read_limited(&bag.join(name))?;
        for (path, sum) in read_manifest(&text, Spelling::Bag).sums {
            if path.starts_with(&format!("{DATA}/")) == payload {
                sums.insert(format!("{prefix}{path}"), sum);
            }
        }
    }
    let (sum, _) = hash_file(&bag.join(TAG_MANIFEST))?;
    sums.insert(format!("{prefix}{TAG_MANIFEST}"), sum);
    Ok(())
}
