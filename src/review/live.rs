//! The report of a run between two writings of its files: drawn with what people decided up to now, and with
//! what rechecks saw since.

use super::api::{ApiError, ended_run};
use super::carried::carry_into;
use super::rechecked::{Rechecks, has_rechecks, rechecks_of};
use super::server::Shared;
use crate::history::past_in;
use crate::report::{Judged, Rechecked, page_now, read_results};
use crate::rules::Rules;

/// A page of the report, by its name in the folder of the report. Nothing where the file on disk says the same,
/// or there is none.
pub(super) fn page(shared: &Shared, run: &str, name: &str) -> Result<Option<String>, ApiError> {
    let Some((folder, record)) = ended_run(shared, run) else {
        return Ok(None);
    };
    if !shared.is_stale(run) && !has_rechecks(shared, &record) {
        return Ok(None);
    }
    let mut results = read_results(&folder.path().join("results.jsonl")).map_err(ApiError::broken)?;
    carry_into(Some(&shared.options().out), &folder, &mut results)?;
    let rechecked = told(rechecks_of(shared, &record, &results)?);
    let text = folder.read_rules().map_err(ApiError::broken)?;
    let rules = Rules::from_toml(&text).map_err(ApiError::broken)?;
    let profile = rules
        .profile(Some(&record.judged_by.profile))
        .map_err(ApiError::broken)?;
    let past = past_in(Some(&shared.options().out), &record, &results).map_err(ApiError::broken)?;
    let judged = Judged {
        folder: &folder,
        record: &record,
        results: &results,
        rules: &rules,
        profile,
        language: shared.options().language,
        past: &past,
    };
    page_now(judged, name, &rechecked).map_err(ApiError::broken)
}

/// Newest first.
fn told(rechecks: Rechecks) -> Vec<Rechecked> {
    let told = rechecks.into_values().map(|result| Rechecked {
        site: result.site,
        run: result.run,
        at: result
            .visits
            .last()
            .map_or_else(String::new, |visit| visit.at.clone()),
        verdict: result.reviewed.unwrap_or(result.verdict),
    });
    let mut told: Vec<Rechecked> = told.collect();
    told.sort_by(|one, other| (&other.at, &one.site).cmp(&(&one.at, &other.site)));
    told
}
