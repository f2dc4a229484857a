//! The table at the end of a run: how many sites of each portal came out how, and how each check did.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::language::{Language, Sentence, word};
use crate::rules::{CheckId, Profile, Rules};
use crate::site::Role;
use crate::verdict::{SiteResult, Status, Verdict};

/// Statuses in the order of the columns.
const STATUSES: [Status; 5] = [
    Status::Pass,
    Status::Fail,
    Status::Review,
    Status::NotMeasured,
    Status::NotApplicable,
];
/// A first column wider than this is cut.
const NAME_WIDTH: usize = 48;

/// Counts, gathered one result at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Verdicts by portal; the empty text for sites without one.
    portals: BTreeMap<String, [u64; 4]>,
    checks: BTreeMap<CheckId, [u64; 5]>,
}

impl Summary {
    pub fn add(&mut self, result: &SiteResult) {
        let portal = match (&result.portal, result.role) {
            (Some(portal), _) => portal.to_string(),
            (None, Role::Portal) => result.site.to_string(),
            (None, Role::Component) => String::new(),
        };
        let counts = self.portals.entry(portal).or_default();
        for (count, verdict) in counts.iter_mut().zip(Verdict::ALL) {
            *count += u64::from(result.verdict == verdict);
        }
        for finding in &result.findings {
            let Ok(check) = finding.check.parse::<CheckId>() else {
                continue;
            };
            let counts = self.checks.entry(check).or_default();
            for (count, status) in counts.iter_mut().zip(STATUSES) {
                *count += u64::from(finding.status == status);
            }
        }
    }

    /// How many sites have this verdict.
    pub fn with(&self, verdict: Verdict) -> u64 {
        self.portals
            .values()
            .flat_map(|counts| counts.iter().zip(Verdict::ALL))
            .filter(|(_, one)| *one == verdict)
            .map(|(count, _)| count)
            .sum()
    }

    /// How many sites were judged.
    pub fn sites(&self) -> u64 {
        self.portals.values().flatten().sum()
    }

    /// Two tables as text, one line per portal and one per check, columns aligned.
    pub fn render(&self, rules: &Rules, profile: &Profile, language: Language) -> String {
        let mut text = table(&self.by_portal(language));
        text.push('\n');
        text.push_str(&table(&self.by_check(rules, profile, language)));
        text
    }

    fn by_portal(&self, language: Language) -> Vec<Vec<String>> {
        let heading = |key| word("heading", key, language).to_owned();
        let mut head = vec![heading("portal"), heading("sites")];
        head.extend(Verdict::ALL.map(|one| word("status", one.as_str(), language).to_owned()));
        let mut rows = vec![head];
        let mut all = [0u64; 4];
        for (portal, counts) in &self.portals {
            let name = if portal.is_empty() {
                heading("no_portal")
            } else {
                portal.clone()
            };
            rows.push(numbers(name, counts));
            for (sum, count) in all.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        if self.portals.len() != 1 {
            rows.push(numbers(heading("all"), &all));
        }
        rows
    }

    fn by_check(&self, rules: &Rules, profile: &Profile, language: Language) -> Vec<Vec<String>> {
        let mut head = vec![word("heading", "check", language).to_owned()];
        head.extend(STATUSES.map(|one| word("status", one.as_str(), language).to_owned()));
        let mut rows = vec![head];
        for (check, counts) in &self.checks {
            let mut name = rules.check_name(*check).in_language(language).to_owned();
            if !profile.is_mandatory(*check) {
                let advisory = word("heading", "advisory", language);
                name = format!("{name} ({advisory})");
            }
            let mut row = vec![name];
            row.extend(counts.iter().map(u64::to_string));
            rows.push(row);
        }
        rows
    }
}

/// That only these checks were judged, and the verdict rests on nothing else. Nothing for a run of all checks.
pub fn only_text(only: Option<&[CheckId]>, rules: &Rules, language: Language) -> Option<String> {
    let names: Vec<String> = only?
        .iter()
        .map(|check| rules.check_name(*check).in_language(language).to_owned())
        .collect();
    let sentence = Sentence::new("report", "only").with("checks", names.join(", "));
    Some(sentence.text(language))
}

/// A row of a name, the sum and its parts.
fn numbers(name: String, counts: &[u64; 4]) -> Vec<String> {
    let mut row = vec![name, counts.iter().sum::<u64>().to_string()];
    row.extend(counts.iter().map(u64::to_string));
    row
}

/// Rows as lines: the first column to the left, the numbers to the right, a line below the heading.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| width(&cut(cell))).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let cell = cut(cell);
            let padding = " ".repeat(widths[column].saturating_sub(width(&cell)));
            let gap = if column == 0 { "" } else { "  " };
            // Writing to a string cannot fail.
            let written = if column == 0 {
                write!(text, "{cell}{padding}")
            } else {
                write!(text, "{gap}{padding}{cell}")
            };
            debug_assert!(written.is_ok());
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
        if number == 0 {
            let line = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
            text.push_str(&"-".repeat(line));
            text.push('\n');
        }
    }
    text
}

fn cut(cell: &str) -> String {
    let cell: String = cell.nfc().filter(|c| !c.is_control()).collect();
    if width(&cell) <= NAME_WIDTH {
        return cell;
    }
    let short: String = cell.chars().take(NAME_WIDTH - 1).collect();
    format!("{short}…")
}

/// Columns that a text takes: marks above and below a letter take none, even where no single letter has them.
fn width(text: &str) -> usize {
    text.nfc().filter(|c| !is_combining_mark(*c)).count()
}

#[cfg(test)]
mod tests;
