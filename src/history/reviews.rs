//! What people decided, as it is stored: every decision with its time, its reviewer and what it was about.
//! Rows are only ever added; the database itself refuses anything else.

use serde::Serialize;
use sqlx::FromRow;

use super::store::{History, HistoryError};
use crate::verdict::{Decision, Status};

/// One decision about one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Review {
    pub id: i64,
    /// RFC 3339, UTC.
    pub at: String,
    pub reviewer: String,
    #[sqlx(try_from = "String")]
    pub decision: Decision,
    pub note: String,
    pub run: String,
    pub site: String,
    #[serde(rename = "check")]
    pub check_name: String,
    pub fingerprint: String,
    #[sqlx(try_from = "String")]
    pub status: Status,
    pub code: String,
    pub rules: String,
    /// The decision that stood before.
    pub was: Option<String>,
}

/// A decision that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    pub at: String,
    pub reviewer: String,
    pub decision: Decision,
    pub note: String,
    pub run: String,
    pub site: String,
    pub check: String,
    pub fingerprint: String,
    pub status: Status,
    pub code: String,
    pub rules: String,
    pub was: Option<Decision>,
}

/// One site id that may stand on the sites of several agencies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    pub at: String,
    pub reviewer: String,
    pub emc_site_id: u64,
    /// None: it is accepted no longer.
    pub agencies: Vec<String>,
    pub note: String,
}

/// A word of the store that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not known")]
pub struct UnknownWord(String);

impl TryFrom<String> for Decision {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == text);
        known.ok_or(UnknownWord(text))
    }
}

impl TryFrom<String> for Status {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let all = [
            Self::Pass,
            Self::Fail,
            Self::Review,
            Self::NotApplicable,
            Self::NotMeasured,
        ];
        let known = all.into_iter().find(|known| known.as_str() == text);
        known.ok_or(UnknownWord(text))
    }
}

impl History {
    /// Stores decisions, all of them or none.
    pub fn decide(&self, reviews: &[NewReview]) -> Result<(), HistoryError> {
        self.wait(async {
            let mut work = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            for review in reviews {
                sqlx::query(
                    "INSERT INTO reviews (at, reviewer, decision, note, run, site, check_name, fingerprint,
                         status, code, rules, was) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(&review.at)
                .bind(&review.reviewer)
                .bind(review.decision.as_str())
                .bind(&review.note)
                .bind(&review.run)
                .bind(&review.site)
                .bind(&review.check)
                .bind(&review.fingerprint)
                .bind(review.status.as_str())
                .bind(&review.code)
                .bind(&review.rules)
                .bind(review.was.map(Decision::as_str))
                .execute(&mut *work)
                .await?;
            }
            work.commit().await?;
            Ok(())
        })
    }

    /// Every decision, oldest first; of one site, where one is named.
    pub fn reviews(&self, site: Option<&str>) -> Result<Vec<Review>, HistoryError> {
        let all =
            sqlx::query_as("SELECT * FROM reviews WHERE ?1 IS NULL OR site = ?1 ORDER BY id").bind(site);
        Ok(self.wait(all.fetch_all(&self.pool))?)
    }

    /// Accepts a site id for these agencies; for none, it is accepted no longer.
    pub fn accept_id(&self, accepted: &Accepted) -> Result<(), HistoryError> {
        let agencies = serde_json::to_string(&accepted.agencies).map_err(std::io::Error::other)?;
        let id = i64::try_from(accepted.emc_site_id).map_err(std::io::Error::other)?;
        let insert = sqlx::query(
            "INSERT INTO accepted_ids (at, reviewer, emc_site_id, agencies, note) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&accepted.at)
        .bind(&accepted.reviewer)
        .bind(id)
        .bind(agencies)
        .bind(&accepted.note);
        self.wait(insert.execute(&self.pool))?;
        Ok(())
    }

    /// Every acceptance, oldest first: of one id, the newest counts.
    pub fn accepted_ids(&self) -> Result<Vec<Accepted>, HistoryError> {
        let all =
            sqlx::query_as("SELECT at, reviewer, emc_site_id, agencies, note FROM accepted_ids ORDER BY id");
        let rows: Vec<(String, String, i64, String, String)> = self.wait(all.fetch_all(&self.pool))?;
        let read = rows.into_iter().filter_map(|(at, reviewer, id, agencies, note)| {
            Some(Accepted {
                at,
                reviewer,
                emc_site_id: u64::try_from(id).ok()?,
                agencies: serde_json::from_str(&agencies).ok()?,
                note,
            })
        });
        Ok(read.collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn review(decision: Decision) -> NewReview {
        NewReview {
            at: "2026-11-21T03:00:00Z".to_owned(),
            reviewer: "Lan".to_owned(),
            decision,
            note: "'); DROP TABLE reviews; --".to_owned(),
            run: "20261121T020000Z".to_owned(),
            site: "a.gov.vn".to_owned(),
            check: "emc.badge".to_owned(),
            fingerprint: "f".to_owned(),
            status: Status::Review,
            code: "uncertain".to_owned(),
            rules: "1".to_owned(),
            was: None,
        }
    }

    #[test]
    fn decisions_are_read_back_as_they_were_made() {
        let out = tempfile::tempdir().unwrap();
        let history = History::open(out.path()).unwrap();
        let all: Vec<NewReview> = Decision::ALL.into_iter().map(review).collect();
        history.decide(&all).unwrap();
        let back = history.reviews(Some("a.gov.vn")).unwrap();
        let decisions: Vec<Decision> = back.iter().map(|review| review.decision).collect();
        assert_eq!(decisions, Decision::ALL);
        assert_eq!(back[0].note, all[0].note);
        assert!(history.reviews(Some("b.gov.vn")).unwrap().is_empty());
    }

    #[test]
    fn the_database_refuses_to_change_or_delete_a_decision() {
        let out = tempfile::tempdir().unwrap();
        let history = History::open(out.path()).unwrap();
        history.decide(&[review(Decision::Pass)]).unwrap();
        let accepted = Accepted {
            at: String::new(),
            reviewer: String::new(),
            emc_site_id: 163,
            agencies: vec!["A".to_owned()],
            note: String::new(),
        };
        history.accept_id(&accepted).unwrap();
        for change in [
            "UPDATE reviews SET decision = 'fail'",
            "DELETE FROM reviews",
            "UPDATE accepted_ids SET emc_site_id = 1",
            "DELETE FROM accepted_ids",
        ] {
            let refused = history.wait(sqlx::query(change).execute(&history.pool));
            assert!(refused.is_err(), "{change}");
        }
        assert_eq!(history.reviews(None).unwrap().len(), 1);
        assert_eq!(history.accepted_ids().unwrap(), [accepted]);
    }
}
