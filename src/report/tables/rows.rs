//! The rows of the sheets: one for each site, and one for each thing that has to be done.

use rust_xlsxwriter::XlsxError;

use super::super::decisions::{decision_text, decisions_text};
use super::super::html::Report;
use super::super::pictures::{is_picture, may_be_opened};
use super::super::repair::Repairs;
use super::super::time;
use super::sheet::{Column, Sheet};
use super::workbook::Around;
use crate::rules::{CheckId, Criterion};
use crate::verdict::{Finding, Reviewed, SiteResult, Status};

/// What rows are made from.
pub(super) struct Rows<'a> {
    pub report: &'a Report<'a>,
    pub repairs: Repairs<'a>,
    pub around: Around<'a>,
}

/// Columns that are printed before those of the criteria, and after them.
const BEFORE: [(&str, u16); 4] = [("number", 5), ("site", 25), ("name", 27), ("verdict", 13)];
const FINDINGS: (&str, u16) = ("findings", 54);
/// For the screen.
const AFTER: [(&str, u16); 12] = [
    ("reviewed", 16),
    ("decisions", 40),
    ("agency", 24),
    ("role", 13),
    ("portal", 20),
    ("system", 18),
    ("vendor", 18),
    ("group", 18),
    ("evidence", 13),
    ("visited_at", 17),
    ("visits", 8),
    ("final_url", 36),
];
const TODO_PRINTED: [(&str, u16); 7] = [
    ("number", 5),
    ("site", 25),
    ("name", 27),
    ("check", 20),
    ("verdict", 13),
    ("why", 44),
    ("repair", 60),
];
const TODO: [(&str, u16); 10] = [
    ("paste", 60),
    ("agency", 24),
    ("criterion", 30),
    ("basis", 44),
    ("mandatory", 10),
    ("code", 18),
    ("system", 18),
    ("portal", 20),
    ("evidence", 13),
    ("decisions", 40),
];
/// Width of a criterion's column: its words, wrapped.
const CRITERION: u16 = 15;

impl Rows<'_> {
    fn columns(&self, keys: &[(&str, u16)]) -> Vec<Column> {
        let columns = keys.iter().map(|(key, width)| Column {
            heading: self.report.say("heading", key).to_owned(),
            width: *width,
        });
        columns.collect()
    }

    /// The heading of a sheet of sites with `rows` rows.
    pub(super) fn begin_sites(&self, sheet: &mut Sheet<'_>, rows: usize) -> Result<(), XlsxError> {
        let mut columns = self.columns(&BEFORE);
        columns.extend(self.report.profile.criteria.iter().map(|criterion| Column {
            heading: self.criterion_name(criterion),
            width: CRITERION,
        }));
        columns.extend(self.columns(&[FINDINGS]));
        let printed = columns.len();
        columns.extend(self.columns(&AFTER));
        sheet.table(&columns, rows, printed)
    }

    pub(super) fn criterion_name(&self, criterion: &Criterion) -> String {
        let name = self.report.numbered(criterion);
        if criterion.mandatory {
            name
        } else {
            format!("{name} ({})", self.report.say("heading", "advisory"))
        }
    }

    /// One row of a site.
    pub(super) fn site(
        &self,
        sheet: &mut Sheet<'_>,
        number: usize,
        result: &SiteResult,
    ) -> Result<(), XlsxError> {
        let report = self.report;
        self.who(sheet, number, result)?;
        let verdict = result.verdict;
        let format = sheet.looks.verdict(verdict);
        sheet.put(report.say("status", verdict.as_str()), format)?;
        for criterion in &report.profile.criteria {
            let status = over(result, criterion);
            let format = status.map_or(&sheet.looks.plain, |status| sheet.looks.status(status));
            sheet.put(
                status.map_or("", |status| report.say("status", status.as_str())),
                format,
            )?;
        }
        sheet.text(&self.to_do(result))?;
        match result.reviewed {
            Some(verdict) => sheet.put(
                report.say("status", verdict.as_str()),
                sheet.looks.verdict(verdict),
            )?,
            None => sheet.text("")?,
        }
        let name = |check: &str| self.check_name(check);
        sheet.text(&decisions_text(result, name, report.language))?;
        sheet.text(result.agency_told().unwrap_or_default())?;
        sheet.text(report.say("role", result.role.as_str()))?;
        sheet.text(&portal(result))?;
        self.origin(sheet, result)?;
        self.evidence(
            sheet,
            result,
            &result.findings.iter().flat_map(|finding| &finding.evidence),
        )?;
        let first = result.visits.first().map(|visit| time::for_people(&visit.at));
        sheet.text(&first.unwrap_or_default())?;
        sheet.number(result.visits.len())?;
        sheet.text(result.final_url.as_deref().unwrap_or_default())?;
        sheet.next_row();
        Ok(())
    }

    fn who(&self, sheet: &mut Sheet<'_>, number: usize, result: &SiteResult) -> Result<(), XlsxError> {
        sheet.number(number)?;
        sheet.link(Some(&self.around.page(result)), &result.site.to_string())?;
        sheet.text(result.name_told().unwrap_or_default())
    }

    fn origin(&self, sheet: &mut Sheet<'_>, result: &SiteResult) -> Result<(), XlsxError> {
        sheet.text(&self.system(result))?;
        sheet.text(result.vendor.as_deref().unwrap_or_default())?;
        sheet.text(result.group.as_deref().unwrap_or_default())
    }

    fn system(&self, result: &SiteResult) -> String {
        let system = result.system.as_ref();
        system.map_or_else(String::new, |system| {
            self.report.say("system", system.name.as_str()).to_owned()
        })
    }

    /// A link to the first picture, else to the first file that may be opened.
    fn evidence<'e>(
        &self,
        sheet: &mut Sheet<'_>,
        result: &SiteResult,
        files: &(impl Iterator<Item = &'e String> + Clone),
    ) -> Result<(), XlsxError> {
        if self.report.removed.contains_key(&result.site) {
            return sheet.text(self.report.say("heading", "removed"));
        }
        let picture = files.clone().find(|file| is_picture(file));
        let file = picture.or_else(|| files.clone().find(|file| may_be_opened(file)));
        match file {
            Some(file) => sheet.link(
                Some(&self.around.file(result, file)),
                self.report
                    .say("heading", if picture.is_some() { "picture" } else { "evidence" }),
            ),
            None => sheet.text(""),
        }
    }

    /// What fails or needs a person, a line each; what was not measured says why.
    fn to_do(&self, result: &SiteResult) -> String {
        let language = self.report.language;
        let mut lines: Vec<String> = self.report.outcome(result).into_iter().collect();
        lines.extend(open(result).map(|finding| {
            let status = self.report.say("status", finding.status.as_str());
            format!("{status}: {}", finding.message.in_language(language))
        }));
        lines.join("\n")
    }

    /// How many rows a site has among the things to do.
    pub(super) fn todo_count(result: &SiteResult) -> usize {
        open(result).count() + usize::from(result.outcome_message.is_some())
    }

    pub(super) fn begin_todo(&self, sheet: &mut Sheet<'_>, rows: usize) -> Result<(), XlsxError> {
        let mut columns = self.columns(&TODO_PRINTED);
        let printed = columns.len();
        columns.extend(self.columns(&TODO));
        sheet.table(&columns, rows, printed)
    }

    /// One row for each finding that fails or needs a person, and one for a site that was not measured.
    pub(super) fn todo(
        &self,
        sheet: &mut Sheet<'_>,
        number: &mut usize,
        result: &SiteResult,
    ) -> Result<(), XlsxError> {
        if result.outcome_message.is_some() {
            *number += 1;
            self.unmeasured(sheet, *number, result)?;
        }
        for finding in open(result) {
            *number += 1;
            self.finding(sheet, *number, result, finding)?;
        }
        Ok(())
    }

    fn check_name(&self, check: &str) -> String {
        match check.parse::<CheckId>() {
            Ok(known) => self
                .report
                .rules
                .check_name(known)
                .in_language(self.report.language)
                .to_owned(),
            Err(_) => check.to_owned(),
        }
    }

    fn unmeasured(&self, sheet: &mut Sheet<'_>, number: usize, result: &SiteResult) -> Result<(), XlsxError> {
        let report = self.report;
        let (status, language) = (Status::NotMeasured, report.language);
        self.who(sheet, number, result)?;
        sheet.text("")?;
        sheet.put(report.say("status", status.as_str()), sheet.looks.status(status))?;
        sheet.text(&report.outcome(result).unwrap_or_default())?;
        let hint = result.outcome_hint.as_ref();
        sheet.text(hint.map_or("", |hint| hint.in_language(language)))?;
        sheet.text("")?;
        sheet.text(result.agency_told().unwrap_or_default())?;
        for _ in ["criterion", "basis", "mandatory"] {
            sheet.text("")?;
        }
        sheet.text(result.outcome_reason.as_deref().unwrap_or_default())?;
        self.end_of_todo(sheet, result, &[], None)
    }

    fn finding(
        &self,
        sheet: &mut Sheet<'_>,
        number: usize,
        result: &SiteResult,
        finding: &Finding,
    ) -> Result<(), XlsxError> {
        let report = self.report;
        let check = finding.check.parse::<CheckId>().ok();
        let criterion = report
            .profile
            .criteria
            .iter()
            .find(|criterion| check.is_some_and(|check| criterion.checks.contains(&check)));
        let repair = self.repairs.of(result, finding).unwrap_or_default();
        self.who(sheet, number, result)?;
        sheet.text(&self.check_name(&finding.check))?;
        let format = sheet.looks.status(finding.status);
        sheet.put(report.say("status", finding.status.as_str()), format)?;
        sheet.text(finding.message.in_language(report.language))?;
        sheet.text(&repair.lines().join("\n"))?;
        sheet.put(&repair.code(), &sheet.looks.code)?;
        sheet.text(result.agency_told().unwrap_or_default())?;
        sheet.text(&criterion.map_or_else(String::new, |criterion| self.criterion_name(criterion)))?;
        sheet.text(&criterion.map_or_else(String::new, |criterion| report.basis(criterion)))?;
        sheet.text(report.say("heading", if finding.mandatory { "yes" } else { "no" }))?;
        sheet.text(&finding.code)?;
        self.end_of_todo(sheet, result, &finding.evidence, finding.reviewed.as_ref())
    }

    fn end_of_todo(
        &self,
        sheet: &mut Sheet<'_>,
        result: &SiteResult,
        evidence: &[String],
        reviewed: Option<&Reviewed>,
    ) -> Result<(), XlsxError> {
        sheet.text(&self.system(result))?;
        sheet.text(&portal(result))?;
        self.evidence(sheet, result, &evidence.iter())?;
        let decision = reviewed.map(|reviewed| decision_text(reviewed, self.report.language));
        sheet.text(&decision.unwrap_or_default())?;
        sheet.next_row();
        Ok(())
    }
}

fn portal(result: &SiteResult) -> String {
    result
        .portal
        .as_ref()
        .map_or_else(String::new, ToString::to_string)
}

/// Findings that fail or need a person, mandatory ones first.
fn open(result: &SiteResult) -> impl Iterator<Item = &Finding> {
    let wanted = |mandatory: bool| {
        result.findings.iter().filter(move |finding| {
            finding.mandatory == mandatory && matches!(finding.status, Status::Fail | Status::Review)
        })
    };
    wanted(true).chain(wanted(false))
}

/// What a criterion comes to over its checks; nothing where none of them was asked.
fn over(result: &SiteResult, criterion: &Criterion) -> Option<Status> {
    let has = |status: Status| {
        result.findings.iter().any(|finding| {
            finding.status == status
                && criterion
                    .checks
                    .iter()
                    .any(|check| check.as_str() == finding.check)
        })
    };
    [
        Status::Fail,
        Status::NotMeasured,
        Status::Review,
        Status::Pass,
        Status::NotApplicable,
    ]
    .into_iter()
    .find(|status| has(*status))
}
