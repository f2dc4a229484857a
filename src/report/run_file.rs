//! What stands at the top of a run's folder: `run.json`, the results and the pointer to the newest run.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::bundle::StoreError;
use crate::dispatch::AuditSummary;
use crate::judge::ControlFacts;
use crate::language::Language;
use crate::rules::{Profile, Rules};
use crate::verdict::{Outcome, Verdict};

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

/// `run.json`: what kind of run it was, with what, and how it went.
#[derive(Debug, Serialize)]
struct RunFile<'a> {
    schema: &'static str,
    run: &'a str,
    kind: &'static str,
    program: String,
    started: String,
    ended: String,
    interrupted: bool,
    profile: &'a str,
    rules: &'a str,
    sites: usize,
    visits: usize,
    verdicts: BTreeMap<Verdict, usize>,
    outcomes: BTreeMap<Outcome, usize>,
    /// Calls of EMC's tracker that left the robot in this run.
    beacon_calls_let_out: u64,
    sandbox: bool,
    settings: &'a crate::settings::Settings,
    browsers: &'a BTreeMap<String, String>,
    control: &'a ControlFacts,
}

/// Writes results and `run.json`; a run that was interrupted never becomes `latest`.
pub fn write_run(
    summary: &AuditSummary,
    out: &Path,
    rules: &Rules,
    profile: &Profile,
    language: Language,
) -> Result<(), RunFileError> {
    let folder = &summary.folder;
    let mut lines = ResultsWriter::begin(&folder.path().join("results.jsonl"))?;
    let mut table = CsvWriter::begin(&folder.path().join("results.csv"), rules, profile, language)?;
    for result in &summary.results {
        lines.push(result)?;
        table.push(result)?;
    }
    lines.finish()?;
    table.finish()?;
    let text = serde_json::to_vec_pretty(&run_file(summary))
        .map_err(std::io::Error::from)
        .map_err(StoreError::from)?;
    folder.write_file("run.json", &text)?;
    if !summary.interrupted {
        folder.make_latest(out)?;
    }
    Ok(())
}

fn run_file(summary: &AuditSummary) -> RunFile<'_> {
    let mut verdicts = BTreeMap::new();
    let mut outcomes = BTreeMap::new();
    for result in &summary.results {
        *verdicts.entry(result.verdict).or_default() += 1;
        *outcomes.entry(result.outcome).or_default() += 1;
    }
    RunFile {
        schema: "emc-audit/run/1",
        run: summary.folder.name(),
        kind: "full",
        program: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        started: summary.started.to_string(),
        ended: summary.ended.to_string(),
        interrupted: summary.interrupted,
        profile: &summary.profile,
        rules: &summary.rules,
        sites: summary.results.len(),
        visits: summary.visits,
        verdicts,
        outcomes,
        beacon_calls_let_out: summary.beacon_calls,
        sandbox: summary.sandbox,
        settings: &summary.settings,
        browsers: &summary.browsers,
        control: &summary.control,
    }
}

/// The table at the end of a run.
pub fn summary_text(summary: &AuditSummary, rules: &Rules, profile: &Profile, language: Language) -> String {
    let mut counts = Summary::default();
    for result in &summary.results {
        counts.add(result);
    }
    counts.render(rules, profile, language)
}
