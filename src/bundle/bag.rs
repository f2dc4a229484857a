//! `BagIt` bags (RFC 8493): a payload folder with the sums of everything in it, so that anybody can check it
//! years later with the tools of their own archive, or with `sha256sum -c manifest-sha256.txt`.
//!
//! A bag is written beside its place, brought to the disk, and renamed when it is whole: a bag that is there
//! is complete, and none is ever changed or replaced.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::manifest::{Spelling, Sums, hash_bytes, write_manifest};
use crate::timings::step;

/// The tag files that every bag of ours has.
pub(super) const DECLARATION: &str = "bagit.txt";
pub(super) const INFO: &str = "bag-info.txt";
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// The payload.
pub(super) const DATA: &str = "data";

const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Why a bag was not written.
#[derive(Debug, thiserror::Error)]
pub enum BagError {
    #[error("failed to write a bag: {0}")]
    Io(#[from] io::Error),
    #[error("{0}: a bag is there already, and bags are never changed")]
    Exists(PathBuf),
    #[error("{0:?} is no name for a file in a bag")]
    BadName(String),
}

/// A file of the payload: its name below `data`, and what is in it.
#[derive(Debug, Clone, Copy)]
pub struct PayloadFile<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// What a bag says of itself in `bag-info.txt`; unknown things are left out.
#[derive(Debug, Clone, Default)]
pub struct BagInfo {
    /// `YYYY-MM-DD`.
    pub bagging_date: String,
    pub software_agent: String,
    /// What the bag is evidence of.
    pub external_identifier: String,
    pub external_description: String,
    /// What the bag belongs to: its run.
    pub group_identifier: String,
}

/// Writes a bag to `place`, whose folder is there and which must not be there itself.
pub fn write_bag(place: &Path, payload: &[PayloadFile<'_>], info: &BagInfo) -> Result<(), BagError> {
    if place.symlink_metadata().is_ok() {
        return Err(BagError::Exists(place.to_path_buf()));
    }
    let folder = place
        .parent()
        .ok_or_else(|| io::Error::other("a bag needs a folder"))?;
    let partial = tempfile::Builder::new()
        .prefix(PARTIAL_PREFIX)
        .suffix(PARTIAL_SUFFIX)
        .tempdir_in(folder)?;
    fill(partial.path(), payload, info)?;
    make_readable(partial.path())?;
    sync_folder(partial.path())?;
    // A folder that is not empty is never replaced by this call, whoever put it there meanwhile.
    fs_err::rename(partial.path(), place).map_err(|error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
            BagError::Exists(place.to_path_buf())
        }
        _ => error.into(),
    })?;
    // Nothing is left under the old name that would have to be removed.
    drop(partial.keep());
    sync_folder(folder)?;
    Ok(())
}

const PARTIAL_PREFIX: &str = ".visit-";
const PARTIAL_SUFFIX: &str = ".partial";

/// Whether a folder of this name is a bag that was never finished.
pub(super) fn is_partial(name: &str) -> bool {
    name.starts_with(PARTIAL_PREFIX) && name.ends_with(PARTIAL_SUFFIX)
}

fn fill(bag: &Path, payload: &[PayloadFile<'_>], info: &BagInfo) -> Result<(), BagError> {
    let data = bag.join(DATA);
    fs_err::create_dir(&data)?;
    let mut sums = Sums::new();
    let mut octets = 0_usize;
    for file in payload {
        if !is_plain_name(file.name) {
            return Err(BagError::BadName(file.name.to_owned()));
        }
        write_new(&data.join(file.name), file.bytes)?;
        octets += file.bytes.len();
        let sum = step!("hash").in_scope(|| hash_bytes(file.bytes));
        sums.insert(format!("{DATA}/{}", file.name), sum);
    }
    sync_folder(&data)?;
    let manifest = write_manifest(&sums, Spelling::Bag);
    let info = info_text(info, octets, sums.len());
    let tags = [
        (DECLARATION, DECLARED),
        (INFO, info.as_str()),
        (MANIFEST, manifest.as_str()),
    ];
    let mut tag_sums = Sums::new();
    for (name, text) in tags {
        write_new(&bag.join(name), text.as_bytes())?;
        tag_sums.insert(name.to_owned(), hash_bytes(text.as_bytes()));
    }
    let tag_manifest = write_manifest(&tag_sums, Spelling::Bag);
    write_new(&bag.join(TAG_MANIFEST), tag_manifest.as_bytes())?;
    Ok(())
}

fn info_text(info: &BagInfo, octets: usize, files: usize) -> String {
    let oxum = format!("{octets}.{files}");
    let labels = [
        ("Bag-Software-Agent", info.software_agent.as_str()),
        ("Bagging-Date", &info.bagging_date),
        ("External-Identifier", &info.external_identifier),
        ("External-Description", &info.external_description),
        ("Bag-Group-Identifier", &info.group_identifier),
        ("Payload-Oxum", &oxum),
    ];
    let mut text = String::new();
    for (label, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(label);
        text.push_str(": ");
        text.push_str(&one_line(value));
        text.push('\n');
    }
    text
}

/// A value that stays on its line.
fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of the payload are our own: one part, nothing hidden.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Names in a folder last only when the folder itself is on the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    fs_err::File::open(path)?.sync_all()
}

/// Temporary files are made for their owner alone; results are for everyone who may read the folder.
pub(super) fn make_readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn info() -> BagInfo {
        BagInfo {
            bagging_date: "2026-11-21".to_owned(),
            software_agent: "emc-audit 0.1.0".to_owned(),
            external_identifier: "a.gov.vn/visit-1".to_owned(),
            ..BagInfo::default()
        }
    }

    const PAYLOAD: &[PayloadFile<'_>] = &[
        PayloadFile {
            name: "page.html",
            bytes: b"<p>",
        },
        PayloadFile {
            name: "100%.txt",
            bytes: b"",
        },
    ];

    #[test]
    fn a_bag_has_every_part_that_the_standard_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("visit-1");
        write_bag(&place, PAYLOAD, &info()).unwrap();
        let read = |name: &str| std::fs::read_to_string(place.join(name)).unwrap();
        assert_eq!(read("bagit.txt"), DECLARED);
        assert!(read("bag-info.txt").contains("Payload-Oxum: 3.2\n"));
        assert!(!read("bag-info.txt").contains("Bag-Group-Identifier"), "unknown");
        assert!(read("manifest-sha256.txt").ends_with("  data/page.html\n"));
        assert!(read("manifest-sha256.txt").contains("  data/100%25.txt\n"));
        for name in [DECLARATION, INFO, MANIFEST] {
            assert!(
                read(TAG_MANIFEST).contains(&hash_bytes(read(name).as_bytes())),
                "{name}"
            );
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing beside it"
        );
    }

    #[test]
    fn a_bag_that_is_there_is_never_changed() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("visit-1");
        write_bag(&place, PAYLOAD, &info()).unwrap();
        let before = std::fs::read(place.join(MANIFEST)).unwrap();
        let again = write_bag(&place, &PAYLOAD[..1], &info());
        assert!(matches!(again, Err(BagError::Exists(_))), "{again:?}");
        assert_eq!(std::fs::read(place.join(MANIFEST)).unwrap(), before);
    }

    #[test]
    fn no_file_leaves_its_folder_and_nothing_half_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../x", "/x", "", ".hidden", "a/b"] {
            let file = PayloadFile { name, bytes: b"x" };
            let written = write_bag(&folder.path().join("visit-1"), &[file], &info());
            assert!(matches!(written, Err(BagError::BadName(_))), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_value_of_several_lines_adds_no_label() {
        let info = BagInfo {
            external_description: "a\nPayload-Oxum: 0.0".to_owned(),
            ..info()
        };
        let text = info_text(&info, 3, 1);
        assert_eq!(
            text.lines()
                .filter(|line| line.starts_with("Payload-Oxum"))
                .count(),
            1
        );
    }
}
