//! The folder of one run, and the visits in it.

use std::io;
use std::path::{Path, PathBuf};

use image::RgbImage;
use jiff::Timestamp;

use super::bag::{BagError, PayloadFile, make_readable, write_bag};
use super::contents::{self, ContentsError};
use super::identity::Mixed;
use super::manifest::{Spelling, read_limited, read_manifest};
use crate::judge::PictureSource;
use crate::observation::{Observation, PictureKind, SCHEMA};
use crate::site::SiteId;
use crate::timings::step;
use crate::visit::EvidenceFile;

/// `out/runs/<run>`.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    name: String,
}

/// Why something could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("failed to write or read a run: {0}")]
    Io(#[from] io::Error),
    #[error("{path}: not a readable observation ({reason})")]
    Unreadable { path: PathBuf, reason: String },
    #[error("{path}: the observation is of {found}, not of {expected}")]
    Stranger {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error(transparent)]
    Bag(BagError),
    /// The visit was not stored, and can be made again.
    #[error(transparent)]
    Mixed(#[from] Mixed),
    #[error("run {0} is being worked on by another program")]
    Busy(String),
    #[error("another run of this list goes on")]
    ListBusy,
}

/// The right to write into a run; the system takes it back when its holder ends, however that happens.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    _held: std::fs::File,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Left behind, it would be in nobody's way.
        let _ = fs_err::remove_file(&self.path);
    }
}

impl From<BagError> for StoreError {
    fn from(error: BagError) -> Self {
        match error {
            // A disk that is full is one trouble, whatever was written.
            BagError::Io(error) => Self::Io(error),
            error => Self::Bag(error),
        }
    }
}

impl From<ContentsError> for StoreError {
    fn from(error: ContentsError) -> Self {
        match error {
            ContentsError::Mixed(mixed) => Self::Mixed(mixed),
            ContentsError::Io(error) => Self::Io(error),
        }
    }
}

impl RunFolder {
    /// Makes a new run folder, named by its UTC start (`20261121T020000Z`), with `-2` and so on when taken.
    pub fn create(out: &Path, started: Timestamp) -> Result<Self, StoreError> {
        let runs = out.join("runs");
        fs_err::create_dir_all(&runs)?;
        let stem = started.strftime("%Y%m%dT%H%M%SZ").to_string();
        for number in 1_u32.. {
            let name = if number == 1 {
                stem.clone()
            } else {
                format!("{stem}-{number}")
            };
            let path = runs.join(&name);
            match fs_err::create_dir(&path) {
                Ok(()) => {
                    fs_err::create_dir(path.join("sites"))?;
                    return Ok(Self { path, name });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::other("no free name for the run").into())
    }

    pub(super) fn at(path: PathBuf, name: String) -> Self {
        Self { path, name }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The run's name, as in results.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of all runs that it lies in; nothing for a run that was copied elsewhere.
    pub fn out(&self) -> Option<PathBuf> {
        let real = fs_err::canonicalize(&self.path).ok()?;
        let runs = real.parent().filter(|runs| runs.ends_with("runs"))?;
        runs.parent().map(Path::to_path_buf)
    }

    pub fn site_path(&self, site: &SiteId) -> PathBuf {
        self.path.join("sites").join(site.folder_name())
    }

    pub(super) fn visit_path(&self, site: &SiteId, visit: u32) -> PathBuf {
        self.site_path(site).join(format!("visit-{visit}"))
    }

    /// Writes the bag of a visit. A visit whose parts do not belong together is refused, and so is one that
    /// is there already.
    pub fn store_visit(&self, observation: &Observation, files: &[EvidenceFile]) -> Result<(), StoreError> {
        let made = step!("har").in_scope(|| contents::made_of(observation))?;
        let payload: Vec<PayloadFile<'_>> = made
            .iter()
            .chain(files)
            .map(|file| PayloadFile {
                name: &file.name,
                bytes: &file.bytes,
            })
            .collect();
        fs_err::create_dir_all(self.site_path(&observation.site))?;
        let place = self.visit_path(&observation.site, observation.visit);
        step!("write")
            .in_scope(|| write_bag(&place, &payload, &contents::info_of(observation, &self.name)))?;
        Ok(())
    }

    /// Every whole visit of a site, in order.
    pub fn visits(&self, site: &SiteId) -> Result<Vec<Observation>, StoreError> {
        let mut visits = Vec::new();
        for number in 1_u32.. {
            let path = self
                .visit_path(site, number)
                .join("data")
                .join("observation.json");
            if !path.is_file() {
                break;
            }
            visits.push(read_observation(&path, site)?);
        }
        Ok(visits)
    }

    /// Files of every visit of a site with the sums that their bags list, or listed before they were removed,
    /// by their paths in the site's folder. Nothing is hashed: a list that cannot be read is left to `verify`.
    pub fn evidence_sums(&self, site: &SiteId) -> Vec<(String, String)> {
        let of_visits = (1_u32..).map_while(|visit| {
            let path = self.visit_path(site, visit).join("manifest-sha256.txt");
            if !path.is_file() {
                return self.removed_sums(site, visit);
            }
            let sums = read_manifest(&read_limited(&path).unwrap_or_default(), Spelling::Bag).sums;
            let files = sums
                .into_iter()
                .map(|(path, sum)| (format!("visit-{visit}/{path}"), sum));
            Some(files.collect())
        });
        of_visits.flatten().collect()
    }

    /// Writes a file of the run in one step, so that a reader never sees half of it.
    pub fn write_file(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        use io::Write;
        let mut file = tempfile::Builder::new()
            .prefix(".writing-")
            .tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        let kept = file.persist(self.path.join(name)).map_err(|error| error.error)?;
        drop(kept);
        make_readable(&self.path.join(name))?;
        Ok(())
    }

    /// Keeps others from writing into this run. The lock lies outside of the run, which is evidence, and of the
    /// folder `runs`, which holds nothing else; beside a run that was copied elsewhere.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where another program has it.
    pub fn lock(&self) -> Result<RunLock, StoreError> {
        let beside = self.path.parent().unwrap_or(&self.path);
        let out = beside.parent().filter(|_| beside.ends_with("runs"));
        let path = out.unwrap_or(beside).join(format!(".{}.lock", self.name));
        loop {
            let file = fs_err::File::create(&path)?.into_file();
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => return Ok(RunLock { path, _held: file }),
                // Whoever had it removed it in between: this is a lock of nothing.
                Ok(()) => {}
                Err(std::fs::TryLockError::WouldBlock) => return Err(StoreError::Busy(self.name.clone())),
                Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }

    /// Points `out/latest` at this run.
    pub fn make_latest(&self, out: &Path) -> Result<(), StoreError> {
        let beside = out.join(format!(".latest-{}", std::process::id()));
        std::os::unix::fs::symlink(Path::new("runs").join(&self.name), &beside)?;
        fs_err::rename(&beside, out.join("latest"))?;
        Ok(())
    }
}

/// Whether an open file is still the one under this name.
fn is_at(file: &std::fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.metadata()) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

pub(super) fn read_observation(path: &Path, site: &SiteId) -> Result<Observation, StoreError> {
    let text = fs_err::read(path)?;
    let unreadable = |reason: String| StoreError::Unreadable {
        path: path.to_path_buf(),
        reason,
    };
    let observation: Observation =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
    if observation.schema != SCHEMA {
        return Err(unreadable(format!(
            "schema {:?}, this program reads {SCHEMA:?}",
            observation.schema
        )));
    }
    if observation.site != *site {
        let (found, expected) = (observation.site.to_string(), site.to_string());
        return Err(StoreError::Stranger {
            path: path.to_path_buf(),
            found,
            expected,
        });
    }
    Ok(observation)
}

impl PictureSource for RunFolder {
    fn picture(&self, site: &SiteId, visit: u32, kind: PictureKind) -> Option<RgbImage> {
        let name = match kind {
            PictureKind::Header => "header.png",
            PictureKind::Footer => "footer.png",
            PictureKind::HeaderLater => "header-later.png",
            PictureKind::FooterLater => "footer-later.png",
            PictureKind::Badge => "badge.png",
            PictureKind::Desktop => "desktop.jpg",
            PictureKind::Mobile => "mobile.jpg",
            PictureKind::OverlayBefore | PictureKind::OverlayAfter => return None,
        };
        let path = self.visit_path(site, visit).join("data").join(name);
        let bytes = fs_err::read(path).ok()?;
        Some(image::load_from_memory(&bytes).ok()?.into_rgb8())
    }
}
