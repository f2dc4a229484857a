//! The list given back as a workbook: the same cells, a column of remarks, bad rows coloured.

use std::collections::HashMap;
use std::path::Path;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet};

use crate::language::Language;

use super::headings::{CHECK_HEADING, find_headings};
use super::problem::{RowPlace, RowProblem};
use super::read::{Examined, RESULT_SHEET, is_ours};
use super::table::{LIMITS, Sheet};
use super::write::{WriteError, put, save};

const VI: Language = Language::Vietnamese;
const CSV_SHEET: &str = "Danh sách";
/// Rows that a sheet of XLSX can have.
const SHEET_ROWS: u32 = 1_048_576;

/// What a check found, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckSummary {
    /// Good rows.
    pub sites: usize,
    /// Portals that are named but not listed.
    pub references: usize,
    pub problems: usize,
    pub remarks: usize,
}

/// Writes the checked list to `out`.
pub fn write_checked(examined: &Examined, out: &Path) -> Result<CheckSummary, WriteError> {
    let summary = CheckSummary {
        sites: examined.list.sites.len(),
        references: examined.list.references.len(),
        problems: examined.problems.len(),
        remarks: examined.list.remarks.len(),
    };
    let notes = Notes::collect(examined);
    let looks = Looks::new();
    let mut workbook = Workbook::new();
    let sheets = examined.sheets.iter().filter(|sheet| !is_ours(sheet));
    for (index, sheet) in sheets.enumerate() {
        let worksheet = workbook.add_worksheet();
        let name = sheet.name.as_deref().unwrap_or(CSV_SHEET);
        if worksheet.set_name(name).is_err() {
            worksheet.set_name(format!("Trang tính {}", index + 1))?;
        }
        write_sheet(worksheet, sheet, &notes, &looks)?;
    }
    let worksheet = workbook.add_worksheet();
    worksheet.set_name(RESULT_SHEET)?;
    write_summary(worksheet, examined, &summary, &looks)?;
    save(&mut workbook, out, true)?;
    Ok(summary)
}

/// What is to be said of each row.
struct Notes<'a> {
    rows: HashMap<RowPlace, RowNotes<'a>>,
}

#[derive(Default)]
struct RowNotes<'a> {
    problems: Vec<&'a RowProblem>,
    remarks: Vec<String>,
}

impl<'a> Notes<'a> {
    fn collect(examined: &'a Examined) -> Self {
        let mut rows: HashMap<RowPlace, RowNotes<'a>> = HashMap::new();
        for problem in &examined.problems {
            rows.entry(problem.place.clone())
                .or_default()
                .problems
                .push(problem);
        }
        for remark in &examined.list.remarks {
            if let Some(place) = &remark.place {
                let message = remark.kind.message(VI);
                rows.entry(place.clone()).or_default().remarks.push(message);
            }
        }
        Self { rows }
    }
}

impl RowNotes<'_> {
    fn text(&self) -> String {
        let problems = self.problems.iter().map(|problem| {
            let column = problem
                .column
                .as_deref()
                .map(|title| format!("cột “{title}” "))
                .unwrap_or_default();
            format!(
                "Lỗi: {column}{}. Gợi ý: {}",
                problem.problem.message(VI),
                problem.problem.hint(VI)
            )
        });
        let lines: Vec<String> = problems.chain(self.remarks.iter().cloned()).collect();
        lines.join("\n")
    }
}

struct Looks {
    plain: Format,
    heading: Format,
    bad: Format,
    bad_note: Format,
    note: Format,
}

impl Looks {
    fn new() -> Self {
        let plain = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        let red = Color::RGB(0x00F8_D7DA);
        let yellow = Color::RGB(0x00FF_F3CD);
        Self {
            heading: plain
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0x00DD_E6F0))
                .set_border(FormatBorder::Thin),
            bad: plain.clone().set_background_color(red),
            bad_note: plain.clone().set_background_color(red).set_bold(),
            note: plain.clone().set_background_color(yellow),
            plain,
        }
    }
}

fn write_sheet(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    notes: &Notes<'_>,
    looks: &Looks,
) -> Result<(), WriteError> {
    let headings = find_headings(sheet).ok();
    let heading_row = headings.as_ref().map(|headings| headings.row);
    // Remarks of an earlier check make room for those of this one.
    let old = heading_row.and_then(|at| {
        let row = sheet.rows.get(at)?;
        row.filled()
            .find(|(_, cell)| cell.text == CHECK_HEADING)
            .map(|(column, _)| column)
    });
    let used = sheet
        .rows
        .iter()
        .flat_map(|row| row.filled().map(|(column, _)| column))
        .filter(|column| Some(*column) != old)
        .max();
    let used = used.unwrap_or_default().min(LIMITS.columns);
    let note_column = old.unwrap_or(used + 1);
    let keeps_lines = sheet.rows.last().is_none_or(|row| row.line <= SHEET_ROWS);
    let name: Option<std::sync::Arc<str>> = sheet.name.as_deref().map(Into::into);
    for (index, row) in (0_u32..).zip(&sheet.rows) {
        let line = if keeps_lines {
            row.line.saturating_sub(1)
        } else {
            index
        };
        let is_heading = heading_row == usize::try_from(index).ok();
        let place = RowPlace {
            sheet: name.clone(),
            line: row.line,
        };
        let said = notes.rows.get(&place);
        let is_bad = said.is_some_and(|said| !said.problems.is_empty());
        let look = match (is_heading, is_bad) {
            (true, _) => &looks.heading,
            (_, true) => &looks.bad,
            _ => &looks.plain,
        };
        for (column, cell) in row.filled().filter(|(column, _)| Some(*column) != old) {
            put(worksheet, line, column_number(column), &cell.text, look)?;
        }
        if is_heading {
            put(
                worksheet,
                line,
                column_number(note_column),
                CHECK_HEADING,
                &looks.heading,
            )?;
            worksheet.set_freeze_panes(line + 1, 0)?;
        } else if let Some(said) = said {
            let look = if is_bad { &looks.bad_note } else { &looks.note };
            put(worksheet, line, column_number(note_column), &said.text(), look)?;
        }
    }
    for column in 0..=used {
        worksheet.set_column_width(column_number(column), 24)?;
    }
    worksheet.set_column_width(column_number(note_column), 70)?;
    Ok(())
}

fn column_number(column: u32) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Numbers, remarks on the whole file, and all problems in one table.
fn write_summary(
    sheet: &mut Worksheet,
    examined: &Examined,
    summary: &CheckSummary,
    looks: &Looks,
) -> Result<(), WriteError> {
    let numbers = [
        ("Số dòng dùng được", summary.sites),
        ("Số lỗi", summary.problems),
        ("Cổng chỉ để so sánh", summary.references),
        ("Số ghi chú", summary.remarks),
    ];
    let mut row = 0;
    for (title, number) in numbers {
        put(sheet, row, 0, title, &looks.plain)?;
        put(sheet, row, 1, &number.to_string(), &looks.plain)?;
        row += 1;
    }
    for remark in examined
        .list
        .remarks
        .iter()
        .filter(|remark| remark.place.is_none())
    {
        put(sheet, row, 0, &remark.text(VI), &looks.note)?;
        row += 1;
    }
    row += 1;
    for (column, title) in (0..).zip(["Trang tính", "Dòng", "Cột", "Giá trị", "Lỗi", "Gợi ý"]) {
        put(sheet, row, column, title, &looks.heading)?;
        sheet.set_column_width(column, if column < 3 { 22 } else { 48 })?;
    }
    for problem in &examined.problems {
        row += 1;
        if row >= SHEET_ROWS {
            break;
        }
        let texts = [
            problem.place.sheet.as_deref().unwrap_or_default().to_owned(),
            problem.place.line.to_string(),
            problem.column.clone().unwrap_or_default(),
            problem.value.clone(),
            problem.problem.message(VI),
            problem.problem.hint(VI),
        ];
        for (column, text) in (0..).zip(texts) {
            put(sheet, row, column, &text, &looks.plain)?;
        }
    }
    Ok(())
}
