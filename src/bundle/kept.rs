//! The bags of a run as they lie there, without reading what is in them.

use std::path::PathBuf;

use super::bag::{INFO, TAG_MANIFEST};
use super::manifest::{hash_file, read_limited};
use super::run_folder::{RunFolder, StoreError, read_observation};
use super::seal::SITES;
use super::walk::{folders_in, visit_number};
use crate::observation::Observation;
use crate::site::SiteId;

/// A visit whose bag is there.
#[derive(Debug)]
pub struct KeptVisit {
    pub site: String,
    pub visit: u32,
    /// The run that the bag was made in; a recheck brings bags of the run before.
    pub run: Option<String>,
    /// SHA-256 of the bag's list of lists.
    pub bag: String,
    path: PathBuf,
    id: SiteId,
}

impl KeptVisit {
    pub fn read(&self) -> Result<Observation, StoreError> {
        read_observation(&self.path.join("data").join("observation.json"), &self.id)
    }
}

impl RunFolder {
    /// Every bag in the run, by site and number. A bag without its lists or of no known site is left out.
    pub fn kept_visits(&self) -> Result<Vec<KeptVisit>, StoreError> {
        let sites = self.path().join(SITES);
        let mut kept = Vec::new();
        for folder in folders_in(&sites)? {
            for name in folders_in(&sites.join(&folder))? {
                let path = sites.join(&folder).join(&name);
                let Some(visit) = visit_number(&name) else {
                    continue;
                };
                let (Ok((bag, _)), Ok(info)) = (
                    hash_file(&path.join(TAG_MANIFEST)),
                    read_limited(&path.join(INFO)),
                ) else {
                    continue;
                };
                let says = |label: &str| {
                    let value = |line: &str| line.strip_prefix(label)?.strip_prefix(": ").map(str::to_owned);
                    info.lines().find_map(value)
                };
                let identifier = says("External-Identifier").unwrap_or_default();
                let named = identifier.split(' ').next().unwrap_or_default();
                let Ok(id) = named.parse::<SiteId>() else { continue };
                if id.folder_name() != folder {
                    continue;
                }
                kept.push(KeptVisit {
                    site: id.to_string(),
                    visit,
                    run: says("Bag-Group-Identifier"),
                    bag,
                    path,
                    id,
                });
            }
        }
        Ok(kept)
    }
}
