//! Tables as plain cells, whatever file they came from.

/// One sheet of a workbook, or a whole CSV file.
#[derive(Debug, Default)]
pub struct Sheet {
    /// `None` for CSV.
    pub(super) name: Option<String>,
    /// Rows with content, in order; blank ones are not there.
    pub(super) rows: Vec<Row>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    /// Line in the file or row in the sheet, from 1.
    pub line: u32,
    /// Column (from 0) and cell, in order; empty cells without a link are not there.
    pub cells: Vec<(u32, Cell)>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Cell {
    /// Cleaned; see [`super::fold::clean`].
    pub text: String,
    /// The address under the text.
    pub link: Option<String>,
    /// Columns that the cell covers; 1 unless merged.
    pub width: u32,
    /// The text stands in a cell above that is merged over this row.
    pub copied: bool,
}

impl Row {
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        let at = self
            .cells
            .binary_search_by_key(&column, |(column, _)| *column)
            .ok()?;
        self.cells.get(at).map(|(_, cell)| cell)
    }

    /// The text of a cell; empty where there is none.
    pub fn text(&self, column: u32) -> &str {
        self.cell(column).map_or("", |cell| &cell.text)
    }

    /// Cells with text of their own or from above.
    pub fn filled(&self) -> impl Iterator<Item = (u32, &Cell)> {
        self.cells
            .iter()
            .filter(|(_, cell)| !cell.text.is_empty())
            .map(|(column, cell)| (*column, cell))
    }
}

/// How much of a file is read; a list that is larger is no list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Of the file itself.
    pub file_bytes: u64,
    /// Of what is inside a workbook, unpacked.
    pub unpacked_bytes: u64,
    pub rows: usize,
    pub columns: u32,
    /// Of all cells together: one shared text may stand in a million cells.
    pub text_bytes: usize,
    /// Merged areas and hyperlinks of a workbook, counted in rows that they cover.
    pub area_rows: usize,
    pub sheets: usize,
}

pub(super) const LIMITS: Limits = Limits {
    file_bytes: 50 << 20,
    // Reaching a limit should not take a unit test half a minute.
    unpacked_bytes: if cfg!(test) { 2 << 20 } else { 128 << 20 },
    rows: if cfg!(test) { 2_000 } else { 100_000 },
    columns: 256,
    text_bytes: if cfg!(test) { 1 << 20 } else { 64 << 20 },
    area_rows: if cfg!(test) { 20_000 } else { 2_000_000 },
    sheets: 200,
};
