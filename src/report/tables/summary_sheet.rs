//! The first sheet, numbers and what they rest on, and the one by system, vendor and group.

use rust_xlsxwriter::XlsxError;

use super::super::time;
use super::rows::Rows;
use super::sheet::{Column, Sheet};
use super::tally::{Sort, Tally, tallies};
use super::workbook::Group;
use crate::verdict::{SiteResult, Verdict};

impl Rows<'_> {
    /// What the run was, how its sites came out, portal by portal, and the law behind each criterion.
    pub(super) fn summary(
        &self,
        sheet: &mut Sheet<'_>,
        results: &[SiteResult],
        groups: &[Group<'_>],
    ) -> Result<(), XlsxError> {
        for (column, width) in (0..).zip([62, 13, 13, 13, 13, 16]) {
            sheet.width(column, width)?;
        }
        self.about(sheet)?;
        self.counts_heading(sheet, "portal")?;
        for group in groups {
            counts(sheet, &group.name, group.members.iter().copied())?;
        }
        counts(sheet, self.report.say("heading", "all"), results.iter())?;
        sheet.next_row();
        self.criteria(sheet)
    }

    fn about(&self, sheet: &mut Sheet<'_>) -> Result<(), XlsxError> {
        let report = self.report;
        let looks = sheet.looks;
        sheet.put(report.say("report", "title"), &looks.title)?;
        sheet.next_row();
        let started = time::for_people(&report.record.started);
        let rules = format!("{} {}", report.say("report", "rules"), report.rules.version);
        let profile = report.profile.name.in_language(report.language);
        let lines = [
            format!(
                "{} {} · {started}",
                report.say("report", "run"),
                report.record.run
            ),
            format!("{profile} · {rules}"),
            format!("{} {}", report.say("report", "vantage"), report.vantage()),
        ];
        for line in lines.into_iter().chain(report.only()) {
            sheet.put(&line, &looks.note)?;
            sheet.next_row();
        }
        sheet.next_row();
        Ok(())
    }

    fn counts_heading(&self, sheet: &mut Sheet<'_>, first: &str) -> Result<(), XlsxError> {
        let say = |section, key| self.report.say(section, key);
        let verdicts = Verdict::ALL.map(|verdict| say("status", verdict.as_str()));
        sheet.headings(
            [say("heading", first), say("heading", "sites")]
                .into_iter()
                .chain(verdicts),
        )
    }

    /// Criterion and legal basis share a cell: Excel fits no row to what stands in merged ones.
    fn criteria(&self, sheet: &mut Sheet<'_>) -> Result<(), XlsxError> {
        let say = |key| self.report.say("heading", key);
        let both = format!("{} – {}", say("criterion"), say("basis"));
        sheet.headings([both.as_str(), say("mandatory")].into_iter())?;
        for criterion in &self.report.profile.criteria {
            let basis = self.report.basis(criterion);
            sheet.text(format!("{}\n{basis}", self.report.numbered(criterion)).trim_end())?;
            sheet.text(say(if criterion.mandatory { "yes" } else { "no" }))?;
            sheet.next_row();
        }
        Ok(())
    }

    /// One table of all three sortings, so that its filter chooses among them.
    pub(super) fn causes(&self, sheet: &mut Sheet<'_>, results: &[SiteResult]) -> Result<(), XlsxError> {
        let (report, language) = (self.report, self.report.language);
        let by_sort = Sort::ALL.map(|sort| (sort, tallies(results, sort, language)));
        let rows: usize = by_sort.iter().map(|(_, rows)| rows.len()).sum();
        let columns: Vec<Column> = [("sorted_by", 18), ("name", 34), ("sites", 10)]
            .map(|(key, width)| (report.say("heading", key), width))
            .into_iter()
            .chain(Verdict::ALL.map(|verdict| (report.say("status", verdict.as_str()), 13)))
            .chain([(report.say("heading", "most_failing"), 70)])
            .map(|(heading, width)| Column {
                heading: heading.to_owned(),
                width,
            })
            .collect();
        let printed = columns.len();
        sheet.table(&columns, rows, printed)?;
        for (sort, rows) in &by_sort {
            for tally in rows {
                self.cause(sheet, *sort, tally)?;
            }
        }
        Ok(())
    }

    fn cause(&self, sheet: &mut Sheet<'_>, sort: Sort, tally: &Tally) -> Result<(), XlsxError> {
        sheet.text(self.report.say("heading", sort.heading()))?;
        sheet.text(&tally.name)?;
        sheet.number(tally.sites)?;
        for count in tally.verdicts {
            sheet.number(count)?;
        }
        sheet.text(&tally.fails(self.report.rules, self.report.language))?;
        sheet.next_row();
        Ok(())
    }
}

/// How the members of a group came out.
fn counts<'r>(
    sheet: &mut Sheet<'_>,
    name: &str,
    members: impl Iterator<Item = &'r SiteResult>,
) -> Result<(), XlsxError> {
    let members: Vec<&SiteResult> = members.collect();
    sheet.text(name)?;
    sheet.number(members.len())?;
    for verdict in Verdict::ALL {
        sheet.number(members.iter().filter(|result| result.verdict == verdict).count())?;
    }
    sheet.next_row();
    Ok(())
}
