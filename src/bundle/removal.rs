//! Bags whose time is over. Each leaves a tombstone that says what was removed, when and why, and the list of the
//! run as it was before stays beside the new one.
//!
//! The steps, in this order, so that a crash between any two loses nothing: the list of the run is kept under
//! another name, tombstones are written, bags are set aside under hidden names, the run is sealed without them,
//! and what was set aside is removed. Where it broke off, [`RunFolder::undo_removals`] takes back what had not
//! begun, and sealing and removing once more bring the rest to its end.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::bag::{DATA, INFO, MANIFEST, TAG_MANIFEST, sync_folder};
use super::manifest::{Spelling, hash_file, read_limited, read_manifest};
use super::run_folder::{RunFolder, StoreError};
use super::seal::{SITES, sums_of_bag};
use super::walk::{folders_in, visit_number};
use crate::judge::KnownSite;
use crate::settings::RetentionSettings;
use crate::site::SiteId;

/// Written into every tombstone.
pub(super) const SCHEMA: &str = "emc-audit/removed/1";
const TOMBSTONE_SUFFIX: &str = ".removed.json";
const ASIDE_SUFFIX: &str = ".removed.partial";

/// Whose time it was that was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovedBecause {
    /// Of a site that passes.
    Passing,
    /// Of a site that fails, waits for a person or was not measured.
    Failing,
}

impl RemovedBecause {
    /// The word of reports and of the language files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Failing => "failing",
        }
    }
}

/// Why a bag is removed, as its tombstone says it.
#[derive(Debug, Clone)]
pub struct Removal {
    pub because: RemovedBecause,
    /// The days after which it may go.
    pub days: u64,
    /// From when they are counted: the end of the run; RFC 3339, UTC.
    pub since: String,
    /// When it is removed; RFC 3339, UTC.
    pub at: String,
    pub settings: RetentionSettings,
    /// What the run's other sites have to know of this one when they are judged again.
    pub known: Option<KnownSite>,
}

/// `visit-N.removed.json`, in the place of the bag `visit-N`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tombstone {
    pub schema: String,
    pub run: String,
    pub site: SiteId,
    pub visit: u32,
    pub at: String,
    pub because: RemovedBecause,
    pub days: u64,
    pub since: String,
    pub settings: RetentionSettings,
    pub program: String,
    /// SHA-256 of the bag's `manifest-sha256.txt` and of its `tagmanifest-sha256.txt`, which covers the other.
    pub manifest: String,
    pub tag_manifest: String,
    /// The list of the run in which the bag's files still are.
    pub listed_in: String,
    pub files: Vec<RemovedFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownSite>,
}

/// A file that was in the bag, by its path in there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedFile {
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Tombstone {
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// The name of the tombstone of a visit.
pub(super) fn tombstone_name(visit: u32) -> String {
    format!("visit-{visit}{TOMBSTONE_SUFFIX}")
}

/// The visit whose tombstone has this name.
pub(super) fn tombstone_number(name: &str) -> Option<u32> {
    visit_number(name.strip_suffix(TOMBSTONE_SUFFIX)?)
}

/// Whether a hidden folder is a bag that is being removed: only removing takes it away.
pub(super) fn is_set_aside(name: &str) -> bool {
    name.strip_suffix(ASIDE_SUFFIX)
        .and_then(|name| name.strip_prefix('.'))
        .is_some_and(|name| visit_number(name).is_some())
}

/// Reads a tombstone.
pub(super) fn read_tombstone(path: &Path) -> Result<Tombstone, StoreError> {
    let unreadable = |reason: String| StoreError::Unreadable {
        path: path.to_path_buf(),
        reason,
    };
    let text = read_limited(path)?;
    let tombstone: Tombstone = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    if tombstone.schema == SCHEMA {
        Ok(tombstone)
    } else {
        Err(unreadable(format!(
            "schema {:?}, this program reads {SCHEMA:?}",
            tombstone.schema
        )))
    }
}

impl RunFolder {
    /// The visits of a site whose bags are there, in order.
    pub fn bag_numbers(&self, site: &SiteId) -> io::Result<Vec<u32>> {
        let place = self.site_path(site);
        if !place.is_dir() {
            return Ok(Vec::new());
        }
        let mut numbers: Vec<u32> = folders_in(&place)?
            .iter()
            .filter_map(|name| visit_number(name))
            .collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Bytes of a visit, its lists left aside, as the bag itself says.
    pub fn bag_bytes(&self, site: &SiteId, visit: u32) -> u64 {
        let info = read_limited(&self.visit_path(site, visit).join(INFO)).unwrap_or_default();
        let oxum = info.lines().find_map(|line| line.strip_prefix("Payload-Oxum: "));
        let bytes = oxum.and_then(|oxum| oxum.split('.').next()?.parse().ok());
        bytes.unwrap_or_default()
    }

    /// What was removed, by site.
    ///
    /// # Errors
    /// When the run or a tombstone in it cannot be read.
    pub fn removed(&self) -> Result<BTreeMap<SiteId, Vec<Tombstone>>, StoreError> {
        let mut removed: BTreeMap<SiteId, Vec<Tombstone>> = BTreeMap::new();
        for (folder, visit) in self.tombstones()? {
            if !folder.join(format!("visit-{visit}")).is_dir() {
                let tombstone = read_tombstone(&folder.join(tombstone_name(visit)))?;
                removed.entry(tombstone.site.clone()).or_default().push(tombstone);
            }
        }
        Ok(removed)
    }

    /// The tombstone of a visit, where there is one that can be read.
    pub(super) fn tombstone(&self, site: &SiteId, visit: u32) -> Option<Tombstone> {
        let path = self.site_path(site).join(tombstone_name(visit));
        path.is_file().then(|| read_tombstone(&path).ok()).flatten()
    }

    /// Folders of sites with the numbers of their tombstones, in order.
    fn tombstones(&self) -> io::Result<Vec<(PathBuf, u32)>> {
        let mut found = Vec::new();
        let sites = self.path().join(SITES);
        for site in folders_in(&sites)? {
            let folder = sites.join(site);
            for entry in fs_err::read_dir(&folder)? {
                let name = entry?.file_name();
                if let Some(visit) = name.to_str().and_then(tombstone_number) {
                    found.push((folder.clone(), visit));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Bags that were set aside and are not removed yet.
    fn set_aside_bags(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let sites = self.path().join(SITES);
        for site in folders_in(&sites)? {
            let folder = sites.join(site);
            let names = folders_in(&folder)?;
            let aside = names.iter().filter(|name| is_set_aside(name));
            found.extend(aside.map(|name| folder.join(name)));
        }
        Ok(found)
    }

    /// Writes the tombstone of a bag that is still there. `listed_in` is the kept list of the run.
    pub fn write_tombstone(
        &self,
        site: &SiteId,
        visit: u32,
        removal: &Removal,
        listed_in: &str,
    ) -> Result<Tombstone, StoreError> {
        let bag = self.visit_path(site, visit);
        let mut files = Vec::new();
        for (path, sha256) in sums_of_bag(&bag)? {
            let bytes = fs_err::metadata(bag.join(&path))?.len();
            files.push(RemovedFile { path, bytes, sha256 });
        }
        let tombstone = Tombstone {
            schema: SCHEMA.to_owned(),
            run: self.name().to_owned(),
            site: site.clone(),
            visit,
            at: removal.at.clone(),
            because: removal.because,
            days: removal.days,
            since: removal.since.clone(),
            settings: removal.settings.clone(),
            program: crate::PROGRAM.to_owned(),
            manifest: hash_file(&bag.join(MANIFEST))?.0,
            tag_manifest: hash_file(&bag.join(TAG_MANIFEST))?.0,
            listed_in: listed_in.to_owned(),
            files,
            known: removal.known.clone(),
        };
        let name = format!("{SITES}/{}/{}", site.folder_name(), tombstone_name(visit));
        self.write_json(&name, &tombstone)?;
        sync_folder(&self.site_path(site))?;
        Ok(tombstone)
    }

    /// Puts a bag that has its tombstone under a hidden name, where nothing reads it any more.
    pub fn set_aside(&self, site: &SiteId, visit: u32) -> Result<(), StoreError> {
        let bag = self.visit_path(site, visit);
        let aside = self.site_path(site).join(format!(".visit-{visit}{ASIDE_SUFFIX}"));
        fs_err::rename(bag, aside)?;
        Ok(sync_folder(&self.site_path(site))?)
    }

    /// Tombstones of the bags that were set aside.
    ///
    /// # Errors
    /// When one of them is not there or cannot be read: then nobody knows what would be removed.
    pub fn set_aside_visits(&self) -> Result<Vec<Tombstone>, StoreError> {
        let mut found = Vec::new();
        for bag in self.set_aside_bags()? {
            let name = bag.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let visit = name.trim_start_matches('.').strip_suffix(ASIDE_SUFFIX);
            let place = bag.parent().unwrap_or(self.path());
            let tombstone = place.join(format!("{}{TOMBSTONE_SUFFIX}", visit.unwrap_or_default()));
            found.push(read_tombstone(&tombstone)?);
        }
        Ok(found)
    }

    /// Removes what was set aside, after the run was sealed without it.
    pub fn remove_set_aside(&self) -> Result<(), StoreError> {
        for bag in self.set_aside_bags()? {
            fs_err::remove_dir_all(&bag)?;
        }
        Ok(())
    }

    /// Whether a removal broke off: a bag was set aside, or a tombstone stands beside its bag or outside of the
    /// run's list.
    pub fn has_unfinished_removal(&self) -> Result<bool, StoreError> {
        if !self.set_aside_bags()?.is_empty() {
            return Ok(true);
        }
        let tombstones = self.tombstones()?;
        if tombstones.is_empty() {
            return Ok(false);
        }
        let list = self.path().join(MANIFEST);
        let listed = read_manifest(&read_limited(&list)?, Spelling::Coreutils).sums;
        Ok(tombstones.iter().any(|(folder, visit)| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            let path = format!("{SITES}/{name}/{}", tombstone_name(*visit));
            folder.join(format!("visit-{visit}")).is_dir() || !listed.contains_key(&path)
        }))
    }

    /// Takes back tombstones of bags that are still in their place: their removal had not begun.
    pub(super) fn undo_removals(&self) -> io::Result<()> {
        for (folder, visit) in self.tombstones()? {
            if folder.join(format!("visit-{visit}")).is_dir() {
                fs_err::remove_file(folder.join(tombstone_name(visit)))?;
            }
        }
        Ok(())
    }

    /// Takes back a removal of which nothing but tombstones was written, and the kept list that they name.
    pub fn take_back_removals(&self, listed_in: &str) -> Result<(), StoreError> {
        self.undo_removals()?;
        let listed = read_manifest(&read_limited(&self.path().join(MANIFEST))?, Spelling::Coreutils).sums;
        if !listed.contains_key(listed_in) {
            fs_err::remove_file(self.path().join(listed_in))?;
        }
        Ok(())
    }

    /// Sums of what was removed of a site's payload, by path in the site's folder.
    pub(super) fn removed_sums(&self, site: &SiteId, visit: u32) -> Option<Vec<(String, String)>> {
        let files = self.tombstone(site, visit)?.files.into_iter();
        let payload = files.filter(|file| file.path.starts_with(&format!("{DATA}/")));
        Some(
            payload
                .map(|file| (format!("visit-{visit}/{}", file.path), file.sha256))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests;
