//! A file of visits becomes figures: a line for each site with a column for each month, or a line for each site and
//! month. Every cell that cannot be used is named, all of them at once.

use std::collections::HashMap;
use std::path::Path;

use super::figures::{Figures, Month, read_visits};
use super::known::Known;
use crate::inventory::{FileProblem, PlainTable, read_tables};
use crate::language::{Language, Sentence};
use crate::rules::plain;
use crate::site::{SiteId, parse_address};
use crate::verdict::Message;

/// Lines in which the heading is looked for.
const HEADING_LINES: usize = 15;
/// Problems that are named one by one.
const NAMED: usize = 200;

const SITE: &[&str] = &[
    "url",
    "website",
    "web",
    "site",
    "host",
    "domain",
    "domain name",
    "link",
    "dia chi",
    "dia chi website",
    "dia chi web",
    "dia chi trang",
    "ten mien",
    "trang",
    "trang web",
    "ten mien website",
    "dia chi truy cap",
];
const EMC_ID: &[&str] = &[
    "ma emc",
    "ma so emc",
    "id emc",
    "emc id",
    "emc site id",
    "site id",
    "siteid",
    "idsite",
    "ma",
    "ma trang",
    "ma so",
];
const MONTH: &[&str] = &[
    "thang",
    "month",
    "ky",
    "ky bao cao",
    "thoi gian",
    "thang nam",
    "period",
];
const YEAR: &[&str] = &["nam", "year"];
const VISITS: &[&str] = &[
    "visits",
    "luot truy cap",
    "so luot truy cap",
    "tong luot truy cap",
    "tong so luot truy cap",
    "truy cap",
    "so luot",
    "luot",
    "visitors",
    "luot xem",
    "so luot xem",
];

/// One cell that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitProblem {
    pub sheet: Option<String>,
    pub line: u32,
    pub column: String,
    pub value: String,
    pub what: Sentence,
}

impl VisitProblem {
    fn text(&self, language: Language) -> String {
        let value: String = self.value.chars().take(80).collect();
        let place = Sentence::new(
            "visits",
            if self.sheet.is_some() {
                "place_in_sheet"
            } else {
                "place"
            },
        )
        .with("sheet", self.sheet.as_deref().unwrap_or_default())
        .with("line", self.line)
        .with("column", &self.column)
        .with("value", value);
        format!("{}: {}", place.text(language), self.what.text(language))
    }
}

#[derive(Debug)]
pub enum VisitsError {
    File(FileProblem),
    /// No line names a site and a month.
    NoHeading,
    Rows(Vec<VisitProblem>),
}

impl VisitsError {
    /// Every problem on a line of its own.
    pub fn message(problems: &[VisitProblem]) -> Message {
        let text = |language| {
            let mut lines: Vec<String> = problems
                .iter()
                .take(NAMED)
                .map(|one| one.text(language))
                .collect();
            if problems.len() > NAMED {
                let more = Sentence::new("verify", "more").with("count", problems.len() - NAMED);
                lines.push(more.text(language));
            }
            lines.join("\n")
        };
        Message {
            vi: text(Language::Vietnamese),
            en: text(Language::English),
        }
    }
}

/// What a file brought, right and wrong.
#[derive(Debug, Default)]
pub struct VisitsRead {
    pub figures: Figures,
    pub problems: Vec<VisitProblem>,
}

/// Reads a file of visits of the `known` sites.
pub fn read_visits_file(path: &Path, known: &Known) -> Result<VisitsRead, VisitsError> {
    let tables = read_tables(path).map_err(VisitsError::File)?;
    read_visit_tables(&tables, known)
}

fn read_visit_tables(tables: &[PlainTable], known: &Known) -> Result<VisitsRead, VisitsError> {
    let mut read = VisitsRead::default();
    let mut first_at: HashMap<(SiteId, Month), u32> = HashMap::new();
    let mut has_heading = false;
    for table in tables {
        let Some((at, columns)) = heading(table) else {
            continue;
        };
        has_heading = true;
        let mut reader = TableReader {
            table,
            columns: &columns,
            known,
            read: &mut read,
            first_at: &mut first_at,
        };
        for (line, cells) in table.rows.iter().skip(at + 1) {
            reader.row(*line, cells);
        }
    }
    if has_heading {
        Ok(read)
    } else {
        Err(VisitsError::NoHeading)
    }
}

/// What stands in which column.
#[derive(Debug, Default)]
struct Columns {
    titles: Vec<String>,
    site: Option<usize>,
    emc_id: Option<usize>,
    month: Option<usize>,
    year: Option<usize>,
    visits: Option<usize>,
    /// Months that are columns of their own.
    wide: Vec<(usize, Month)>,
}

fn heading(table: &PlainTable) -> Option<(usize, Columns)> {
    let lines = table.rows.iter().take(HEADING_LINES).enumerate();
    lines
        .map(|(at, (_, cells))| (at, Columns::of(cells)))
        .find(|(_, columns)| columns.is_heading())
}

impl Columns {
    fn of(cells: &[String]) -> Self {
        let mut columns = Self {
            titles: cells.to_vec(),
            ..Self::default()
        };
        for (at, cell) in cells.iter().enumerate() {
            let folded = plain(cell);
            let folded = folded.trim();
            let is = |words: &[&str]| words.contains(&folded);
            let place = if is(SITE) {
                &mut columns.site
            } else if is(EMC_ID) {
                &mut columns.emc_id
            } else if is(MONTH) {
                &mut columns.month
            } else if is(YEAR) {
                &mut columns.year
            } else if is(VISITS) {
                &mut columns.visits
            } else {
                if let Some(month) = Month::read(cell) {
                    columns.wide.push((at, month));
                }
                continue;
            };
            place.get_or_insert(at);
        }
        columns
    }

    fn is_heading(&self) -> bool {
        let names_sites = self.site.is_some() || self.emc_id.is_some();
        names_sites && (!self.wide.is_empty() || (self.month.is_some() && self.visits.is_some()))
    }
}

struct TableReader<'a> {
    table: &'a PlainTable,
    columns: &'a Columns,
    known: &'a Known,
    read: &'a mut VisitsRead,
    first_at: &'a mut HashMap<(SiteId, Month), u32>,
}

impl TableReader<'_> {
    fn row(&mut self, line: u32, cells: &[String]) {
        let text = |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
        let (address, id) = (text(self.columns.site), text(self.columns.emc_id));
        let sums = ["tong", "tong cong", "tong so", "total", "cong"];
        let is_sum = cells.iter().any(|cell| sums.contains(&plain(cell).trim()));
        if (address.is_empty() && id.is_empty()) || (is_sum && parse_address(address).is_err()) {
            let has_figures = self
                .columns
                .wide
                .iter()
                .any(|(at, _)| !text(Some(*at)).is_empty())
                || !text(self.columns.visits).is_empty();
            if has_figures && !is_sum {
                self.problem(line, self.columns.site.or(self.columns.emc_id), "", "no_site");
            }
            return;
        }
        let Some(site) = self.site(line, address, id) else {
            return;
        };
        for (at, month) in &self.columns.wide {
            self.figure(line, &site, *month, *at, text(Some(*at)));
        }
        if let (Some(month_at), Some(visits_at)) = (self.columns.month, self.columns.visits)
            && self.columns.wide.is_empty()
        {
            let written = text(self.columns.month);
            let with_year = format!("{written}/{}", text(self.columns.year));
            let month = Month::read(written).or_else(|| Month::read(&with_year));
            match month {
                Some(month) => self.figure(line, &site, month, visits_at, text(Some(visits_at))),
                None => self.problem(line, Some(month_at), written, "no_month"),
            }
        }
    }

    /// The known site of a line, by its address, else by its id at EMC.
    fn site(&mut self, line: u32, address: &str, id: &str) -> Option<SiteId> {
        if !address.is_empty() {
            let Ok(url) = parse_address(address) else {
                self.problem(line, self.columns.site, address, "no_address");
                return None;
            };
            let found = self.known.by_address(&url);
            if found.is_none() {
                self.problem(line, self.columns.site, address, "unknown_site");
            }
            return found;
        }
        let found = self.known.by_emc_id(id);
        if found.is_none() {
            self.problem(line, self.columns.emc_id, id, "unknown_id");
        }
        found
    }

    fn figure(&mut self, line: u32, site: &SiteId, month: Month, at: usize, text: &str) {
        match read_visits(text) {
            Ok(None) => {}
            Err(bad) => self.problem(line, Some(at), text, bad.as_str()),
            Ok(Some(visits)) => {
                if let Some(first) = self.first_at.get(&(site.clone(), month)) {
                    let what = Sentence::new("visits", "twice").with("line", first);
                    self.push(line, Some(at), text, what.with("month", month.for_people()));
                    return;
                }
                self.first_at.insert((site.clone(), month), line);
                self.read
                    .figures
                    .entry(site.clone())
                    .or_default()
                    .insert(month, visits);
            }
        }
    }

    fn problem(&mut self, line: u32, at: Option<usize>, value: &str, key: &'static str) {
        self.push(line, at, value, Sentence::new("visits", key));
    }

    fn push(&mut self, line: u32, at: Option<usize>, value: &str, what: Sentence) {
        let title = at.and_then(|at| self.columns.titles.get(at));
        self.read.problems.push(VisitProblem {
            sheet: self.table.name.clone(),
            line,
            column: title.cloned().unwrap_or_default(),
            value: value.to_owned(),
            what,
        });
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
