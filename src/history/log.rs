//! The connection log in the store: a line for every visit whose bag is on disk, appended once and never changed.
//!
//! Lines are made from the bags, at the end of a run and whenever the store is opened for it. A program that was
//! killed loses none: its bags are still there, and the next one makes up for them, in a fixed order.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};
use url::Url;

use super::chain::{
    LogEntry, LogEvent, LogHead, LogReport, LogResult, LoggedRequest, LoggedVisit, SCHEMA, Walk, sum_of,
};
use super::store::{History, HistoryError};
use crate::bundle::{KeptVisit, RunFolder, RunRecord, RunState};
use crate::checks::{OwnPage, ids_in_use};
use crate::emc::EmcSettings;
use crate::observation::{Observation, RequestRecord};

/// Lines that are read at once.
const LINES_AT_ONCE: i64 = 1000;

#[derive(Debug, FromRow)]
struct Row {
    sequence: i64,
    line: String,
    hash: String,
}

impl History {
    /// Appends every visit on disk that has no line yet, runs under way included. How many these were.
    ///
    /// # Errors
    /// When the store cannot be written. A run or a bag that cannot be read is told to the log of the program.
    pub fn log_visits(&self, out: &Path) -> Result<usize, HistoryError> {
        let marks: Vec<(String, String)> =
            self.wait(sqlx::query_as("SELECT run, ended FROM logged_runs").fetch_all(&self.pool))?;
        let marks: HashMap<String, String> = marks.into_iter().collect();
        let mut added = 0;
        for (folder, record) in runs_on_disk(out) {
            if record.ended.is_none() || marks.get(&record.run) != record.ended.as_ref() {
                added += self.log_run(&folder, &record)?;
            }
        }
        Ok(added)
    }

    /// Appends the visits of one run that have no line yet, in the order of their times. Those that are older than
    /// lines that were removed get none: they had one.
    pub fn log_run(&self, folder: &RunFolder, record: &RunRecord) -> Result<usize, HistoryError> {
        let known: Vec<(String, i64)> = self.wait(
            sqlx::query_as("SELECT site, visit FROM log WHERE run = ? AND site IS NOT NULL")
                .bind(&record.run)
                .fetch_all(&self.pool),
        )?;
        let known: HashSet<(&str, i64)> = known
            .iter()
            .map(|(site, visit)| (site.as_str(), *visit))
            .collect();
        let removed_until = self.removed_until()?;
        let mut events: Vec<LoggedVisit> = Vec::new();
        let mut is_whole = true;
        for kept in folder.kept_visits().unwrap_or_default() {
            if kept.run.as_deref().is_some_and(|run| run != record.run)
                || known.contains(&(kept.site.as_str(), i64::from(kept.visit)))
            {
                continue;
            }
            match kept.read() {
                Ok(observation) if is_before(&observation.started_at, removed_until) => {}
                Ok(observation) => events.push(line_of(&kept, &observation, record)),
                Err(error) => {
                    is_whole = false;
                    tracing::warn!(%error, "a visit is left out of the connection log");
                }
            }
        }
        events.sort_by(|one, other| {
            (&one.at, &one.site, one.visit).cmp(&(&other.at, &other.site, other.visit))
        });
        let added = self.append(&events)?;
        if let Some(ended) = record
            .ended
            .as_ref()
            .filter(|_| is_whole && record.state != RunState::Running)
        {
            let mark = sqlx::query("INSERT OR REPLACE INTO logged_runs (run, ended) VALUES (?, ?)")
                .bind(&record.run)
                .bind(ended);
            self.wait(mark.execute(&self.pool))?;
        }
        Ok(added)
    }

    /// All of them or none. Another program may have been quicker: what has a line by then gets no second one.
    fn append(&self, events: &[LoggedVisit]) -> Result<usize, HistoryError> {
        if events.is_empty() {
            return Ok(0);
        }
        self.wait(async {
            let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            let mut head = head_in(&mut work).await?;
            let mut added = 0;
            for visit in events {
                let there: i64 =
                    sqlx::query_scalar("SELECT count(*) FROM log WHERE run = ? AND site = ? AND visit = ?")
                        .bind(&visit.run)
                        .bind(&visit.site)
                        .bind(i64::from(visit.visit))
                        .fetch_one(&mut *work)
                        .await?;
                if there == 0 {
                    head = put_line(&mut work, &head, LogEvent::Visit(visit.clone())).await?;
                    added += 1;
                }
            }
            work.commit().await?;
            Ok(added)
        })
    }

    /// How far the log goes at this moment.
    pub fn log_head(&self) -> Result<LogHead, HistoryError> {
        self.wait(async {
            let mut connection = self.pool.acquire().await?;
            head_in(&mut connection).await
        })
    }

    /// Hands every line to `each`, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read, or `each` fails.
    pub fn log_lines(
        &self,
        mut each: impl FnMut(&str, &str) -> std::io::Result<()>,
    ) -> Result<(), HistoryError> {
        let mut after = 0_i64;
        loop {
            let rows: Vec<Row> = self.wait(
                sqlx::query_as(
                    "SELECT sequence, line, hash FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?",
                )
                .bind(after)
                .bind(LINES_AT_ONCE)
                .fetch_all(&self.pool),
            )?;
            for row in &rows {
                each(&row.line, &row.hash)?;
            }
            match rows.last() {
                Some(last) => after = last.sequence,
                None => return Ok(()),
            }
        }
    }

    /// Checks the whole log, and its end against what the runs on disk remember of it.
    pub fn verify_log(&self, out: &Path) -> Result<LogReport, HistoryError> {
        let mut walk = Walk::new();
        self.log_lines(|line, hash| {
            walk.step(line, Some(hash));
            Ok(())
        })?;
        let runs = runs_on_disk(out).into_iter();
        let heads: Vec<(String, LogHead)> = runs
            .filter_map(|(_, record)| Some((record.run, record.log?)))
            .collect();
        Ok(walk.end(&heads))
    }
}

/// Checks exported lines, which stand alone.
pub fn verify_log_lines<'a>(lines: impl Iterator<Item = &'a str>) -> LogReport {
    let mut walk = Walk::new();
    let mut heads = Vec::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        // The last line of an export says how far the log went.
        match serde_json::from_str::<LogHead>(line) {
            Ok(head) => heads.push(("export".to_owned(), head)),
            Err(_) => walk.step(line, None),
        }
    }
    walk.end(&heads)
}

/// Every run in `out` that can be read, oldest first.
fn runs_on_disk(out: &Path) -> Vec<(RunFolder, RunRecord)> {
    let entries = fs_err::read_dir(out.join("runs")).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths
        .iter()
        .filter_map(|path| RunFolder::open(path).ok())
        .collect()
}

pub(super) async fn head_in(connection: &mut SqliteConnection) -> Result<LogHead, HistoryError> {
    let newest: Option<(i64, String)> =
        sqlx::query_as("SELECT sequence, hash FROM log ORDER BY sequence DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    Ok(newest.map_or_else(LogHead::empty, |(sequence, hash)| LogHead {
        count: u64::try_from(sequence).unwrap_or_default(),
        hash,
    }))
}

/// Appends a line behind `head`; the new head.
pub(super) async fn put_line(
    work: &mut SqliteConnection,
    head: &LogHead,
    event: LogEvent,
) -> Result<LogHead, HistoryError> {
    let (run, site, visit, through) = match &event {
        LogEvent::Visit(visit) => (Some(&visit.run), Some(&visit.site), Some(visit.visit), None),
        LogEvent::Removed(removal) => (Some(&removal.run), None, None, None),
        LogEvent::LinesRemoved(removed) => (None, None, None, Some(removed.through)),
    };
    let (run, site) = (run.cloned(), site.cloned());
    let entry = LogEntry {
        schema: SCHEMA.to_owned(),
        sequence: head.count + 1,
        previous: head.hash.clone(),
        logged: Timestamp::now().to_string(),
        event,
    };
    let line = serde_json::to_string(&entry).map_err(std::io::Error::from)?;
    let hash = sum_of(&line);
    let insert =
        "INSERT INTO log (sequence, line, hash, run, site, visit, through) VALUES (?, ?, ?, ?, ?, ?, ?)";
    sqlx::query(insert)
        .bind(i64::try_from(entry.sequence).unwrap_or(i64::MAX))
        .bind(line)
        .bind(&hash)
        .bind(run)
        .bind(site)
        .bind(visit.map(i64::from))
        .bind(through.map(|through| i64::try_from(through).unwrap_or(i64::MAX)))
        .execute(work)
        .await?;
    Ok(LogHead {
        count: entry.sequence,
        hash,
    })
}

/// Whether a time is before another one; one that cannot be read is not.
fn is_before(time: &str, other: Option<Timestamp>) -> bool {
    let time: Result<Timestamp, _> = time.parse();
    time.is_ok_and(|time| other.is_some_and(|other| time <= other))
}

fn line_of(kept: &KeptVisit, observation: &Observation, record: &RunRecord) -> LoggedVisit {
    let emc = &record.judged_by.emc;
    let own = OwnPage::new(observation);
    let of_page = |wanted: &dyn Fn(&Url) -> bool| -> Vec<&RequestRecord> {
        let requests = observation.requests.iter();
        requests
            .filter(|request| !request.preload && !request.method.eq_ignore_ascii_case("OPTIONS"))
            .filter(|request| Url::parse(&request.url).is_ok_and(|url| wanted(&url)))
            .filter(|request| own.owns_request(request))
            .collect()
    };
    let calls = of_page(&|url| emc.is_tracker(url));
    let scripts = of_page(&|url| emc.is_script(url));
    let (script, call) = (best(&scripts), best(&calls));
    LoggedVisit {
        run: record.run.clone(),
        site: kept.site.clone(),
        visit: kept.visit,
        at: observation.started_at.clone(),
        engine: observation.engine.as_str().to_owned(),
        address: observation.final_url.as_deref().map(without_query),
        status: observation.document.status,
        script: script.map(request_of),
        call: call.map(request_of),
        calls: calls.len(),
        site_ids: ids_of(observation, emc),
        result: result_of(observation, script, call),
        bag: kept.bag.clone(),
    }
}

fn ids_of(observation: &Observation, emc: &EmcSettings) -> Vec<String> {
    let ids = ids_in_use(observation, emc).into_iter().take(20);
    ids.map(|id| id.chars().take(100).collect()).collect()
}

fn result_of(
    observation: &Observation,
    script: Option<&RequestRecord>,
    call: Option<&RequestRecord>,
) -> LogResult {
    match (script, call) {
        _ if observation.page.is_none() => LogResult::NoPage,
        (_, Some(call)) if went_well(call) => LogResult::Called,
        (_, Some(_)) => LogResult::CallUnanswered,
        (Some(script), None) if went_well(script) => LogResult::ScriptOnly,
        (Some(_), None) => LogResult::ScriptFailed,
        (None, None) => LogResult::NoScript,
    }
}

fn went_well(request: &RequestRecord) -> bool {
    request.status.is_some_and(|status| (200..300).contains(&status))
}

/// The request that went best; of several alike the first.
fn best<'a>(requests: &[&'a RequestRecord]) -> Option<&'a RequestRecord> {
    let rank = |request: &&&RequestRecord| (!went_well(request), request.status.is_none());
    requests.iter().min_by_key(rank).copied()
}

fn request_of(request: &RequestRecord) -> LoggedRequest {
    LoggedRequest {
        url: without_query(&request.url),
        status: request.status,
        failure: request.failure.as_ref().map(|failure| failure.error.clone()),
        answered_here: request.answered_here,
    }
}

/// What stands behind `?` and `#` can be anything and as long as a page likes; the bag has it.
fn without_query(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url[..end].chars().take(500).collect()
}
