//! One ZIP for the agency of a site: its bags as they are, the verdict, a page that explains how to see the
//! same, and checksums that any machine can check.

use std::io::{self, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::html::{Report, ReportError};
use super::pictures::is_picture;
use super::tables::{Around, TableError, Tables};
use crate::bundle::RunFolder;
use crate::verdict::SiteResult;

/// The page, the table and the list of sums, at the top of the package.
const PAGE: &str = "huong-dan.html";
const TABLE: &str = "report.xlsx";
const SUMS: &str = "checksums-sha256.txt";

/// Why a package could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("failed to write the package: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Table(#[from] TableError),
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PackError {
    let path = path.to_owned();
    |source| PackError::Io { path, source }
}

/// Writes everything that is kept of a site into a ZIP, in a folder named after the site.
///
/// # Errors
/// When a file cannot be read, or the package not be written.
pub fn pack<W: Write + Seek>(
    report: &Report<'_>,
    folder: &RunFolder,
    result: &SiteResult,
    into: W,
) -> Result<W, PackError> {
    let place = folder.site_path(&result.site);
    let mut files = Vec::new();
    list(&place, "", &mut files)?;
    files.sort();
    let top = result.site.folder_name();
    let mut zip = ZipWriter::new(into);
    let mut sums = String::new();
    let page = report.pack_page(result, &files)?;
    add(&mut zip, &format!("{top}/{PAGE}"), page.as_bytes())?;
    note(&mut sums, PAGE, page.as_bytes());
    // Of this site alone: what others did is none of this agency's business.
    let mut table = Cursor::new(Vec::new());
    let tables = Tables::new(report, Around::Package { page: PAGE });
    tables.write_to(&mut table, &std::env::temp_dir(), std::slice::from_ref(result))?;
    let table = table.into_inner();
    add(&mut zip, &format!("{top}/{TABLE}"), &table)?;
    note(&mut sums, TABLE, &table);
    for name in &files {
        let path = place.join(name);
        let mut bytes = Vec::new();
        let mut file = fs_err::File::open(&path).map_err(at(&path))?;
        file.read_to_end(&mut bytes).map_err(at(&path))?;
        add(&mut zip, &format!("{top}/{name}"), &bytes)?;
        note(&mut sums, name, &bytes);
    }
    add(&mut zip, &format!("{top}/{SUMS}"), sums.as_bytes())?;
    Ok(zip.finish()?)
}

/// Ordinary files below `folder`, by their names with slashes. Links are not followed.
fn list(folder: &Path, base: &str, files: &mut Vec<String>) -> Result<(), PackError> {
    for entry in fs_err::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let kind = entry.file_type().map_err(at(&entry.path()))?;
        let name = format!("{base}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), files)?;
        } else if kind.is_file() {
            files.push(name);
        }
    }
    Ok(())
}

fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, bytes: &[u8]) -> Result<(), PackError> {
    // Pictures do not get smaller, and texts do.
    let method = if is_picture(name) {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    };
    zip.start_file(name, SimpleFileOptions::default().compression_method(method))?;
    zip.write_all(bytes).map_err(at(Path::new(name)))
}

/// `<sum> *<name>`, as sha256sum writes and reads it.
fn note(sums: &mut String, name: &str, bytes: &[u8]) {
    use std::fmt::Write as _;
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(sums, "{byte:02x}");
    }
    let _ = writeln!(sums, " *{name}");
}
