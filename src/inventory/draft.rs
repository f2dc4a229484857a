//! A draft of a list as CSV, and a draft merged into a list that people have worked on: their lines, cells and order
//! stay as they are, what is new comes below, and what the search has to say of a line stands in columns of its own.

use std::collections::BTreeMap;
use std::path::Path;

use crate::language::{Language, Sentence, word};
use crate::report::guarded;
use crate::site::{Role, SiteId};
use crate::verdict::Message;

use super::csv_file::{RawTable, read_raw};
use super::headings::{Column, Headings, OUR_COLUMNS, find_headings};
use super::problem::{FileProblem, ListError};
use super::rows::listing;
use super::source;
use super::table::Sheet;
use super::values;

/// One line of a draft.
#[derive(Debug, Clone)]
pub struct DraftRow {
    pub site: SiteId,
    pub url: String,
    pub name: String,
    pub role: Role,
    pub portal: Option<SiteId>,
    pub aliases: Vec<SiteId>,
    /// Else a person has to decide, and until then it is not audited.
    pub is_sure: bool,
    /// `high`, `medium` or `low`.
    pub confidence: &'static str,
    pub reasons: Message,
}

/// A list after merging.
#[derive(Debug)]
pub struct Merged {
    pub csv: Vec<u8>,
    /// Lines that the list did not have.
    pub new: usize,
}

/// The columns of a draft, in its order.
const COLUMNS: [(Column, &str); 8] = [
    (Column::Url, "url"),
    (Column::Name, "name"),
    (Column::Role, "role"),
    (Column::Portal, "portal"),
    (Column::EmcSiteId, "emc_site_id"),
    (Column::Aliases, "aliases"),
    (Column::State, "state"),
    (Column::Note, "note"),
];

impl DraftRow {
    fn cell(&self, column: Column, language: Language) -> String {
        let text = match column {
            Column::Url => self.url.clone(),
            Column::Name => self.name.clone(),
            Column::Role => word("role", self.role.as_str(), language).to_owned(),
            Column::Portal => self.portal.as_ref().map(ToString::to_string).unwrap_or_default(),
            Column::Aliases => {
                let aliases: Vec<String> = self.aliases.iter().map(ToString::to_string).collect();
                aliases.join("; ")
            }
            Column::State if !self.is_sure => word("discovery", "state_open", language).to_owned(),
            Column::Note if !self.is_sure => word("discovery", "note_open", language).to_owned(),
            _ => String::new(),
        };
        guarded(&text)
    }

    /// What stands in the columns of the search.
    fn ours(&self, mark: &str, language: Language) -> [String; 3] {
        [
            word("discovery", self.confidence, language).to_owned(),
            guarded(self.reasons.in_language(language)),
            mark.to_owned(),
        ]
    }
}

/// The draft as a list that `emc-audit run --sites` reads.
pub fn draft_csv(rows: &[DraftRow], language: Language) -> Result<Vec<u8>, csv::Error> {
    let mut table = RawTable::default();
    let headings = COLUMNS
        .iter()
        .map(|(_, key)| word("draft_heading", key, language).to_owned());
    table
        .lines
        .push((1, headings.chain(our_headings(language)).collect()));
    for row in rows {
        let cells = COLUMNS.iter().map(|(column, _)| row.cell(*column, language));
        table
            .lines
            .push((0, cells.chain(row.ours("", language)).collect()));
    }
    table.write()
}

fn our_headings(language: Language) -> impl Iterator<Item = String> {
    ["confidence", "evidence", "remark"]
        .into_iter()
        .map(move |key| word("draft_heading", key, language).to_owned())
}

/// Puts the draft into the CSV list at `path`; `marks` says what became of lines that it has.
pub fn merge_csv(
    path: &Path,
    rows: &[DraftRow],
    marks: &BTreeMap<SiteId, Sentence>,
    language: Language,
) -> Result<Merged, ListError> {
    let failed = |problem| ListError::File {
        path: path.to_owned(),
        problem,
    };
    let bytes = source::read_bounded(path).map_err(failed)?;
    merge_bytes(&bytes, rows, marks, language).map_err(failed)
}

fn merge_bytes(
    bytes: &[u8],
    rows: &[DraftRow],
    marks: &BTreeMap<SiteId, Sentence>,
    language: Language,
) -> Result<Merged, FileProblem> {
    let book = source::read_bytes(bytes)?.book;
    let mut table = read_raw(bytes)?;
    let sheet = book.sheets.first().ok_or(FileProblem::Empty)?;
    let headings = find_headings(sheet).map_err(|nearest| FileProblem::NoHeading {
        known: nearest.known,
        unknown: nearest.unknown,
    })?;
    let known = sites_of(sheet, &headings);
    let heading_line = sheet.rows.get(headings.row).map_or(1, |row| row.line);
    let at = table.our_columns(heading_line, language);
    for (line, sites) in &known {
        let mark = sites.iter().find_map(|site| marks.get(site));
        let text = mark.map_or_else(String::new, |mark| mark.text(language));
        let found = rows.iter().find(|row| sites.contains(&row.site));
        let ours = found.map_or_else(
            || [String::new(), String::new(), text.clone()],
            |row| row.ours(&text, language),
        );
        table.put(*line, &at, ours);
    }
    let listed = |site: &SiteId| known.iter().any(|(_, sites)| sites.contains(site));
    let mut new: Vec<DraftRow> = rows.iter().filter(|row| !listed(&row.site)).cloned().collect();
    for row in &mut new {
        // An address cannot be a line of its own and another one's second address.
        row.aliases.retain(|alias| !listed(alias));
        let mut cells = Vec::new();
        for (column, _) in COLUMNS {
            if let Some(place) = headings.column(column) {
                set(&mut cells, place as usize, row.cell(column, language));
            }
        }
        let ours = row.ours(word("discovery", "mark_new", language), language);
        for (place, text) in at.iter().zip(ours) {
            set(&mut cells, *place, text);
        }
        table.lines.push((0, cells));
    }
    Ok(Merged {
        new: new.len(),
        csv: table
            .write()
            .map_err(|error| FileProblem::Damaged(error.to_string()))?,
    })
}

/// The sites of each line, by its own address and the others that it names.
fn sites_of(sheet: &Sheet, headings: &Headings) -> Vec<(u32, Vec<SiteId>)> {
    let units = listing(sheet, headings).units.into_iter();
    let lines = units.map(|unit| {
        let named = [Column::Url, Column::Aliases].into_iter().filter_map(|column| {
            let text = unit.row.text(headings.column(column)?);
            values::addresses(text).ok()
        });
        let found = named.flat_map(|addresses| addresses.found);
        (
            unit.row.line,
            found.map(|one| SiteId::from_url(&one.url)).collect(),
        )
    });
    lines.collect()
}

impl RawTable {
    /// Where the columns of the search are; added to the heading where they are not there yet.
    fn our_columns(&mut self, heading_line: u32, language: Language) -> Vec<usize> {
        let widest = self
            .lines
            .iter()
            .map(|(_, cells)| cells.len())
            .max()
            .unwrap_or_default();
        let Some((_, heading)) = self.lines.iter_mut().find(|(line, _)| *line == heading_line) else {
            return Vec::new();
        };
        let mut next = widest.max(heading.len());
        let mut places = Vec::new();
        for (names, title) in OUR_COLUMNS.iter().zip(our_headings(language)) {
            let there = heading.iter().position(|cell| names.contains(&cell.trim()));
            let place = there.unwrap_or_else(|| {
                set(heading, next, title);
                next += 1;
                next - 1
            });
            places.push(place);
        }
        places
    }

    fn put(&mut self, line: u32, at: &[usize], texts: [String; 3]) {
        if let Some((_, cells)) = self.lines.iter_mut().find(|(known, _)| *known == line) {
            for (place, text) in at.iter().zip(texts) {
                set(cells, *place, text);
            }
        }
    }
}

fn set(cells: &mut Vec<String>, place: usize, text: String) {
    if cells.len() <= place {
        cells.resize(place + 1, String::new());
    }
    cells[place] = text;
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
