//! Writing workbooks: whole or not at all, and with no cell that a spreadsheet would run.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("{0} exists already")]
    Exists(PathBuf),
    #[error("the result would overwrite the list {0}")]
    IsTheList(PathBuf),
    #[error("failed to write {path}: {source}")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("failed to make the workbook: {0}")]
    Workbook(#[from] XlsxError),
}

/// Excel's limit for the text of a cell, in UTF-16 units.
const LONGEST_CELL: usize = 32_767;

/// Writes the workbook beside its place and renames it.
pub(super) fn save(workbook: &mut Workbook, path: &Path, overwrite: bool) -> Result<(), WriteError> {
    let bytes = workbook.save_to_buffer()?;
    let failed = |source: std::io::Error| WriteError::File {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".list-");
    #[cfg(unix)]
    {
        // As an ordinary new file, so that colleagues can read it; the umask still holds.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    if overwrite {
        file.persist(path).map_err(|error| failed(error.error))?;
        return Ok(());
    }
    file.persist_noclobber(path)
        .map_err(|error| match error.error.kind() {
            std::io::ErrorKind::AlreadyExists => WriteError::Exists(path.to_owned()),
            _ => failed(error.error),
        })?;
    Ok(())
}

/// Writes a text that came from outside. It is stored as a text and never as a formula; where it
/// begins like one, it is also marked so that editing or exporting it does not make it one.
pub(super) fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), WriteError> {
    let text = cut(text);
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        let guarded = format.clone().set_quote_prefix();
        sheet.write_string_with_format(row, column, text, &guarded)?;
    } else {
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}

fn cut(text: &str) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > LONGEST_CELL {
            return &text[..at];
        }
    }
    text
}
