//! XLSX and XLS as plain cells: merged areas spread downwards, addresses under texts brought up.
//!
//! A workbook comes from outside and is unpacked here, so everything it could blow up is counted.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

use calamine::XlsxFormulaMetadata as Formula;
use calamine::{Data, Dimensions, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError};

use super::fold::clean;
use super::problem::FileProblem;
use super::table::{Cell, LIMITS, Row, Sheet};

/// The sheets of a workbook and the names of those that are hidden, which are not read.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    pub sheets: Vec<Sheet>,
    pub hidden: Vec<String>,
}

pub(super) fn read_xlsx(bytes: &[u8]) -> Result<Workbook, FileProblem> {
    check_unpacked_size(bytes)?;
    guarded(|| xlsx_sheets(bytes))
}

pub(super) fn read_xls(bytes: &[u8]) -> Result<Workbook, FileProblem> {
    guarded(|| xls_sheets(bytes))
}

/// The parsers do arithmetic on what the file says; a damaged file must not end the program, nor show a clerk
/// where in the parser it went wrong. Lists are read before anything else is under way, so that nobody else's
/// panic is silenced.
fn guarded(read: impl FnOnce() -> Result<Workbook, FileProblem>) -> Result<Workbook, FileProblem> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let read = catch_unwind(AssertUnwindSafe(read));
    set_hook(hook);
    read.unwrap_or_else(|_| Err(FileProblem::Damaged("the workbook contradicts itself".to_owned())))
}

/// Unpacks all parts once into nothing: the sizes that an archive declares may be lies.
fn check_unpacked_size(bytes: &[u8]) -> Result<(), FileProblem> {
    let damaged = |error: &dyn std::fmt::Display| FileProblem::Damaged(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut left = LIMITS.unpacked_bytes;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(&error))?;
        let unpacked =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|error| damaged(&error))?;
        left = left.checked_sub(unpacked).ok_or(FileProblem::TooMuchInside {
            limit: LIMITS.unpacked_bytes,
        })?;
    }
    Ok(())
}

fn xlsx_sheets(bytes: &[u8]) -> Result<Workbook, FileProblem> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(xlsx_problem)?;
    let (names, hidden) = sheet_names(book.sheets_metadata());
    let mut budget = Budget::new();
    let mut sheets = Vec::new();
    for name in names {
        let mut grid = Grid::default();
        let mut reader = book.worksheet_cells_reader(&name).map_err(xlsx_problem)?;
        while let Some(record) = reader.next_cell_with_formula_metadata().map_err(xlsx_problem)? {
            let link = match &record.formula {
                Some(Formula::Normal { formula } | Formula::Shared { formula, .. }) => linked_by(formula),
                _ => None,
            };
            let (row, column) = record.pos;
            grid.put(
                row,
                column,
                &Data::from(record.value).to_string(),
                link,
                &mut budget,
            )?;
        }
        drop(reader);
        for link in book.hyperlinks_by_sheet_name(&name).map_err(xlsx_problem)? {
            if let Some(target) = &link.target {
                grid.link(link.range, target, &mut budget)?;
            }
        }
        let areas = book.merge_cells_by_sheet_name(&name).map_err(xlsx_problem)?;
        sheets.push(grid.finish(name, &areas, &mut budget)?);
    }
    Ok(Workbook { sheets, hidden })
}

fn xls_sheets(bytes: &[u8]) -> Result<Workbook, FileProblem> {
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(xls_problem)?;
    let (names, hidden) = sheet_names(book.sheets_metadata());
    let mut budget = Budget::new();
    let mut sheets = Vec::new();
    for name in names {
        let mut grid = Grid::default();
        let range = book.worksheet_range(&name).map_err(xls_problem)?;
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let at = |offset: usize, start: u32| start + u32::try_from(offset).unwrap_or(u32::MAX - start);
            grid.put(
                at(row, top),
                at(column, left),
                &value.to_string(),
                None,
                &mut budget,
            )?;
        }
        let areas = book.merge_cells_by_sheet_name(&name).map_err(xls_problem)?;
        sheets.push(grid.finish(name, &areas, &mut budget)?);
    }
    Ok(Workbook { sheets, hidden })
}

/// Names of the visible worksheets, and of the hidden ones.
fn sheet_names(sheets: &[calamine::Sheet]) -> (Vec<String>, Vec<String>) {
    let worksheets = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let (shown, hidden): (Vec<_>, Vec<_>) = worksheets
        .take(LIMITS.sheets)
        .partition(|sheet| sheet.visible == SheetVisible::Visible);
    let names = |sheets: Vec<&calamine::Sheet>| sheets.into_iter().map(|sheet| sheet.name.clone()).collect();
    (names(shown), names(hidden))
}

fn xlsx_problem(error: XlsxError) -> FileProblem {
    match error {
        XlsxError::Password => FileProblem::PasswordProtected,
        other => FileProblem::Damaged(other.to_string()),
    }
}

fn xls_problem(error: XlsError) -> FileProblem {
    match error {
        XlsError::Password => FileProblem::PasswordProtected,
        other => FileProblem::Damaged(other.to_string()),
    }
}

/// The address in `HYPERLINK("https://…";"text")`.
fn linked_by(formula: &str) -> Option<String> {
    let formula = formula.trim_start_matches('=').trim_start();
    let (name, rest) = formula.split_at_checked("HYPERLINK(".len())?;
    if !name.eq_ignore_ascii_case("HYPERLINK(") {
        return None;
    }
    let (address, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    Some(address.to_owned())
}

/// What may still be read of this file.
struct Budget {
    rows: usize,
    text_bytes: usize,
    area_rows: usize,
}

impl Budget {
    fn new() -> Self {
        Self {
            rows: LIMITS.rows,
            text_bytes: LIMITS.text_bytes,
            area_rows: LIMITS.area_rows,
        }
    }

    fn text(&mut self, bytes: usize) -> Result<(), FileProblem> {
        take(&mut self.text_bytes, bytes, LIMITS.text_bytes as u64)
    }

    fn area(&mut self, cells: usize) -> Result<(), FileProblem> {
        take(&mut self.area_rows, cells, LIMITS.area_rows as u64)
    }
}

fn take(left: &mut usize, amount: usize, limit: u64) -> Result<(), FileProblem> {
    *left = left
        .checked_sub(amount)
        .ok_or(FileProblem::TooMuchInside { limit })?;
    Ok(())
}

/// Cells of one sheet while it is read: only those with content, however far apart they stand.
#[derive(Default)]
struct Grid {
    rows: BTreeMap<u32, BTreeMap<u32, Cell>>,
}

impl Grid {
    fn put(
        &mut self,
        row: u32,
        column: u32,
        text: &str,
        link: Option<String>,
        budget: &mut Budget,
    ) -> Result<(), FileProblem> {
        if text.is_empty() || column >= LIMITS.columns {
            return Ok(());
        }
        budget.text(text.len() + std::mem::size_of::<Cell>())?;
        let text = clean(text);
        if text.is_empty() && link.is_none() {
            return Ok(());
        }
        if !self.rows.contains_key(&row) {
            budget.rows = budget
                .rows
                .checked_sub(1)
                .ok_or(FileProblem::TooManyRows { limit: LIMITS.rows })?;
        }
        let cell = Cell {
            text,
            link,
            width: 1,
            copied: false,
        };
        self.rows.entry(row).or_default().insert(column, cell);
        Ok(())
    }

    /// Puts an address under the cells of a range that have text.
    fn link(&mut self, range: Dimensions, target: &str, budget: &mut Budget) -> Result<(), FileProblem> {
        let Some((rows, columns)) = spans(range) else {
            return Ok(());
        };
        for cells in self.rows.range_mut(rows).map(|(_, cells)| cells) {
            budget.area(1)?;
            for cell in cells.range_mut(columns.clone()).map(|(_, cell)| cell) {
                budget.text(target.len())?;
                cell.link.get_or_insert_with(|| target.to_owned());
            }
        }
        Ok(())
    }

    /// Spreads merged areas over the rows below that have content of their own, and gives the rows out.
    fn finish(
        mut self,
        name: String,
        areas: &[Dimensions],
        budget: &mut Budget,
    ) -> Result<Sheet, FileProblem> {
        for area in areas {
            budget.area(1)?;
            let Some((rows, columns)) = spans(*area) else {
                continue;
            };
            let (top, left) = (*rows.start(), *columns.start());
            let Some(first) = self.rows.get_mut(&top).and_then(|row| row.get_mut(&left)) else {
                continue;
            };
            first.width = columns.end() - left + 1;
            let copy = Cell {
                copied: true,
                ..first.clone()
            };
            for (_, row) in self.rows.range_mut(rows).skip(1) {
                budget.area(1)?;
                budget.text(copy.text.len())?;
                row.insert(left, copy.clone());
            }
        }
        let rows = self
            .rows
            .into_iter()
            .map(|(row, cells)| Row {
                line: row + 1,
                cells: cells.into_iter().collect(),
            })
            .collect();
        Ok(Sheet {
            name: Some(name),
            rows,
        })
    }
}

type Span = std::ops::RangeInclusive<u32>;

/// Rows and columns of an area, unless it ends before it begins.
fn spans(area: Dimensions) -> Option<(Span, Span)> {
    let is_sound = area.start.0 <= area.end.0 && area.start.1 <= area.end.1;
    is_sound.then_some((area.start.0..=area.end.0, area.start.1..=area.end.1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write as _;

    use rust_xlsxwriter::{Format, Workbook as Writer, Worksheet};
    use zip::write::SimpleFileOptions;

    use super::*;

    fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
        let mut writer = Writer::new();
        fill(writer.add_worksheet());
        writer.save_to_buffer().unwrap()
    }

    /// The workbook with its sheet's XML changed.
    fn edited(bytes: &[u8], edit: impl Fn(String) -> String) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..archive.len() {
            let part = archive.by_index(index).unwrap();
            let name = part.name().unwrap().into_owned();
            let mut text = std::io::read_to_string(part).unwrap();
            if name == "xl/worksheets/sheet1.xml" {
                text = edit(text);
            }
            out.start_file(name, SimpleFileOptions::default()).unwrap();
            out.write_all(text.as_bytes()).unwrap();
        }
        out.finish().unwrap().into_inner()
    }

    fn is_too_much(result: &Result<Workbook, FileProblem>) -> bool {
        matches!(result, Err(FileProblem::TooMuchInside { .. }))
    }

    #[test]
    fn an_archive_that_unpacks_without_end_is_refused() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive
            .start_file("xl/sharedStrings.xml", SimpleFileOptions::default())
            .unwrap();
        archive.write_all(&vec![b' '; 3 << 20]).unwrap();
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < 100_000);
        assert!(is_too_much(&read_xlsx(&bytes)));
    }

    #[test]
    fn one_long_text_in_many_cells_is_refused() {
        let long = "x".repeat(30_000);
        let bytes = book(|sheet| {
            for row in 0..50 {
                sheet.write_string(row, 0, &long).unwrap();
            }
        });
        assert!(bytes.len() < 100_000);
        assert!(is_too_much(&read_xlsx(&bytes)));
    }

    #[test]
    fn areas_over_areas_are_refused() {
        let bytes = book(|sheet| {
            for row in 0..1_000 {
                sheet.write_string(row, 0, "x").unwrap();
            }
            sheet.merge_range(0, 1, 0, 2, "", &Format::new()).unwrap();
        });
        let bytes = edited(&bytes, |text| {
            let area = "<mergeCell ref=\"A1:A1000\"/>";
            text.replace("<mergeCell ref=\"B1:C1\"/>", &area.repeat(100))
        });
        assert!(is_too_much(&read_xlsx(&bytes)));
    }

    #[test]
    fn an_area_that_ends_before_it_begins_does_not_end_the_program() {
        let bytes = book(|sheet| {
            sheet.write_string(0, 0, "x").unwrap();
            sheet.merge_range(0, 1, 0, 2, "", &Format::new()).unwrap();
        });
        let bytes = edited(&bytes, |text| text.replace("\"B1:C1\"", "\"C9:A2\""));
        assert!(matches!(read_xlsx(&bytes), Ok(_) | Err(FileProblem::Damaged(_))));
    }

    #[test]
    fn too_many_rows_are_refused_and_far_cells_cost_nothing() {
        let many = book(|sheet| {
            for row in 0..2_001 {
                sheet.write_string(row, 0, "x").unwrap();
            }
        });
        assert!(matches!(read_xlsx(&many), Err(FileProblem::TooManyRows { .. })));
        let far = book(|sheet| {
            sheet.write_string(1_048_575, 16_383, "x").unwrap();
            sheet.write_string(1_048_575, 0, "y").unwrap();
        });
        let rows = &read_xlsx(&far).unwrap().sheets[0].rows;
        assert_eq!((rows.len(), rows[0].line, rows[0].cells.len()), (1, 1_048_576, 1));
    }

    #[test]
    fn addresses_in_formulas() {
        assert_eq!(
            linked_by("HYPERLINK(\"http://a.vn\",\"A\")").as_deref(),
            Some("http://a.vn")
        );
        assert_eq!(
            linked_by("=hyperlink( \"http://a.vn\")").as_deref(),
            Some("http://a.vn")
        );
        assert_eq!(linked_by("HYPERLINK(A1)"), None);
        assert_eq!(linked_by("Ô"), None);
    }
}
