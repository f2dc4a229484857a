//! What was removed, in the connection log: evidence of runs, and the oldest lines of the log itself, which go only
//! from its beginning on and behind a line that carries the sum of the last one.

use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::chain::{LinesRemoved, LogEntry, LogEvent, LoggedRemoval};
use super::log::{head_in, put_line};
use super::store::{History, HistoryError};

/// Lines that are read at once.
const LINES_AT_ONCE: i64 = 1000;

impl History {
    /// Appends what was removed from a run. A second time, as after a crash, it is not told again.
    pub fn log_removal(&self, removal: &LoggedRemoval) -> Result<(), HistoryError> {
        self.wait(async {
            let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            let told: Vec<String> = sqlx::query_scalar("SELECT line FROM log WHERE run = ? AND site IS NULL")
                .bind(&removal.run)
                .fetch_all(&mut *work)
                .await?;
            let same = |line: &String| match event_of(line) {
                Some(LogEvent::Removed(one)) => one.at == removal.at,
                _ => false,
            };
            if !told.iter().any(same) {
                let head = head_in(&mut work).await?;
                put_line(&mut work, &head, LogEvent::Removed(removal.clone())).await?;
            }
            work.commit().await?;
            Ok(())
        })
    }

    /// The lines from the beginning on that were all written before `before`, and may go.
    pub fn old_log_lines(
        &self,
        before: Timestamp,
        log_days: u64,
    ) -> Result<Option<LinesRemoved>, HistoryError> {
        self.wait(async {
            let mut connection = self.pool.acquire().await?;
            old_lines(&mut connection, before, log_days).await
        })
    }

    /// Removes the lines from the beginning on that were all written before `before`, and appends a line that says
    /// so. Which these were; nothing where there are none.
    pub fn remove_log_lines(
        &self,
        before: Timestamp,
        log_days: u64,
    ) -> Result<Option<LinesRemoved>, HistoryError> {
        self.wait(async {
            let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            let Some(removed) = old_lines(&mut work, before, log_days).await? else {
                return Ok(None);
            };
            let head = head_in(&mut work).await?;
            put_line(&mut work, &head, LogEvent::LinesRemoved(removed.clone())).await?;
            sqlx::query("DELETE FROM log WHERE sequence <= ?")
                .bind(i64::try_from(removed.through).unwrap_or(i64::MAX))
                .execute(&mut *work)
                .await?;
            work.commit().await?;
            Ok(Some(removed))
        })
    }

    /// When the newest of the lines that were removed was written.
    pub(super) fn removed_until(&self) -> Result<Option<Timestamp>, HistoryError> {
        let line: Option<String> = self.wait(
            sqlx::query_scalar(
                "SELECT line FROM log WHERE through IS NOT NULL ORDER BY sequence DESC LIMIT 1",
            )
            .fetch_optional(&self.pool),
        )?;
        Ok(match line.as_deref().and_then(event_of) {
            Some(LogEvent::LinesRemoved(removed)) => removed.logged_until.parse().ok(),
            _ => None,
        })
    }
}

fn event_of(line: impl AsRef<str>) -> Option<LogEvent> {
    let entry: LogEntry = serde_json::from_str(line.as_ref()).ok()?;
    Some(entry.event)
}

/// The longest beginning of the log whose lines are all old; a line that cannot be read is not.
async fn old_lines(
    connection: &mut SqliteConnection,
    before: Timestamp,
    log_days: u64,
) -> Result<Option<LinesRemoved>, HistoryError> {
    let mut old: Option<LinesRemoved> = None;
    loop {
        let after = old.as_ref().map_or(0, |old| old.through);
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT sequence, line, hash FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?",
        )
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(LINES_AT_ONCE)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok(old);
        }
        for (sequence, line, hash) in rows {
            let entry: Option<LogEntry> = serde_json::from_str(&line).ok();
            let logged = entry.map(|entry| entry.logged).unwrap_or_default();
            let time: Result<Timestamp, _> = logged.parse();
            if !time.is_ok_and(|time| time < before) {
                return Ok(old);
            }
            let through = u64::try_from(sequence).unwrap_or_default();
            old = Some(LinesRemoved {
                from: old.map_or(through, |old| old.from),
                through,
                hash,
                logged_until: logged,
                log_days,
            });
        }
    }
}

#[cfg(test)]
#[path = "log_removed_tests.rs"]
mod tests;
