//! What stands at the top of a run's folder: `run.json`, the results and the pointer to the newest run.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::{RunFolder, RunKind, RunRecord, RunState, Signer, StoreError};
use crate::history::Past;
use crate::language::Language;
use crate::rules::{CheckId, Profile, Rules};
use crate::site::SiteId;
use crate::verdict::SiteResult;

use super::exhibits::Place;
use super::html::{Rechecked, Report, ReportError, file_name};
use super::results::{CsvWriter, ResultsError, ResultsWriter};
use super::summary::{Summary, only_text};
use super::tables::{Around, TableError, Tables};

/// Why the results of a run could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RunFileError {
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What results are written for.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    pub folder: &'a RunFolder,
    pub record: &'a RunRecord,
    pub results: &'a [SiteResult],
    pub rules: &'a Rules,
    pub profile: &'a Profile,
    pub language: Language,
    pub past: &'a Past,
}

/// Whether the pictures beside the bags are made anew. What a person decides changes none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    Everything,
    ButPictures,
}

/// Writes results and `run.json`, and seals the run, signed where there is a key. Only a whole run that was not
/// interrupted becomes `latest`.
pub fn write_run(judged: Judged<'_>, out: &Path, signer: Option<&Signer>) -> Result<(), RunFileError> {
    let folder = judged.folder;
    write_judgement(judged, "", Making::Everything)?;
    folder.write_record(judged.record)?;
    // Last: its list covers everything above.
    folder.seal(signer)?;
    if judged.record.kind == RunKind::Full && judged.record.state == RunState::Finished {
        folder.make_latest(out)?;
    }
    Ok(())
}

/// Writes all that judging makes: the results, a `result.json` and pictures for each site, the report and its
/// tables.
/// `base` is the folder for it inside the run's, with a slash at its end, or empty for the run's own.
pub fn write_judgement(judged: Judged<'_>, base: &str, making: Making) -> Result<(), RunFileError> {
    let Judged {
        folder,
        record,
        results,
        rules,
        profile,
        language,
        past,
    } = judged;
    let place = folder.path().join(base);
    fs_err::create_dir_all(&place).map_err(StoreError::from)?;
    let mut lines = ResultsWriter::begin(&place.join("results.jsonl"))?;
    let mut table = CsvWriter::begin(&place.join("results.csv"), rules, profile, language)?;
    for result in results {
        lines.push(result)?;
        table.push(result)?;
    }
    lines.finish()?;
    table.finish()?;
    let files = Place {
        folder,
        base,
        emc: &record.judged_by.emc,
    };
    let files = match making {
        Making::Everything => files.make_all(results)?,
        Making::ButPictures => files.find_all(results)?,
    };
    for result in results {
        let name = format!("{base}sites/{}/result.json", result.site.folder_name());
        folder.write_json(&name, result)?;
    }
    let depth = 1 + base.matches('/').count();
    let report = Report {
        record,
        results,
        rules,
        profile,
        language,
        removed: removal_times(folder)?,
        past,
        rechecked: &[],
    };
    report.write(&place.join("report"), &vec![".."; depth].join("/"), &files)?;
    let root = "../".repeat(depth - 1);
    let tables = Tables::new(&report, Around::Run { root: &root });
    tables.write(&place.join("report.xlsx"), results)?;
    Ok(())
}

/// Sites of a run whose visits were removed, and when.
fn removal_times(folder: &RunFolder) -> Result<BTreeMap<SiteId, String>, StoreError> {
    let removed = folder.removed()?.into_iter();
    Ok(removed
        .filter_map(|(site, visits)| Some((site, visits.into_iter().next_back()?.at)))
        .collect())
}

/// A page of the report as it would be written now, by its name in the folder of the report; nothing where the
/// report has no such page. `rechecked` is told beside what the run said.
///
/// # Errors
/// When something of the run cannot be read.
pub fn page_now(
    judged: Judged<'_>,
    name: &str,
    rechecked: &[Rechecked],
) -> Result<Option<String>, RunFileError> {
    let Judged { folder, results, .. } = judged;
    let report = Report {
        record: judged.record,
        results,
        rules: judged.rules,
        profile: judged.profile,
        language: judged.language,
        removed: removal_times(folder)?,
        past: judged.past,
        rechecked,
    };
    let files = Place {
        folder,
        base: "",
        emc: &judged.record.judged_by.emc,
    };
    if let Some(site) = name.strip_prefix("sites/") {
        let named = |result: &&SiteResult| file_name(result) == site;
        let Some(result) = results.iter().find(named) else {
            return Ok(None);
        };
        let page = files
            .find_all(std::slice::from_ref(result))?
            .first()
            .map(|files| report.page_of_site(result, "..", files));
        return Ok(page.transpose()?);
    }
    let files = files.find_all(results)?;
    Ok(match name.strip_prefix("portals/") {
        Some(portal) => report.page_of_portal(portal, "..", &files)?,
        None if name == "index.html" => Some(report.first_page("..", &files)?),
        None => None,
    })
}

/// The table at the end of a run. `only` are the checks that were judged, if not all of the profile were.
pub fn summary_text(
    results: &[SiteResult],
    rules: &Rules,
    profile: &Profile,
    only: Option<&[CheckId]>,
    language: Language,
) -> String {
    let mut counts = Summary::default();
    for result in results {
        counts.add(result);
    }
    let mut text = counts.render(rules, profile, language);
    if let Some(only) = only_text(only, rules, language) {
        text.push('\n');
        text.push_str(&only);
        text.push('\n');
    }
    text
}
