//! What there is on disk of each site that its pages show: pictures, the sums of its evidence, its calls of EMC.

use rayon::prelude::*;

use super::calls::{VisitCalls, calls_of};
use super::pictures::{ShownPicture, Thumb, make_pictures};
use crate::bundle::{RunFolder, StoreError};
use crate::emc::EmcSettings;
use crate::verdict::SiteResult;

/// Beside `result.json`: the calls of all visits, so that nobody has to read the bags for them again.
const CALLS: &str = "calls.json";

/// The files of one site; paths are relative to the run's folder.
#[derive(Debug, Clone, Default)]
pub struct Exhibits {
    /// Where what judging makes of the site lies.
    pub(super) place: String,
    pub(super) thumbs: Vec<Thumb>,
    pub(super) shown: Vec<ShownPicture>,
    /// Files of the visits, by their paths in the site's folder, with their sums.
    pub(super) sums: Vec<(String, String)>,
    pub(super) calls: Vec<VisitCalls>,
}

/// Where the files of a run's sites are, or are to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub folder: &'a RunFolder,
    /// The folder of what judging makes inside the run's, with a slash at its end, or empty for the run's own.
    pub base: &'a str,
    pub emc: &'a EmcSettings,
}

impl Place<'_> {
    /// Makes the files of all sites, several at a time.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn make_all(&self, results: &[SiteResult]) -> Result<Vec<Exhibits>, StoreError> {
        results
            .par_iter()
            .map(|result| self.files(&result.clone(), true))
            .collect()
    }

    /// Says which files there are of each site, without making any.
    ///
    /// # Errors
    /// When the folder of a site cannot be made.
    pub fn find_all(&self, results: &[SiteResult]) -> Result<Vec<Exhibits>, StoreError> {
        results.iter().map(|result| self.files(result, false)).collect()
    }

    fn files(&self, result: &SiteResult, make: bool) -> Result<Exhibits, StoreError> {
        let place = format!("{}sites/{}", self.base, result.site.folder_name());
        fs_err::create_dir_all(self.folder.path().join(&place))?;
        let (thumbs, shown) = make_pictures(self.folder, result, &place, make)?;
        Ok(Exhibits {
            thumbs,
            shown,
            sums: self.folder.evidence_sums(&result.site),
            calls: self.calls(result, &place, make)?,
            place,
        })
    }

    /// From the bags when they are made; else, and where there is no bag any more, as they were kept.
    fn calls(&self, result: &SiteResult, place: &str, make: bool) -> Result<Vec<VisitCalls>, StoreError> {
        let path = self.folder.path().join(place).join(CALLS);
        let kept = || serde_json::from_slice(&fs_err::read(&path).ok()?).ok();
        if !make && let Some(kept) = kept() {
            return Ok(kept);
        }
        // A visit that cannot be read is evidence of nothing here; judging has said so before.
        let visits = self.folder.visits(&result.site).unwrap_or_default();
        let calls = calls_of(&visits, self.emc);
        if calls.is_empty() {
            return Ok(kept().unwrap_or_default());
        }
        if make {
            fs_err::write(&path, serde_json::to_vec(&calls).map_err(std::io::Error::from)?)?;
        }
        Ok(calls)
    }
}
