//! What is asked of the history: which runs there were, what they said, and how a site went from run to run.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::FromRow;

use super::store::{History, HistoryError};
use super::take_in::{FindingEntry, RunEntry, SiteEntry};
use crate::bundle::{ListKey, RunRecord};
use crate::verdict::Verdict;

/// Runs in which a site that goes back and forth is looked for.
pub const RECENT: usize = 6;

const RUN: &str =
    "runs.run, runs.kind, runs.state, runs.started, runs.ended, runs.profile, runs.rules, runs.list";

/// One site over the runs that visited it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteCourse {
    pub site: String,
    /// As the newest run has it.
    pub name: String,
    /// Oldest first.
    pub points: Vec<CoursePoint>,
}

/// What one run said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoursePoint {
    pub run: String,
    pub kind: String,
    pub started: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub verdict: String,
    pub findings: Vec<FindingEntry>,
}

#[derive(FromRow)]
struct PointRow {
    run: String,
    kind: String,
    started: String,
    #[sqlx(flatten)]
    site: SiteEntry,
}

impl History {
    /// A run by its name.
    pub fn run(&self, run: &str) -> Result<Option<RunEntry>, HistoryError> {
        let text = format!("SELECT {RUN} FROM runs WHERE run = ?");
        let found = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(run);
        Ok(self.wait(found.fetch_optional(&self.pool))?)
    }

    /// The newest whole runs that were not interrupted, newest first.
    pub fn newest_full(&self, most: u32) -> Result<Vec<RunEntry>, HistoryError> {
        let text = format!(
            "SELECT {RUN} FROM runs WHERE kind = 'full' AND state = 'finished'
             ORDER BY started DESC, run DESC LIMIT ?"
        );
        let found = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(most);
        Ok(self.wait(found.fetch_all(&self.pool))?)
    }

    /// The newest `most` runs before this one that a course is made of, oldest first: whole, finished, of all checks,
    /// and of the same list as far as that is known.
    pub(super) fn whole_before(
        &self,
        record: &RunRecord,
        most: usize,
    ) -> Result<Vec<RunEntry>, HistoryError> {
        let text = format!(
            "SELECT {RUN} FROM runs WHERE kind = 'full' AND state = 'finished' AND NOT partial
             AND (started, run) < (?, ?) AND (list IS NULL OR ? IS NULL OR list = ?)
             ORDER BY started DESC, run DESC LIMIT ?"
        );
        let list = record.list.as_ref().map(ListKey::as_str);
        let found = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(&record.started)
            .bind(&record.run)
            .bind(list)
            .bind(list)
            .bind(i64::try_from(most).unwrap_or(i64::MAX));
        let mut runs: Vec<RunEntry> = self.wait(found.fetch_all(&self.pool))?;
        runs.reverse();
        Ok(runs)
    }

    /// The verdict of each site of a run. What another program wrote and this one cannot read is left out.
    pub(super) fn verdicts(&self, run: &str) -> Result<BTreeMap<String, Verdict>, HistoryError> {
        let found = sqlx::query_as("SELECT site, verdict FROM sites WHERE run = ?").bind(run);
        let rows: Vec<(String, String)> = self.wait(found.fetch_all(&self.pool))?;
        let known = |text: &str| Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text);
        Ok(rows
            .into_iter()
            .filter_map(|(site, verdict)| Some((site, known(&verdict)?)))
            .collect())
    }

    /// What a run said of each site, in the order of their names.
    pub fn sites(&self, run: &str) -> Result<Vec<(SiteEntry, Vec<FindingEntry>)>, HistoryError> {
        let sites: Vec<SiteEntry> = self.wait(
            sqlx::query_as(
                "SELECT site, name, outcome, reason, verdict FROM sites WHERE run = ? ORDER BY site",
            )
            .bind(run)
            .fetch_all(&self.pool),
        )?;
        let findings: Vec<FindingEntry> = self.wait(
            sqlx::query_as(
                "SELECT site, check_name, status, code, mandatory, seen, fingerprint FROM findings WHERE run = ?",
            )
            .bind(run)
            .fetch_all(&self.pool),
        )?;
        let mut of: BTreeMap<String, Vec<FindingEntry>> = BTreeMap::new();
        for finding in findings {
            of.entry(finding.site.clone()).or_default().push(finding);
        }
        let with_findings = |site: SiteEntry| {
            let findings = of.remove(&site.site).unwrap_or_default();
            (site, findings)
        };
        Ok(sites.into_iter().map(with_findings).collect())
    }

    /// The course of every site of a host, or of the one site of that name, over its newest `most` runs.
    pub fn course(&self, host: &str, most: u32) -> Result<Vec<SiteCourse>, HistoryError> {
        let sites: Vec<String> = self.wait(
            sqlx::query_scalar("SELECT DISTINCT site FROM sites WHERE site = ?1 OR host = ?1 ORDER BY site")
                .bind(host)
                .fetch_all(&self.pool),
        )?;
        sites.into_iter().map(|site| self.course_of(site, most)).collect()
    }

    fn course_of(&self, site: String, most: u32) -> Result<SiteCourse, HistoryError> {
        let mut rows: Vec<PointRow> = self.wait(
            sqlx::query_as(
                "SELECT runs.run, kind, started, site, name, outcome, reason, verdict
                 FROM sites JOIN runs ON runs.run = sites.run
                 WHERE site = ? ORDER BY started DESC, runs.run DESC LIMIT ?",
            )
            .bind(&site)
            .bind(most)
            .fetch_all(&self.pool),
        )?;
        rows.reverse();
        let name = rows.last().map(|row| row.site.name.clone()).unwrap_or_default();
        let mut points = Vec::new();
        for row in rows {
            let findings = self.wait(
                sqlx::query_as(
                    "SELECT site, check_name, status, code, mandatory, seen, fingerprint FROM findings
                     WHERE run = ? AND site = ? ORDER BY check_name",
                )
                .bind(&row.run)
                .bind(&site)
                .fetch_all(&self.pool),
            )?;
            points.push(CoursePoint {
                run: row.run,
                kind: row.kind,
                started: row.started,
                outcome: row.site.outcome,
                reason: row.site.reason,
                verdict: row.site.verdict,
                findings,
            });
        }
        Ok(SiteCourse { site, name, points })
    }

    /// Sites whose verdict went over and came back within the newest `most` whole runs of all checks.
    pub fn restless(&self, most: usize) -> Result<Vec<String>, HistoryError> {
        let rows: Vec<(String, String)> = self.wait(
            sqlx::query_as(
                "SELECT site, verdict FROM sites JOIN (
                     SELECT run, started FROM runs WHERE kind = 'full' AND state = 'finished' AND NOT partial
                     ORDER BY started DESC, run DESC LIMIT ?
                 ) AS newest ON newest.run = sites.run ORDER BY site, started, newest.run",
            )
            .bind(i64::try_from(most).unwrap_or(i64::MAX))
            .fetch_all(&self.pool),
        )?;
        let mut verdicts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (site, verdict) in rows {
            verdicts.entry(site).or_default().push(verdict);
        }
        verdicts.retain(|_, course| is_restless(course.iter().map(String::as_str)));
        Ok(verdicts.into_keys().collect())
    }
}

/// Went over and came back, at least once: pass, fail, pass. What could not be measured tells nothing.
pub(super) fn is_restless<'a>(course: impl Iterator<Item = &'a str>) -> bool {
    let mut told: Vec<&str> = course.filter(|verdict| *verdict != "not_measured").collect();
    told.dedup();
    told.len() >= 3
}
