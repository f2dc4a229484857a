//! `report.xlsx`: the sheets in their order, written in bounded memory.

use std::collections::BTreeMap;
use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::super::html::{Report, file_name};
use super::super::repair::Repairs;
use super::super::results::{Draft, ResultsError};
use super::looks::Looks;
use super::names::SheetNames;
use super::rows::Rows;
use super::sheet::Sheet;
use crate::site::Role;
use crate::verdict::SiteResult;

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("failed to write the workbook: {0}")]
    Workbook(#[from] XlsxError),
    #[error(transparent)]
    File(#[from] ResultsError),
}

/// What lies beside the workbook, so that its links hold wherever the folder is taken.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) enum Around<'a> {
    /// A run: its report beside, and the sites' folders in `root` (empty, or `../` with a slash at its end).
    Run { root: &'a str },
    /// A package of one site, with this page.
    Package { page: &'a str },
}

impl Around<'_> {
    pub(super) fn page(self, result: &SiteResult) -> String {
        match self {
            Self::Run { .. } => format!("report/sites/{}", file_name(result)),
            Self::Package { page } => page.to_owned(),
        }
    }

    /// `evidence` is relative to the site's folder.
    pub(super) fn file(self, result: &SiteResult, evidence: &str) -> String {
        match self {
            Self::Run { root } => format!("{root}sites/{}/{evidence}", result.site.folder_name()),
            Self::Package { .. } => evidence.to_owned(),
        }
    }
}

/// A portal with its sites, itself first.
pub(super) struct Group<'a> {
    /// The portal's name for people.
    pub name: String,
    /// Its address, which is what its sheet is called.
    sheet: String,
    pub members: Vec<&'a SiteResult>,
}

/// Writes the workbook of a run, or of one site of it.
pub(in crate::report) struct Tables<'a> {
    rows: Rows<'a>,
}

impl std::fmt::Debug for Tables<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tables")
            .field("around", &self.rows.around)
            .finish_non_exhaustive()
    }
}

impl<'a> Tables<'a> {
    pub fn new(report: &'a Report<'a>, around: Around<'a>) -> Self {
        let repairs = Repairs::new(report.results, &report.record.judged_by.emc, report.language);
        Self {
            rows: Rows {
                report,
                repairs,
                around,
            },
        }
    }

    /// Writes the sheets of these results. The file appears under its name only when it is whole.
    ///
    /// # Errors
    /// When the file, or what is kept beside it meanwhile, cannot be written.
    pub fn write(&self, path: &Path, results: &[SiteResult]) -> Result<(), TableError> {
        let mut draft = Draft::begin(path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        self.write_to(&mut draft.file, folder.unwrap_or(Path::new(".")), results)?;
        draft.publish()?;
        Ok(())
    }

    /// The same into any writer; `scratch` is a folder for rows that wait for the end.
    pub(in crate::report) fn write_to<W: std::io::Write + std::io::Seek + Send>(
        &self,
        into: W,
        scratch: &Path,
        results: &[SiteResult],
    ) -> Result<(), TableError> {
        let looks = Looks::new();
        let mut workbook = Workbook::new();
        workbook.set_tempdir(scratch)?;
        workbook.set_properties(&self.properties()?);
        let mut book = Book {
            workbook,
            names: SheetNames::default(),
            looks: &looks,
            footer: self.footer(),
        };
        let say = |key| self.rows.report.say("sheet", key);
        let groups = groups(results, self.rows.report);
        self.rows
            .summary(&mut book.sheet(say("summary"))?, results, &groups)?;
        self.all_sites(&mut book.sheet(say("all"))?, &results.iter().collect::<Vec<_>>())?;
        self.todo(&mut book.sheet(say("todo"))?, results)?;
        self.rows.causes(&mut book.sheet(say("causes"))?, results)?;
        for group in &groups {
            self.all_sites(&mut book.sheet(&group.sheet)?, &group.members)?;
        }
        book.workbook.save_to_writer(into)?;
        Ok(())
    }

    fn all_sites(&self, sheet: &mut Sheet<'_>, results: &[&SiteResult]) -> Result<(), XlsxError> {
        self.rows.begin_sites(sheet, results.len())?;
        for (number, result) in (1..).zip(results) {
            self.rows.site(sheet, number, result)?;
        }
        Ok(())
    }

    fn todo(&self, sheet: &mut Sheet<'_>, results: &[SiteResult]) -> Result<(), XlsxError> {
        let rows = results.iter().map(Rows::todo_count).sum();
        self.rows.begin_todo(sheet, rows)?;
        let mut number = 0;
        for result in results {
            self.rows.todo(sheet, &mut number, &result.clone())?;
        }
        Ok(())
    }

    fn footer(&self) -> String {
        let report = self.rows.report;
        format!("{} {}", report.say("report", "run"), report.record.run)
    }

    /// The time of the run, so that the same results make the same file.
    fn properties(&self) -> Result<DocProperties, XlsxError> {
        let report = self.rows.report;
        let mut properties = DocProperties::new()
            .set_title(report.say("report", "title"))
            .set_author(crate::PROGRAM);
        if let Ok(started) = report.record.started.parse::<jiff::Timestamp>() {
            properties =
                properties.set_creation_datetime(&ExcelDateTime::from_timestamp(started.as_second())?);
        }
        Ok(properties)
    }
}

/// The workbook under way.
struct Book<'a> {
    workbook: Workbook,
    names: SheetNames,
    looks: &'a Looks,
    footer: String,
}

impl Book<'_> {
    fn sheet(&mut self, name: &str) -> Result<Sheet<'_>, XlsxError> {
        let name = self.names.name(name);
        let worksheet = self.workbook.add_worksheet_with_constant_memory()?;
        Sheet::new(worksheet, &name, &self.footer, self.looks)
    }
}

/// Portals in the order of their addresses, each before its components; sites without one come last.
fn groups<'r>(results: &'r [SiteResult], report: &Report<'_>) -> Vec<Group<'r>> {
    let mut by_portal: BTreeMap<(bool, String), Vec<&SiteResult>> = BTreeMap::new();
    for result in results {
        let portal = match (&result.portal, result.role) {
            (Some(portal), _) => portal.folder_name(),
            (None, Role::Portal) => result.site.folder_name(),
            (None, Role::Component) => String::new(),
        };
        by_portal
            .entry((portal.is_empty(), portal))
            .or_default()
            .push(result);
    }
    let named = by_portal.into_iter().map(|((_, portal), mut members)| {
        members.sort_by_key(|result| result.role != Role::Portal);
        let listed = members.first().filter(|result| result.role == Role::Portal);
        let sheet = if portal.is_empty() {
            report.say("heading", "no_portal").to_owned()
        } else {
            portal
        };
        Group {
            name: listed.map_or_else(|| sheet.clone(), |result| result.name.clone()),
            sheet,
            members,
        }
    });
    named.collect()
}
