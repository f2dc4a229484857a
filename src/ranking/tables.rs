//! The rankings as files: a page, a workbook with a sheet for each ranking, and one CSV table.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::page::{change, group_title, page, title};
use super::rank::{Group, Ranked, Ranking};
use crate::language::{Language, word};
use crate::report::guarded;

/// Columns before those of the months.
const COLUMNS: [&str; 9] = [
    "rank",
    "change",
    "name",
    "address",
    "visits",
    "visits_before",
    "share",
    "rank_before",
    "remark",
];
/// Excel's limit for the name of a sheet.
const SHEET_NAME: usize = 31;

#[derive(Debug, thiserror::Error)]
pub enum RankingError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("failed to fill the page of the ranking: {0}")]
    Template(#[from] askama::Error),
    #[error("failed to write the workbook: {0}")]
    Workbook(#[from] XlsxError),
    #[error("failed to write the table: {0}")]
    Csv(#[from] csv::Error),
}

/// Writes `ranking.html`, `ranking.xlsx` and `ranking.csv` into `folder`; the value is the page.
///
/// # Errors
/// When a file cannot be made or written.
pub fn write_ranking(ranking: &Ranking, folder: &Path, language: Language) -> Result<PathBuf, RankingError> {
    fs_err::create_dir_all(folder)?;
    let html = folder.join("ranking.html");
    fs_err::write(&html, page(ranking, language)?)?;
    fs_err::write(folder.join("ranking.xlsx"), workbook(ranking, language)?)?;
    fs_err::write(folder.join("ranking.csv"), csv_table(ranking, language)?)?;
    Ok(html)
}

fn headings(group: &Group, language: Language) -> Vec<String> {
    let fixed = COLUMNS
        .iter()
        .map(|key| word("ranking", key, language).to_owned());
    fixed
        .chain(group.trend.iter().map(|(month, _)| month.for_people()))
        .collect()
}

/// What stands in a cell: a text, or a number that can be reckoned with.
enum Cell {
    Text(String),
    Number(f64),
    Empty,
}

#[allow(clippy::cast_precision_loss)] // spreadsheets have no other numbers
fn cells(line: &Ranked, language: Language) -> Vec<Cell> {
    let count = |number: Option<u64>| number.map_or(Cell::Empty, |number| Cell::Number(number as f64));
    let place = |rank: Option<usize>| rank.map_or(Cell::Empty, |rank| Cell::Number(rank as f64));
    let doubt = line
        .doubt
        .map(|doubt| word("ranking", doubt.as_str(), language).to_owned());
    let mut cells = vec![
        place(line.rank),
        Cell::Text(change(line, language).0),
        Cell::Text(line.name.clone()),
        Cell::Text(line.site.to_string()),
        count(line.visits),
        count(line.visits_before),
        line.share
            .map_or(Cell::Empty, |share| Cell::Number((share * 10.0).round() / 10.0)),
        place(line.rank_before),
        Cell::Text(doubt.unwrap_or_default()),
    ];
    cells.extend(line.trend.iter().map(|(_, visits)| count(*visits)));
    cells
}

fn workbook(ranking: &Ranking, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, big) = (
        Format::new().set_bold().set_text_wrap(),
        Format::new().set_bold().set_font_size(14),
    );
    let number = Format::new().set_num_format("#,##0");
    for (at, group) in ranking.groups.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(at, group, language))?;
        let heading = format!("{} – {}", title(ranking, language), group_title(group, language));
        sheet.write_string_with_format(0, 0, guarded(&heading), &big)?;
        for (column, text) in (0..).zip(headings(group, language)) {
            sheet.write_string_with_format(1, column, guarded(&text), &bold)?;
        }
        for (row, line) in (2..).zip(&group.lines) {
            for (column, cell) in (0..).zip(cells(line, language)) {
                match cell {
                    Cell::Text(text) => sheet.write_string(row, column, guarded(&text))?,
                    Cell::Number(value) if column == 6 => sheet.write_number(row, column, value)?,
                    Cell::Number(value) => sheet.write_number_with_format(row, column, value, &number)?,
                    Cell::Empty => continue,
                };
            }
        }
        for (column, width) in (0_u16..).zip([7, 9, 40, 34, 14, 14, 10, 10, 44]) {
            sheet.set_column_width(column, width)?;
        }
        sheet.set_freeze_panes(2, 3)?;
        sheet
            .set_landscape()
            .set_print_fit_to_pages(1, 0)
            .set_repeat_rows(1, 1)?;
    }
    workbook.save_to_buffer()
}

/// Numbered, so that no two are alike, and without what Excel refuses.
fn sheet_name(at: usize, group: &Group, language: Language) -> String {
    let text = match &group.portal {
        Some((Some(site), _)) => site.to_string(),
        _ => group_title(group, language),
    };
    let kept = text
        .chars()
        .map(|c| if "[]:*?/\\'".contains(c) { '~' } else { c });
    format!("{} {}", at + 1, kept.collect::<String>())
        .chars()
        .take(SHEET_NAME)
        .collect()
}

fn csv_table(ranking: &Ranking, language: Language) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    let first = word("ranking", "ranking", language).to_owned();
    if let Some(group) = ranking.groups.first() {
        writer.write_record(std::iter::once(first).chain(headings(group, language)))?;
    }
    for group in &ranking.groups {
        let name = guarded(&group_title(group, language));
        for line in &group.lines {
            let cells = cells(line, language).into_iter().map(|cell| match cell {
                Cell::Text(text) => guarded(&text),
                Cell::Number(number) => number.to_string(),
                Cell::Empty => String::new(),
            });
            writer.write_record(std::iter::once(name.clone()).chain(cells))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
