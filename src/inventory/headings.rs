//! Which column is which: headings in Vietnamese and English, as departments write them.
//!
//! A heading may fit several columns ("Đơn vị" is the name, or the agency beside a better name), so
//! each fit has a strength and the strongest set wins.

use super::fold::{begins_with, fold, has_words, one_line};
use super::table::{Row, Sheet};
pub(super) use super::titles::Column;
use super::titles::{AMBIGUOUS, BEGINNINGS, EXACT, PEOPLE};

/// The column that `list check` adds; it is not read again.
pub(super) const CHECK_HEADING: &str = "Ghi chú kiểm tra";

/// The columns of a search for component sites, in both languages; they are not read either.
pub(super) const OUR_COLUMNS: [[&str; 2]; 3] = [
    ["Độ tin cậy", "confidence"],
    ["Căn cứ dò tìm", "evidence"],
    ["Kết quả dò tìm", "search result"],
];

/// Longer texts are titles and remarks, not headings.
const LONGEST_HEADING: usize = 80;
/// Rows in which the heading is looked for.
const HEADING_ROWS: usize = 10;
const EXACT_STRENGTH: u8 = 4;

fn is_our_own(heading: &str) -> bool {
    heading == CHECK_HEADING || OUR_COLUMNS.iter().flatten().any(|own| *own == heading)
}

/// The columns that one heading may stand for, with strengths.
fn fits(text: &str) -> Vec<(Column, u8)> {
    if text.trim() == "#" {
        return vec![(Column::Number, EXACT_STRENGTH)];
    }
    let outside = without_brackets(text);
    let heading = fold(if fold(&outside).is_empty() { text } else { &outside });
    if heading.is_empty() || heading.len() > LONGEST_HEADING {
        return Vec::new();
    }
    let exact = EXACT
        .iter()
        .filter(|(_, words)| words.contains(&heading.as_str()))
        .map(|(column, _)| (*column, EXACT_STRENGTH));
    let ambiguous = AMBIGUOUS
        .iter()
        .filter(|(words, ..)| *words == heading)
        .map(|(_, column, strength)| (*column, *strength));
    let known: Vec<_> = exact.chain(ambiguous).collect();
    if known.is_empty() {
        by_parts(text).unwrap_or_else(|| by_words(&heading))
    } else {
        known
    }
}

/// "Tên miền/Địa chỉ website": the first part that is known.
fn by_parts(text: &str) -> Option<Vec<(Column, u8)>> {
    if !text.contains(['/', '|']) {
        return None;
    }
    text.split(['/', '|'])
        .filter(|part| !part.contains('/'))
        .map(fits)
        .find(|found| !found.is_empty())
}

/// Longer headings by the words in them: "Địa chỉ website của đơn vị".
fn by_words(heading: &str) -> Vec<(Column, u8)> {
    let begins = |phrases: &[&str]| begins_with(heading, phrases);
    let has = |phrases: &[&str]| has_words(heading, phrases);
    if has(PEOPLE) {
        return Vec::new();
    }
    if begins(&["tinh trang", "trang thai"]) && !has(&["emc"]) {
        return vec![(Column::State, 2)];
    }
    if has(&["emc", "giam sat"]) {
        let is_id = has(&["id", "ma", "ma so"]) && !has(&["da", "gan", "ket noi", "co khong", "tinh trang"]);
        return if is_id {
            vec![(Column::EmcSiteId, 3)]
        } else {
            Vec::new()
        };
    }
    if let Some((_, column, strength)) = BEGINNINGS.iter().find(|(words, ..)| begins(words)) {
        return vec![(*column, *strength)];
    }
    let is_address = has(&[
        "website",
        "url",
        "domain",
        "ten mien",
        "duong dan",
        "duong link",
        "trang web",
    ]) || begins(&["dia chi trang", "dia chi cong", "dia chi truy cap", "link"]);
    if is_address && has(&["cu", "khac", "phu", "truoc day"]) {
        return vec![(Column::Aliases, 3)];
    }
    if begins(&["ten"]) && !begins(&["ten mien"]) {
        return vec![(Column::Name, 3), (Column::Agency, 1)];
    }
    if is_address {
        return vec![(Column::Url, 3)];
    }
    if begins(&["co quan", "don vi", "so ban nganh", "cac co quan", "cac don vi"]) {
        return vec![(Column::Name, 2), (Column::Agency, 1)];
    }
    Vec::new()
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|c| match c {
            '(' | '[' => {
                depth += 1;
                false
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// The heading row of a sheet, understood.
#[derive(Debug, Clone)]
pub(super) struct Headings {
    /// Index of the row in the sheet.
    pub row: usize,
    /// Meaning, column and the heading as in the file, on one line.
    pub columns: Vec<(Column, u32, String)>,
    /// Headings that are not understood.
    pub unknown: Vec<String>,
    /// Headings that mean what a better column means already.
    pub spare: Vec<String>,
}

/// A heading that has no meaning yet: its column, its text, and what it may mean.
type OpenHeading = (u32, String, Vec<(Column, u8)>);

impl Headings {
    pub fn column(&self, wanted: Column) -> Option<u32> {
        self.columns
            .iter()
            .find(|(column, ..)| *column == wanted)
            .map(|(_, at, _)| *at)
    }

    /// The heading of a column as it stands in the file.
    pub fn title(&self, wanted: Column) -> Option<&str> {
        self.columns
            .iter()
            .find(|(column, ..)| *column == wanted)
            .map(|(.., title)| title.as_str())
    }

    fn understand(index: usize, row: &Row) -> Self {
        let mut open: Vec<OpenHeading> = row
            .filled()
            .filter(|(_, cell)| !is_our_own(&cell.text))
            .map(|(at, cell)| (at, one_line(&cell.text), fits(&cell.text)))
            .collect();
        let mut headings = Self {
            row: index,
            columns: Vec::new(),
            unknown: Vec::new(),
            spare: Vec::new(),
        };
        // The address and the name matter most and choose first; the rest by strength.
        for wanted in [Some(Column::Url), Some(Column::Name), None] {
            headings.assign(&mut open, wanted);
        }
        for (_, title, found) in open {
            if found.is_empty() {
                headings.unknown.push(title);
            } else {
                headings.spare.push(title);
            }
        }
        headings
    }

    /// Gives columns to headings, strongest first and from the left; one column or all that are free.
    fn assign(&mut self, open: &mut Vec<OpenHeading>, wanted: Option<Column>) {
        loop {
            let free =
                |column: Column| self.column(column).is_none() && wanted.is_none_or(|one| one == column);
            let best = open
                .iter()
                .enumerate()
                .flat_map(|(at, (.., found))| {
                    found
                        .iter()
                        .map(move |(column, strength)| (at, *column, *strength))
                })
                .filter(|(_, column, _)| free(*column))
                .max_by_key(|(at, _, strength)| (*strength, std::cmp::Reverse(*at)));
            let Some((at, column, _)) = best else {
                return;
            };
            let (place, title, _) = open.remove(at);
            self.columns.push((column, place, title));
        }
    }

    /// Whether the row can head a list: an address, and something beside it that is understood (or
    /// nothing beside it at all); or names that carry addresses as hyperlinks.
    fn is_heading(&self, sheet: &Sheet, row: &Row) -> bool {
        let known = self.columns.len();
        if self.column(Column::Url).is_some() {
            let is_alone = row.filled().count() == 1
                && row.filled().all(|(_, cell)| {
                    cell.width == 1 && fits(&cell.text).contains(&(Column::Url, EXACT_STRENGTH))
                });
            return known >= 2 || is_alone;
        }
        let linked = self.column(Column::Name).is_some_and(|column| {
            sheet.rows[self.row + 1..]
                .iter()
                .any(|row| row.cell(column).is_some_and(|cell| cell.link.is_some()))
        });
        known >= 2 && linked
    }
}

/// What was understood of a sheet without a heading row: the best row's headings.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Understood {
    pub known: Vec<String>,
    pub unknown: Vec<String>,
}

/// Finds the heading among the first ten rows with content: the one with most columns understood.
pub(super) fn find_headings(sheet: &Sheet) -> Result<Headings, Understood> {
    let candidates = || {
        sheet
            .rows
            .iter()
            .take(HEADING_ROWS)
            .enumerate()
            .map(|(index, row)| (row, Headings::understand(index, row)))
    };
    let best = candidates()
        .filter(|(row, headings)| headings.is_heading(sheet, row))
        .max_by_key(|(_, headings)| (headings.columns.len(), std::cmp::Reverse(headings.row)));
    if let Some((_, headings)) = best {
        return Ok(headings);
    }
    let nearest = candidates().max_by_key(|(row, headings)| {
        let filled = row.filled().count();
        (
            headings.columns.len(),
            filled.min(2),
            std::cmp::Reverse(headings.row),
        )
    });
    Err(nearest.map_or_else(Understood::default, |(_, headings)| {
        let known = headings.columns.into_iter().map(|(.., title)| title);
        Understood {
            known: known.chain(headings.spare).collect(),
            unknown: headings.unknown,
        }
    }))
}

/// How many columns of the sheet's heading row are understood; 0 without one.
pub(super) fn best_score(sheet: &Sheet) -> usize {
    find_headings(sheet).map_or(0, |headings| headings.columns.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::table::Cell;
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let row = |(line, texts): (usize, &&[&str])| Row {
            line: u32::try_from(line + 1).unwrap(),
            cells: (0..)
                .zip(texts.iter())
                .filter(|(_, text)| !text.is_empty())
                .map(|(column, text)| {
                    let cell = Cell {
                        text: (*text).to_owned(),
                        width: 1,
                        ..Cell::default()
                    };
                    (column, cell)
                })
                .collect(),
        };
        Sheet {
            name: None,
            rows: rows.iter().enumerate().map(row).collect(),
        }
    }

    fn meanings(titles: &[&str]) -> Vec<Option<Column>> {
        let headings = find_headings(&sheet(&[titles])).unwrap();
        (0..titles.len())
            .map(|at| {
                let found = headings
                    .columns
                    .iter()
                    .find(|(_, place, _)| *place as usize == at);
                found.map(|(column, ..)| *column)
            })
            .collect()
    }

    #[test]
    fn headings_of_real_lists_are_understood() {
        use Column::{
            Agency, Aliases, EmcSiteId, Group, Name, Note, Number, Portal, Role, State, Url, Vendor,
        };
        let cases: &[(&[&str], &[Option<Column>])] = &[
            (
                &[
                    "url",
                    "name",
                    "role",
                    "portal",
                    "agency",
                    "emc_site_id",
                    "aliases",
                ],
                &[
                    Some(Url),
                    Some(Name),
                    Some(Role),
                    Some(Portal),
                    Some(Agency),
                    Some(EmcSiteId),
                    Some(Aliases),
                ],
            ),
            (
                &[
                    "STT",
                    "Tên cơ quan,\nđơn vị",
                    "Địa chỉ\nwebsite",
                    "Mã EMC (nếu có)",
                    "Ghi chú",
                ],
                &[Some(Number), Some(Name), Some(Url), Some(EmcSiteId), Some(Note)],
            ),
            (
                &["TT", "Đơn vị", "Tên miền/địa chỉ", "Loại", "Cổng", "Trạng thái"],
                &[
                    Some(Number),
                    Some(Name),
                    Some(Url),
                    Some(Role),
                    Some(Portal),
                    Some(State),
                ],
            ),
            (
                &["Cơ quan", "Tên trang", "Địa chỉ", "Tên miền"],
                &[Some(Agency), Some(Name), None, Some(Url)],
            ),
            (&["Địa chỉ cổng TTĐT", "Tên cơ quan"], &[Some(Url), Some(Name)]),
            (
                &["Website", "Địa chỉ cổng TTĐT", "Khối", "Đơn vị cung cấp phần mềm"],
                &[Some(Url), Some(Portal), Some(Group), Some(Vendor)],
            ),
            (
                &[
                    "Website",
                    "Tên đơn vị",
                    "Đã gắn mã EMC (có/không)",
                    "Email",
                    "Địa chỉ trang TTĐT cũ",
                ],
                &[Some(Url), Some(Name), None, None, Some(Aliases)],
            ),
        ];
        for (titles, wanted) in cases {
            assert_eq!(&meanings(titles), wanted, "{titles:?}");
        }
    }

    #[test]
    fn titles_above_are_no_headings_and_two_row_headings_use_the_fuller_row() {
        let found = find_headings(&sheet(&[
            &["DANH SÁCH ĐỊA CHỈ WEBSITE CÁC CƠ QUAN, ĐƠN VỊ"],
            &["(Kèm theo Công văn)"],
            &["STT", "Đơn vị", "Trang thông tin điện tử"],
            &["STT", "Đơn vị", "Địa chỉ", "Mã EMC"],
        ]));
        assert_eq!(found.unwrap().row, 3);
    }

    #[test]
    fn without_a_heading_what_was_understood_is_told() {
        let missing = find_headings(&sheet(&[&["Báo cáo"], &["STT", "Đơn vị", "Số lượng"]])).unwrap_err();
        assert_eq!(missing.known, ["Đơn vị", "STT"]);
        assert_eq!(missing.unknown, ["Số lượng"]);
        assert!(find_headings(&sheet(&[&["https://a.gov.vn"], &["https://b.gov.vn"]])).is_err());
    }
}
