//! From a file's bytes to sheets: what kind of file it is, and whether it may be read at all.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::csv_file::read_csv;
use super::problem::FileProblem;
use super::table::LIMITS;
use super::workbook::{Workbook, read_xls, read_xlsx};

/// The sheets of a list, and whether the file's kind can show addresses under texts.
#[derive(Debug)]
pub(super) struct Source {
    pub book: Workbook,
    /// Old XLS files: the address under a text cannot be read.
    pub links_unread: bool,
}

pub(super) fn open(path: &Path) -> Result<Source, FileProblem> {
    let bytes = read_bounded(path)?;
    read_bytes(&bytes)
}

pub(super) fn read_bytes(bytes: &[u8]) -> Result<Source, FileProblem> {
    let is_ole = bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    let book = if is_ole {
        if has_utf16_name(bytes, "EncryptedPackage") {
            return Err(FileProblem::PasswordProtected);
        }
        read_xls(bytes)?
    } else if bytes.starts_with(b"PK\x03\x04") {
        match kind_of_archive(bytes) {
            Some(kind) => return Err(FileProblem::OtherFormat(kind)),
            None => read_xlsx(bytes)?,
        }
    } else if let Some(kind) = kind_of_text(bytes) {
        return Err(FileProblem::OtherFormat(kind));
    } else {
        Workbook {
            sheets: read_csv(bytes)?,
            hidden: Vec::new(),
        }
    };
    if book.sheets.iter().all(|sheet| sheet.rows.is_empty()) {
        return Err(FileProblem::Empty);
    }
    Ok(Source {
        book,
        links_unread: is_ole,
    })
}

/// Reads at most the allowed size, also from what does not say its size.
pub(super) fn read_bounded(path: &Path) -> Result<Vec<u8>, FileProblem> {
    let cannot_open = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => FileProblem::NotThere,
        ErrorKind::PermissionDenied => FileProblem::NoAccess,
        _ => FileProblem::CannotOpen(error.to_string()),
    };
    let too_large = FileProblem::TooLarge {
        limit: LIMITS.file_bytes,
    };
    let file = fs_err::File::open(path).map_err(cannot_open)?;
    let metadata = file.metadata().map_err(cannot_open)?;
    if metadata.is_dir() {
        return Err(FileProblem::Folder);
    }
    if metadata.len() > LIMITS.file_bytes {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    file.take(LIMITS.file_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot_open)?;
    if bytes.len() as u64 > LIMITS.file_bytes {
        return Err(too_large);
    }
    Ok(bytes)
}

/// What an archive is, if it is no XLSX. Names of the parts stand uncompressed in an archive.
fn kind_of_archive(bytes: &[u8]) -> Option<&'static str> {
    if has_bytes(bytes, b"xl/workbook.bin") {
        Some("XLSB")
    } else if has_bytes(bytes, b"application/vnd.oasis.opendocument") {
        Some("ODS")
    } else if has_bytes(bytes, b"word/document.xml") {
        Some("DOCX")
    } else if has_bytes(bytes, b"xl/") {
        None
    } else {
        Some("ZIP")
    }
}

/// What else is often handed in as a list: a web page named `.xls`, a PDF.
fn kind_of_text(bytes: &[u8]) -> Option<&'static str> {
    let head: Vec<u8> = bytes.iter().take(1024).map(u8::to_ascii_lowercase).collect();
    let head = head.trim_ascii_start();
    if head.starts_with(b"%pdf") {
        return Some("PDF");
    }
    let is_page = [&b"<html"[..], b"<!doctype html", b"<table"]
        .iter()
        .any(|tag| has_bytes(head, tag));
    if is_page {
        return Some("HTML");
    }
    has_bytes(head, b"urn:schemas-microsoft-com:office:spreadsheet").then_some("XML")
}

fn has_bytes(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn has_utf16_name(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    has_bytes(bytes, &wide)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use rust_xlsxwriter::{Format, Url, Workbook as Writer};

    use super::super::read::examine_source;
    use super::*;

    fn small_book() -> Vec<u8> {
        let mut writer = Writer::new();
        let sheet = writer.add_worksheet();
        for (column, title) in (0..).zip(["STT", "Tên", "Website", "Loại"]) {
            sheet.write_string(0, column, title).unwrap();
        }
        sheet.merge_range(1, 0, 2, 0, "I", &Format::new()).unwrap();
        sheet
            .write_url(2, 2, Url::new("https://p.gov.vn").set_text("x"))
            .unwrap();
        writer.save_to_buffer().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _read = read_bytes(&bytes).and_then(examine_source);
        }

        #[test]
        fn arbitrary_tables_never_panic(text in "(url|name|role|STT|I\\.|[a-z]\\.vn|[,;\"\\n\\t ]|\\PC){0,60}") {
            let text = format!("STT;url;name;role;portal\n{text}");
            let _read = read_bytes(text.as_bytes()).and_then(examine_source);
        }

        #[test]
        fn damaged_workbooks_never_end_the_program(at in 0.0..1.0_f64, byte in any::<u8>(), cut in any::<bool>()) {
            let mut bytes = small_book();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
            let _read = read_bytes(&bytes).and_then(examine_source);
        }
    }
}
