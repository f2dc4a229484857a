//! Decisions in the files of a run: put in when it is judged, and again whenever somebody decides.

use std::collections::HashMap;
use std::path::Path;

use crate::bundle::{RunFolder, RunRecord, RunState, Signer, StoreError, judgement_base};
use crate::history::{Decided, History, HistoryError, carry, past_in};
use crate::language::Language;
use crate::report::{Judged, Making, ResultsError, RunFileError, read_results, write_judgement};
use crate::rules::{Rules, RulesError};
use crate::verdict::{SiteResult, Verdict};

/// Why decisions could not be put into results.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Rules(#[from] RulesError),
    #[error(transparent)]
    Results(#[from] ResultsError),
    #[error(transparent)]
    Write(#[from] RunFileError),
}

/// Everything that was decided in the folder `out`; nothing where it has no history.
fn decided_in(out: &Path) -> Result<Decided, HistoryError> {
    match History::open_existing(out)? {
        Some(history) => Ok(Decided::new(history.reviews(None)?, history.accepted_ids()?)),
        None => Ok(Decided::default()),
    }
}

/// Who answers for each listed site of a run.
pub(super) fn agencies_of(folder: &RunFolder) -> Result<HashMap<String, String>, StoreError> {
    let list = folder.read_list()?;
    let listed = list.sites.iter();
    Ok(listed
        .map(|listed| (listed.site.to_string(), listed.owner()))
        .collect())
}

/// Puts into the results of a run what people decided, as the history in `out` knows it.
///
/// # Errors
/// When the history or the run's list cannot be read; the results stay as they were.
pub fn carry_into(
    out: Option<&Path>,
    folder: &RunFolder,
    results: &mut [SiteResult],
) -> Result<(), CarryError> {
    let Some(out) = out else { return Ok(()) };
    let decided = decided_in(out)?;
    if !decided.is_empty() {
        carry(results, &decided, &agencies_of(folder)?);
    }
    Ok(())
}

/// Leaves the decisions that the run's own results have, for findings that rest on the same facts: where the history
/// cannot be read, judging again must not lose them.
///
/// # Errors
/// When there are results that cannot be read.
pub fn keep_decisions(folder: &RunFolder, results: &mut [SiteResult]) -> Result<(), ResultsError> {
    let path = folder.path().join("results.jsonl");
    let before = if path.is_file() {
        read_results(&path)?
    } else {
        Vec::new()
    };
    let before: HashMap<_, _> = before
        .into_iter()
        .map(|result| (result.site.clone(), result))
        .collect();
    for result in results {
        let Some(known) = before.get(&result.site) else {
            continue;
        };
        for finding in &mut result.findings {
            let same = known
                .findings
                .iter()
                .find(|one| one.check == finding.check && one.fingerprint == finding.fingerprint);
            finding.reviewed = same.and_then(|one| one.reviewed.clone());
        }
        result.reviewed = Verdict::reviewed(&result.findings);
    }
    Ok(())
}

/// Writes the files of a run anew where decisions changed what they say. Whether they did.
///
/// # Errors
/// When something cannot be read or written, or another program works on the run.
pub fn rewrite(
    out: &Path,
    folder: &RunFolder,
    record: &RunRecord,
    language: Language,
    signer: Option<&Signer>,
) -> Result<bool, CarryError> {
    if record.state == RunState::Running {
        return Ok(false);
    }
    let _lock = folder.lock()?;
    let before = read_results(&folder.path().join("results.jsonl"))?;
    let mut results = before.clone();
    carry_into(Some(out), folder, &mut results)?;
    if results == before {
        return Ok(false);
    }
    write_anew(out, folder, record, (&results, ""), language)?;
    folder.seal(signer)?;
    Ok(true)
}

/// Writes everything that was made of a run's visits anew, also what was judged by other rules, as its folder is
/// now; pictures stay as they are, and the run is not sealed.
///
/// # Errors
/// When something cannot be read or written.
pub fn remake(
    out: &Path,
    folder: &RunFolder,
    record: &RunRecord,
    language: Language,
) -> Result<(), CarryError> {
    for base in folder.judgements()? {
        let mut results = read_results(&folder.path().join(&base).join("results.jsonl"))?;
        carry_into(Some(out), folder, &mut results)?;
        write_anew(out, folder, record, (&results, &base), language)?;
    }
    Ok(())
}

fn write_anew(
    out: &Path,
    folder: &RunFolder,
    record: &RunRecord,
    (results, base): (&[SiteResult], &str),
    language: Language,
) -> Result<(), CarryError> {
    let rules = fs_err::read_to_string(folder.path().join(base).join("rules.toml"));
    let rules = Rules::from_toml(&rules.map_err(StoreError::from)?)?;
    // Which criteria results beside the run's own were judged by is in the name of their folder.
    let of_folder = rules
        .profiles
        .iter()
        .find(|profile| judgement_base(&rules.version, &profile.id) == base);
    let profile = of_folder.map_or(&record.judged_by.profile, |profile| &profile.id);
    let past = past_in(Some(out), record, results)?;
    let judged = Judged {
        folder,
        record,
        results,
        rules: &rules,
        profile: rules.profile(Some(profile))?,
        language,
        past: &past,
    };
    Ok(write_judgement(judged, base, Making::ButPictures)?)
}
