//! Tables of other kinds than lists, read by the same careful hands: CSV and workbooks as lines of texts.

use std::path::Path;

use super::csv_file::read_other_csv;
use super::problem::FileProblem;
use super::source;
use super::table::Sheet;

/// One sheet, or a whole CSV file.
#[derive(Debug, Clone, Default)]
pub struct PlainTable {
    /// `None` for CSV.
    pub name: Option<String>,
    /// Number of the line and its cells, from the first column on; blank lines are not there.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// The tables of a file.
pub fn read_tables(path: &Path) -> Result<Vec<PlainTable>, FileProblem> {
    read_tables_of(&source::read_bounded(path)?)
}

/// [`read_tables`] for a file that has been read already.
pub fn read_tables_of(bytes: &[u8]) -> Result<Vec<PlainTable>, FileProblem> {
    let source = source::read_bytes(bytes)?;
    let is_csv = source.book.sheets.iter().all(|sheet| sheet.name.is_none());
    Ok(tables(if is_csv {
        read_other_csv(bytes)?
    } else {
        source.book.sheets
    }))
}

fn tables(sheets: Vec<Sheet>) -> Vec<PlainTable> {
    let plain = |sheet: Sheet| PlainTable {
        rows: sheet
            .rows
            .iter()
            .map(|row| {
                let last = row.cells.last().map_or(0, |(column, _)| column + 1);
                (
                    row.line,
                    (0..last).map(|column| row.text(column).to_owned()).collect(),
                )
            })
            .collect(),
        name: sheet.name,
    };
    sheets.into_iter().map(plain).collect()
}
