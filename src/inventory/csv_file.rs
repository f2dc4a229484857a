//! CSV as spreadsheets save it: UTF-8 or UTF-16, comma, semicolon or tab, line breaks in quotes.

use super::fold::clean;
use super::headings;
use super::problem::FileProblem;
use super::table::{Cell, LIMITS, Row, Sheet};

const DELIMITERS: &[u8] = b",;\t|";
/// Rows that are read to tell the delimiter.
const SAMPLE_ROWS: usize = 12;

pub(super) fn read_csv(bytes: &[u8]) -> Result<Vec<Sheet>, FileProblem> {
    read_by(bytes, guess_delimiter)
}

/// A table that is no list: its delimiter is the one that is there most.
pub(super) fn read_other_csv(bytes: &[u8]) -> Result<Vec<Sheet>, FileProblem> {
    read_by(bytes, most_cells)
}

fn read_by(bytes: &[u8], guess: fn(&str) -> u8) -> Result<Vec<Sheet>, FileProblem> {
    let text = decode(bytes)?;
    let (mark, text) = delimiter_line(&text);
    let delimiter = mark.unwrap_or_else(|| guess(text));
    let mut sheet = read_rows(text, delimiter, LIMITS.rows)?;
    if mark.is_some() {
        sheet.rows.iter_mut().for_each(|row| row.line += 1);
    }
    Ok(vec![sheet])
}

/// A CSV file cell by cell as it stands, to be written again with more in it.
#[derive(Debug)]
pub(super) struct RawTable {
    delimiter: u8,
    /// Number of the line in the file, as [`read_csv`] counts, and its cells; 0 for lines that were added.
    pub lines: Vec<(u32, Vec<String>)>,
}

impl Default for RawTable {
    fn default() -> Self {
        Self {
            delimiter: b',',
            lines: Vec::new(),
        }
    }
}

/// The cells of a list that [`read_csv`] can read.
pub(super) fn read_raw(bytes: &[u8]) -> Result<RawTable, FileProblem> {
    let text = decode(bytes)?;
    let (mark, text) = delimiter_line(&text);
    let delimiter = mark.unwrap_or_else(|| guess_delimiter(text));
    let mut reader = reader_of(text, delimiter);
    let mut record = csv::StringRecord::new();
    let mut lines = Vec::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| FileProblem::Damaged(error.to_string()))?
    {
        let line = line_of(text, &record) + u32::from(mark.is_some());
        lines.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(RawTable { delimiter, lines })
}

impl RawTable {
    /// With a byte-order mark: without one Excel takes it for another encoding.
    pub fn write(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .from_writer(b"\xef\xbb\xbf".to_vec());
        for (_, cells) in &self.lines {
            writer.write_record(cells)?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}

fn reader_of(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// The line of the file that a record begins in: the reader counts blank lines before it as its own.
fn line_of(text: &str, record: &csv::StringRecord) -> u32 {
    let start = start_of(record);
    let blank = text
        .as_bytes()
        .iter()
        .skip(start)
        .take_while(|byte| byte.is_ascii_whitespace());
    let blank = blank.filter(|byte| **byte == b'\n').count() as u64;
    let line = record.position().map_or(0, |position| position.line() + blank);
    u32::try_from(line).unwrap_or(u32::MAX)
}

fn start_of(record: &csv::StringRecord) -> usize {
    record.position().map_or(0, |position| {
        usize::try_from(position.byte()).unwrap_or(usize::MAX)
    })
}

/// The text of a file in UTF-8 or, with its byte-order mark, UTF-16.
fn decode(bytes: &[u8]) -> Result<String, FileProblem> {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .map_err(|_| FileProblem::UnknownEncoding { line: None })
    };
    let text = match bytes {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes)?,
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes)?,
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            std::str::from_utf8(bytes)
                .map_err(|error| FileProblem::UnknownEncoding {
                    line: Some(line_at(bytes, error.valid_up_to())),
                })?
                .to_owned()
        }
    };
    if let Some(at) = text.find('\0') {
        let line = Some(line_at(text.as_bytes(), at));
        return Err(FileProblem::UnknownEncoding { line });
    }
    Ok(text)
}

/// The line (from 1) of a byte.
fn line_at(bytes: &[u8], at: usize) -> u32 {
    let breaks = bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

/// Excel's own first line `sep=;`, if it is there, and what follows it.
fn delimiter_line(text: &str) -> (Option<u8>, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first
        .trim_end_matches('\r')
        .trim_matches('"')
        .strip_prefix("sep=")
    {
        Some(mark) if mark.len() == 1 => (mark.bytes().next(), rest),
        _ => (None, text),
    }
}

/// The delimiter under which the first rows show the best heading; else the one that is there most.
fn guess_delimiter(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let sheet = read_rows(text, delimiter, SAMPLE_ROWS).unwrap_or_default();
        let cells: usize = sheet.rows.iter().map(|row| row.cells.len()).sum();
        (headings::best_score(&sheet), cells)
    };
    DELIMITERS
        .iter()
        .rev()
        .copied()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(b',')
}

fn most_cells(text: &str) -> u8 {
    let cells = |delimiter: u8| -> usize {
        let sheet = read_rows(text, delimiter, SAMPLE_ROWS).unwrap_or_default();
        sheet.rows.iter().map(|row| row.cells.len()).sum()
    };
    let best = DELIMITERS
        .iter()
        .rev()
        .copied()
        .max_by_key(|delimiter| cells(*delimiter));
    best.unwrap_or(b',')
}

/// Reads rows; more than `limit` are an error, except for a sample, which just ends.
fn read_rows(text: &str, delimiter: u8, limit: usize) -> Result<Sheet, FileProblem> {
    let mut reader = reader_of(text, delimiter);
    let mut sheet = Sheet::default();
    let mut record = csv::StringRecord::new();
    let mut last_start = 0;
    while reader
        .read_record(&mut record)
        .map_err(|error| FileProblem::Damaged(error.to_string()))?
    {
        if sheet.rows.len() >= limit {
            if limit == SAMPLE_ROWS {
                return Ok(sheet);
            }
            return Err(FileProblem::TooManyRows { limit });
        }
        last_start = start_of(&record);
        let line = line_of(text, &record);
        let cells = row_cells(&record);
        if !cells.is_empty() {
            sheet.rows.push(Row { line, cells });
        }
    }
    check_last_quote(text, last_start, &sheet)?;
    Ok(sheet)
}

fn row_cells(record: &csv::StringRecord) -> Vec<(u32, Cell)> {
    (0..LIMITS.columns)
        .zip(record.iter())
        .filter_map(|(column, field)| {
            let text = clean(field);
            (!text.is_empty()).then(|| {
                let cell = Cell {
                    text,
                    width: 1,
                    ..Cell::default()
                };
                (column, cell)
            })
        })
        .collect()
}

/// A quote that nobody closed swallows all rows after it without a word.
fn check_last_quote(text: &str, last_start: usize, sheet: &Sheet) -> Result<(), FileProblem> {
    let Some(row) = sheet.rows.last() else {
        return Ok(());
    };
    let quotes = text
        .as_bytes()
        .iter()
        .skip(last_start)
        .filter(|byte| **byte == b'"')
        .count();
    let swallowed = row.cells.iter().any(|(_, cell)| cell.text.contains('\n'));
    if quotes % 2 == 1 && swallowed {
        return Err(FileProblem::UnclosedQuote { line: row.line });
    }
    Ok(())
}
