//! Visits that EMC counted, imported month by month. What is imported again takes the place of what was there.

use sqlx::FromRow;

use super::store::{History, HistoryError};
use crate::ranking::{Figures, Month};
use crate::site::SiteId;

/// The visits of a site in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthVisits {
    pub month: Month,
    pub visits: u64,
}

#[derive(FromRow)]
struct VisitRow {
    site: String,
    month: String,
    visits: i64,
}

impl VisitRow {
    /// Nothing where another program wrote what this one cannot read.
    fn read(&self) -> Option<(SiteId, MonthVisits)> {
        let month = self.month.parse().ok()?;
        let visits = u64::try_from(self.visits).ok()?;
        Some((self.site.parse().ok()?, MonthVisits { month, visits }))
    }
}

impl History {
    /// Keeps figures, all of them or none.
    pub fn put_visits(&self, figures: &Figures) -> Result<(), HistoryError> {
        let now = jiff::Timestamp::now().to_string();
        self.wait(async {
            let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            for (site, months) in figures {
                for (month, visits) in months {
                    sqlx::query(
                        "INSERT OR REPLACE INTO visits (site, month, visits, imported) VALUES (?, ?, ?, ?)",
                    )
                    .bind(site.to_string())
                    .bind(month.to_string())
                    .bind(i64::try_from(*visits).unwrap_or(i64::MAX))
                    .bind(&now)
                    .execute(&mut *work)
                    .await?;
                }
            }
            work.commit().await?;
            Ok(())
        })
    }

    /// The visits of a site, oldest first.
    pub fn visits_of(&self, site: &SiteId) -> Result<Vec<MonthVisits>, HistoryError> {
        let rows: Vec<VisitRow> = self.wait(
            sqlx::query_as("SELECT site, month, visits FROM visits WHERE site = ? ORDER BY month")
                .bind(site.to_string())
                .fetch_all(&self.pool),
        )?;
        Ok(rows.iter().filter_map(|row| Some(row.read()?.1)).collect())
    }

    /// All figures that were imported.
    pub fn visits(&self) -> Result<Figures, HistoryError> {
        let rows: Vec<VisitRow> =
            self.wait(sqlx::query_as("SELECT site, month, visits FROM visits").fetch_all(&self.pool))?;
        let mut figures = Figures::new();
        for (site, one) in rows.iter().filter_map(VisitRow::read) {
            figures.entry(site).or_default().insert(one.month, one.visits);
        }
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn figures_are_kept_and_replaced_by_newer_ones() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(folder.path()).unwrap();
        let site: SiteId = "p.gov.vn/web/so-noi-vu".parse().unwrap();
        let put = |month: &str, visits| {
            let months = [(month.parse().unwrap(), visits)].into();
            history
                .put_visits(&Figures::from([(site.clone(), months)]))
                .unwrap();
        };
        put("2026-11", 5);
        put("2026-10", 7);
        put("2026-11", 6);
        drop(history);
        let history = History::open(folder.path()).unwrap();
        let visits: Vec<u64> = history
            .visits_of(&site)
            .unwrap()
            .iter()
            .map(|one| one.visits)
            .collect();
        assert_eq!(visits, [7, 6]);
        assert_eq!(history.visits().unwrap()[&site].len(), 2);
        assert!(
            history
                .visits_of(&"p.gov.vn".parse().unwrap())
                .unwrap()
                .is_empty()
        );
    }
}
