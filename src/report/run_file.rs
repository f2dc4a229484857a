//! What stands at the top of a run's folder: `run.json`, the results and the pointer to the newest run.

use std::path::Path;

use crate::bundle::{RunKind, StoreError};
use crate::dispatch::AuditSummary;
use crate::language::Language;
use crate::rules::{Profile, Rules};
use crate::verdict::SiteResult;

use super::results::{CsvWriter, ResultsError, ResultsWriter};
use super::summary::Summary;

/// Why the results of a run could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RunFileError {
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes results and `run.json`. Only a whole run that was not interrupted becomes `latest`.
pub fn write_run(
    summary: &AuditSummary,
    out: &Path,
    rules: &Rules,
    profile: &Profile,
    language: Language,
) -> Result<(), RunFileError> {
    let folder = &summary.folder;
    write_results(folder.path(), &summary.results, rules, profile, language)?;
    folder.write_record(&summary.record)?;
    // Last: its list covers everything above.
    folder.seal()?;
    if summary.record.kind == RunKind::Full && !summary.interrupted() {
        folder.make_latest(out)?;
    }
    Ok(())
}

/// Writes `results.jsonl` and `results.csv` into `folder`.
pub fn write_results(
    folder: &Path,
    results: &[SiteResult],
    rules: &Rules,
    profile: &Profile,
    language: Language,
) -> Result<(), ResultsError> {
    let mut lines = ResultsWriter::begin(&folder.join("results.jsonl"))?;
    let mut table = CsvWriter::begin(&folder.join("results.csv"), rules, profile, language)?;
    for result in results {
        lines.push(result)?;
        table.push(result)?;
    }
    lines.finish()?;
    table.finish()
}

/// The table at the end of a run.
pub fn summary_text(results: &[SiteResult], rules: &Rules, profile: &Profile, language: Language) -> String {
    let mut counts = Summary::default();
    for result in results {
        counts.add(result);
    }
    counts.render(rules, profile, language)
}
