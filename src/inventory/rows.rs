//! What each row below the heading is: a unit, a group's title, a total, a note under the table.

use super::fold::{begins_with, clean, fold, has_words, one_line};
use super::headings::{Column, Headings};
use super::table::{Cell, Row, Sheet};
use super::values;

/// A row that lists a unit, with the group it stands under.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub row: &'a Row,
    pub group: Option<String>,
}

/// The units of a sheet, and the rows under the table that are none.
#[derive(Debug, Default)]
pub(super) struct Listing<'a> {
    pub units: Vec<Listed<'a>>,
    pub below: Vec<&'a Row>,
}

pub(super) fn listing<'a>(sheet: &'a Sheet, headings: &Headings) -> Listing<'a> {
    let mut listing = Listing::default();
    let mut group = None;
    let rows = sheet.rows.get(headings.row + 1..).unwrap_or_default();
    let last_unit = rows
        .iter()
        .rposition(|row| has_address(row, headings))
        .unwrap_or_default();
    for (index, row) in rows.iter().enumerate() {
        let own: Vec<_> = row.filled().filter(|(_, cell)| !cell.copied).collect();
        let number = headings.column(Column::Number);
        // Templates come with numbers already in the rows that nobody filled in.
        let is_blank = own
            .iter()
            .all(|(column, cell)| Some(*column) == number && is_count(&cell.text));
        if is_blank || is_numbering(row, index) || repeats_heading(sheet, headings, row) {
            continue;
        }
        if is_total(row, headings) {
            continue;
        }
        if !has_address(row, headings) {
            if let Some(title) = group_title(row, headings) {
                group = Some(title);
                continue;
            }
            if index > last_unit && is_below_table(row, headings) {
                listing.below.push(row);
                continue;
            }
        }
        listing.units.push(Listed {
            row,
            group: group.clone(),
        });
    }
    listing
}

/// `1`, `2.`, `1.1`: the number of a unit.
fn is_count(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Something stands where the address should be, or an address lies under the name.
fn has_address(row: &Row, headings: &Headings) -> bool {
    let cell = |column| headings.column(column).and_then(|at| row.cell(at));
    // A group's title may stand in the first column, and the addresses too.
    let is_title = |cell: &Cell| cell.width > 1 || (row.cells.len() == 1 && has_numeral(&cell.text));
    let in_place = cell(Column::Url)
        .is_some_and(|cell| (!cell.text.is_empty() && !is_title(cell)) || cell.link.is_some());
    in_place || cell(Column::Name).is_some_and(|cell| cell.link.is_some())
}

/// The line of column numbers under a heading: `(1) (2) (3)`, `A B 1 2`.
fn is_numbering(row: &Row, index: usize) -> bool {
    let mut texts = row.filled().map(|(_, cell)| cell.text.as_str());
    let is_mark = |text: &str| {
        let mark = text.trim_matches(|c: char| "()[]".contains(c)).trim();
        let is_number = !mark.is_empty() && mark.len() <= 2 && mark.bytes().all(|byte| byte.is_ascii_digit());
        is_number || (mark.len() == 1 && mark.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    index < 2 && row.filled().count() >= 2 && texts.all(is_mark)
}

/// The heading once more, as on each printed page.
fn repeats_heading(sheet: &Sheet, headings: &Headings, row: &Row) -> bool {
    let Some(heading) = sheet.rows.get(headings.row) else {
        return false;
    };
    let mut same = 0;
    for (column, cell) in row.filled() {
        if fold(&cell.text) != fold(heading.text(column)) {
            return false;
        }
        same += 1;
    }
    same >= 2
}

/// "Tổng cộng: 25"; not "Tổng công ty".
fn is_total(row: &Row, headings: &Headings) -> bool {
    let url = headings.column(Column::Url).map_or("", |at| row.text(at));
    let has_address = values::addresses(url).is_ok_and(|addresses| !addresses.found.is_empty());
    let sums = |text: &str| {
        let lower = text.to_lowercase();
        let words = lower.trim_end_matches(|c: char| !c.is_alphabetic());
        let folded = fold(words);
        words == "cộng"
            || ["tong", "tong cong", "tong so", "total"].contains(&folded.as_str())
            || ["tổng cộng", "tổng số"].iter().any(|sum| lower.starts_with(sum))
    };
    !has_address && row.filled().any(|(_, cell)| sums(&clean(&cell.text)))
}

/// The title of a group of units, without its numeral: "I. Sở, ban, ngành", "II", "Khối huyện".
fn group_title(row: &Row, headings: &Headings) -> Option<String> {
    let number = headings.column(Column::Number);
    let mark = number.map_or("", |at| row.text(at));
    let titles: Vec<(u32, &Cell)> = row
        .filled()
        .filter(|(column, cell)| !cell.copied && Some(*column) != number)
        .collect();
    if is_numeral(mark) {
        let title = titles.first().map_or(mark, |(_, cell)| cell.text.as_str());
        return Some(without_numeral(&one_line(title)));
    }
    let (column, cell) = match titles.as_slice() {
        [(column, cell)] => (*column, *cell),
        // "I. Sở, ban, ngành" in the narrow column of numbers, or merged from there.
        [] => (number?, row.cell(number?)?),
        _ => return None,
    };
    let text = one_line(&cell.text);
    let url = headings.column(Column::Url).unwrap_or(u32::MAX);
    let spans_address = column <= url && cell.width > 1 && column.saturating_add(cell.width) > url;
    let in_front = Some(column) == number || Some(column) == headings.column(Column::Group);
    let words = [
        "khoi",
        "nhom",
        "phan",
        "muc",
        "cac",
        "cap",
        "ubnd cac",
        "uy ban nhan dan cac",
    ];
    let reads_so = has_numeral(&text) || begins_with(&fold(&text), &words);
    let at_name = Some(column) <= headings.column(Column::Name).or(Some(0));
    let is_title = spans_address || in_front || (reads_so && at_name);
    (is_title && !is_footnote(&text)).then(|| without_numeral(&text))
}

/// `I`, `IV.`, `A)`: a roman numeral or one capital letter, alone.
fn is_numeral(text: &str) -> bool {
    let mark = text.trim().trim_end_matches(['.', ')', '/', ':', '-', ' ']);
    let is_roman = !mark.is_empty() && mark.len() <= 6 && mark.bytes().all(|byte| b"IVXLC".contains(&byte));
    is_roman || (mark.len() == 1 && mark.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// `I. Sở, ban, ngành`, `A - Khối Đảng`, `Phần I: …`.
fn has_numeral(text: &str) -> bool {
    numeral_end(text).is_some()
}

fn without_numeral(text: &str) -> String {
    match numeral_end(text) {
        Some(end) if !text[end..].trim().is_empty() => text[end..].trim().to_owned(),
        _ => text.to_owned(),
    }
}

/// Where the text after a leading numeral and its mark begins.
fn numeral_end(text: &str) -> Option<usize> {
    let end = text.find(['.', ')', '/', ':', '-', '–'])?;
    let mark = text[end..].chars().next()?;
    let after = end + mark.len_utf8();
    (is_numeral(&text[..end]) && text[after..].starts_with([' ', '.'])).then_some(after)
}

/// Under the last unit: signatures, dates, remarks; never a row that has a number in the STT column.
fn is_below_table(row: &Row, headings: &Headings) -> bool {
    let number = headings.column(Column::Number).map(|at| row.text(at));
    if number.is_some_and(is_count) {
        return false;
    }
    let own: Vec<_> = row.filled().filter(|(_, cell)| !cell.copied).collect();
    let all_notes = own
        .iter()
        .all(|(_, cell)| is_footnote(&cell.text) || cell.width > 1);
    // With an STT column every unit has a number; without one only what reads like a note is one.
    all_notes || (number.is_some() && own.len() <= 3)
}

fn is_footnote(text: &str) -> bool {
    let folded = fold(text);
    let words = [
        "ghi chu",
        "chu thich",
        "luu y",
        "nguoi lap",
        "nguoi lap bieu",
        "noi nhan",
        "tm",
        "kt",
        "tl",
        "thu truong",
        "giam doc",
        "pho giam doc",
        "chu tich",
        "pho chu tich",
        "chanh van phong",
        "danh sach",
        "nguon",
        "ky ten",
        "ngay",
        "note",
        "source",
    ];
    begins_with(&folded, &words)
        || text.starts_with('*')
        || (folded.contains(" ngay ") && folded.contains(" thang "))
}

/// Whether the row's unit says that it has no site: where the address should be, or in the note
/// beside an empty cell.
pub(super) fn has_no_site(row: &Row, headings: &Headings) -> bool {
    if has_link(row, headings) {
        return false;
    }
    let text = |column| headings.column(column).map_or("", |at| row.text(at));
    let url = text(Column::Url);
    let subjects = ["website", "trang", "cong", "ten mien", "dia chi"];
    let note = text(Column::Note);
    // A host may be called `no-site.tinh.gov.vn`: what reads as an address is one.
    let says_none = values::says_none(url) && crate::site::parse_address(url).is_err();
    says_none || (url.is_empty() && values::says_none(note) && has_words(&fold(note), &subjects))
}

/// An address lies under the address's cell or under the name.
fn has_link(row: &Row, headings: &Headings) -> bool {
    [Column::Url, Column::Name]
        .into_iter()
        .filter_map(|column| row.cell(headings.column(column)?))
        .any(|cell| cell.link.is_some())
}
