//! From runs on disk to rows. What a run wrote is taken in whole or not at all, and once more where it was
//! judged again; a run that nobody took in, because its program was killed, is made up for.

use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::Serialize;
use sqlx::{FromRow, QueryBuilder, Sqlite, SqliteConnection};

use super::store::{History, HistoryError};
use crate::bundle::{ListKey, RunFolder, RunKind, RunRecord, RunState};
use crate::report::read_results;
use crate::verdict::{Finding, SiteResult};

/// A run, as the history knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct RunEntry {
    pub run: String,
    pub kind: String,
    pub state: String,
    /// RFC 3339, UTC.
    pub started: String,
    pub ended: Option<String>,
    pub profile: String,
    /// Version of the rules.
    pub rules: String,
    /// Which list it is of, as [`ListKey`](crate::bundle::ListKey) has it; unknown of runs before there were keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

impl RunEntry {
    /// Whether the two may be compared: runs of different lists differ in their sites to begin with.
    pub fn is_of_the_same_list(&self, other: &Self) -> bool {
        self.list.is_none() || other.list.is_none() || self.list == other.list
    }
}

/// What a run said of a site.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SiteEntry {
    pub site: String,
    pub name: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub verdict: String,
}

impl SiteEntry {
    pub(super) fn of(result: &SiteResult) -> Self {
        Self {
            site: result.site.to_string(),
            name: result.name.clone(),
            outcome: result.outcome.as_str().to_owned(),
            reason: result.outcome_reason.clone(),
            verdict: result.verdict.as_str().to_owned(),
        }
    }
}

/// What a check said of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct FindingEntry {
    #[serde(skip)]
    pub site: String,
    #[serde(rename = "check")]
    pub check_name: String,
    pub status: String,
    pub code: String,
    pub mandatory: bool,
    pub seen: String,
    pub fingerprint: String,
}

impl FindingEntry {
    pub(super) fn of(result: &SiteResult, finding: &Finding) -> Self {
        Self {
            site: result.site.to_string(),
            check_name: finding.check.clone(),
            status: finding.status.as_str().to_owned(),
            code: finding.code.clone(),
            mandatory: finding.mandatory,
            seen: finding.seen.clone(),
            fingerprint: finding.fingerprint.clone(),
        }
    }
}

impl History {
    /// Takes in every run in `out` that has ended and is not known as it stands on disk. How many these were.
    ///
    /// # Errors
    /// When the store cannot be written. A run that cannot be read is told to the log and left out.
    pub fn take_in(&self, out: &Path) -> Result<usize, HistoryError> {
        let mut taken = 0;
        for (folder, record) in ended_runs(out) {
            let path = folder.path().join("results.jsonl");
            let Some(stamp) = stamp_of(&path) else { continue };
            if self.stamp(folder.name())?.as_deref() == Some(stamp.as_str()) {
                continue;
            }
            match read_results(&path) {
                Ok(results) => self.put(&record, &results, &stamp)?,
                Err(error) => {
                    tracing::warn!(%error, run = folder.name(), "a run is left out of the history");
                    continue;
                }
            }
            taken += 1;
        }
        Ok(taken)
    }

    fn stamp(&self, run: &str) -> Result<Option<String>, HistoryError> {
        let known = sqlx::query_scalar("SELECT stamp FROM runs WHERE run = ?").bind(run);
        Ok(self.wait(known.fetch_optional(&self.pool))?)
    }

    /// Puts a run in the place of what was known of it.
    pub(super) fn put(
        &self,
        record: &RunRecord,
        results: &[SiteResult],
        stamp: &str,
    ) -> Result<(), HistoryError> {
        self.wait(async {
            // At once the only writer: a reader that becomes one in between would have to begin anew.
            let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("DELETE FROM runs WHERE run = ?")
                .bind(&record.run)
                .execute(&mut *work)
                .await?;
            put_run(&mut work, record, stamp).await?;
            for result in results {
                put_site(&mut work, &record.run, result).await?;
                put_findings(&mut work, &record.run, result).await?;
            }
            work.commit().await?;
            Ok(())
        })
    }
}

/// Runs that have ended, oldest first.
pub(crate) fn ended_runs(out: &Path) -> Vec<(RunFolder, RunRecord)> {
    let entries = fs_err::read_dir(out.join("runs")).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    let runs = paths.into_iter().filter_map(|path| match RunFolder::open(&path) {
        Ok(run) => Some(run),
        Err(error) => {
            tracing::debug!(%error, "no run");
            None
        }
    });
    runs.filter(|(_, record)| record.state != RunState::Running)
        .collect()
}

/// Changes whenever the results are written anew. Nothing where there are none.
fn stamp_of(path: &Path) -> Option<String> {
    let found = fs_err::metadata(path).ok()?;
    let since = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{}-{}", found.len(), since.as_nanos()))
}

async fn put_run(work: &mut SqliteConnection, record: &RunRecord, stamp: &str) -> Result<(), sqlx::Error> {
    let kind = match record.kind {
        RunKind::Full => "full",
        RunKind::Recheck => "recheck",
        RunKind::Check => "check",
    };
    let state = match record.state {
        RunState::Running => "running",
        RunState::Finished => "finished",
        RunState::Interrupted => "interrupted",
    };
    sqlx::query(
        "INSERT INTO runs (run, kind, state, started, ended, profile, rules, partial, list, stamp)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&record.run)
    .bind(kind)
    .bind(state)
    .bind(&record.started)
    .bind(&record.ended)
    .bind(&record.judged_by.profile)
    .bind(&record.judged_by.rules)
    .bind(record.judged_by.only.is_some())
    .bind(record.list.as_ref().map(ListKey::as_str))
    .bind(stamp)
    .execute(work)
    .await
    .map(drop)
}

async fn put_site(work: &mut SqliteConnection, run: &str, result: &SiteResult) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sites (run, site, host, name, role, portal, outcome, reason, verdict)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(run)
    .bind(result.site.to_string())
    .bind(&result.host)
    .bind(&result.name)
    .bind(result.role.as_str())
    .bind(result.portal.as_ref().map(ToString::to_string))
    .bind(result.outcome.as_str())
    .bind(&result.outcome_reason)
    .bind(result.verdict.as_str())
    .execute(work)
    .await
    .map(drop)
}

async fn put_findings(
    work: &mut SqliteConnection,
    run: &str,
    result: &SiteResult,
) -> Result<(), sqlx::Error> {
    if result.findings.is_empty() {
        return Ok(());
    }
    let site = result.site.to_string();
    let mut insert = QueryBuilder::<Sqlite>::new(
        "INSERT INTO findings (run, site, check_name, status, code, mandatory, seen, fingerprint) ",
    );
    insert.push_values(&result.findings, |mut row, finding| {
        row.push_bind(run)
            .push_bind(&site)
            .push_bind(&finding.check)
            .push_bind(finding.status.as_str())
            .push_bind(&finding.code)
            .push_bind(finding.mandatory)
            .push_bind(&finding.seen)
            .push_bind(&finding.fingerprint);
    });
    insert.build().execute(work).await.map(drop)
}
