//! When a list is due: a cron expression in a time zone. Moments in, moments out; no clock.

use std::str::FromStr;

use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Why an expression or a time zone cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimetableError {
    #[error("cron expression {cron:?}: {reason}")]
    Cron { cron: String, reason: String },
    #[error("{0:?} is no time zone")]
    Zone(String),
    #[error("cron expression {0:?} is never due")]
    Never(String),
}

/// Five fields as cron has them, or six with seconds before them, as the clocks of a time zone show them.
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

/// A time to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    /// It passed while nobody was there to begin: it is made up for at once.
    pub missed: bool,
}

impl Timetable {
    /// # Errors
    /// What cannot be read, or is not due within croner's bounds (30 February).
    pub fn new(cron: &str, zone: &str) -> Result<Self, TimetableError> {
        let parsed = Cron::from_str(cron).map_err(|cause| TimetableError::Cron {
            cron: cron.to_owned(),
            reason: cause.to_string(),
        })?;
        let zone = TimeZone::get(zone).map_err(|_| TimetableError::Zone(zone.to_owned()))?;
        let timetable = Self { cron: parsed, zone };
        match timetable.after(Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(timetable),
            None => Err(TimetableError::Never(cron.to_owned())),
        }
    }

    /// A moment as the clocks of the zone show it.
    pub fn shown(&self, moment: Timestamp) -> String {
        let shown = moment.to_zoned(self.zone.clone());
        shown.strftime("%d/%m/%Y %H:%M:%S").to_string()
    }

    /// The first time after `moment`, if there is one.
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        let from = moment.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&from, false).ok()?;
        Some(next.timestamp())
    }

    /// What is to be done next, where everything up to `handled` is done or given up. However many times
    /// passed since, the newest of them alone is made up for.
    pub fn next(&self, handled: Timestamp, now: Timestamp) -> Option<Due> {
        // A clock that was ahead must not silence a list until it is there again.
        let handled = handled.min(now);
        let at = self.after(handled)?;
        if at >= now {
            return Some(Due { at, missed: false });
        }
        let until = now.to_zoned(self.zone.clone());
        let newest = self.cron.find_previous_occurrence(&until, true).ok()?;
        Some(Due {
            at: newest.timestamp().max(at),
            missed: true,
        })
    }

    /// Whether nothing else was due since `due`: a run that was begun for it is worth going on with.
    pub fn is_current(&self, due: Timestamp, now: Timestamp) -> bool {
        self.after(due).is_none_or(|next| next > now)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ZONE: &str = "Asia/Ho_Chi_Minh";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn nightly() -> Timetable {
        Timetable::new("0 1 * * *", ZONE).unwrap()
    }

    #[test]
    fn times_are_those_of_the_clocks_in_the_zone() {
        // One in the morning in Viet Nam is 18:00 UTC of the day before.
        assert_eq!(
            nightly().after(at("2026-11-26T12:00:00Z")),
            Some(at("2026-11-26T18:00:00Z"))
        );
        let elsewhere = Timetable::new("0 1 * * *", "UTC").unwrap();
        assert_eq!(
            elsewhere.after(at("2026-11-26T12:00:00Z")),
            Some(at("2026-11-27T01:00:00Z"))
        );
    }

    #[test]
    fn a_due_time_is_due_once() {
        let table = nightly();
        let due = at("2026-11-26T18:00:00Z");
        assert_eq!(table.after(due), Some(at("2026-11-27T18:00:00Z")));
        // Awake at the very second, and late by some of them.
        let handled = at("2026-11-25T18:00:00Z");
        assert_eq!(
            table.next(handled, due),
            Some(Due {
                at: due,
                missed: false
            })
        );
    }

    #[test]
    fn many_missed_runs_are_made_up_for_once() {
        let table = nightly();
        let now = at("2026-11-26T12:00:00Z");
        let missed = table.next(at("2026-11-20T18:00:00Z"), now).unwrap();
        assert_eq!(
            missed,
            Due {
                at: at("2026-11-25T18:00:00Z"),
                missed: true
            }
        );
        let then = table.next(missed.at, now).unwrap();
        assert_eq!(
            then,
            Due {
                at: at("2026-11-26T18:00:00Z"),
                missed: false
            }
        );
    }

    #[test]
    fn a_clock_that_was_ahead_silences_nobody() {
        let now = at("2026-11-26T12:00:00Z");
        let next = nightly().next(at("2031-01-01T00:00:00Z"), now).unwrap();
        assert_eq!(next.at, at("2026-11-26T18:00:00Z"));
    }

    #[test]
    fn a_run_is_gone_on_with_until_the_next_one_is_due() {
        let (table, due) = (nightly(), at("2026-11-25T18:00:00Z"));
        assert!(table.is_current(due, at("2026-11-26T17:59:59Z")));
        assert!(!table.is_current(due, at("2026-11-26T18:00:00Z")));
    }

    #[test]
    fn seconds_may_stand_before_the_five_fields() {
        let table = Timetable::new("*/20 * * * * *", ZONE).unwrap();
        assert_eq!(
            table.after(at("2026-11-26T12:00:01Z")),
            Some(at("2026-11-26T12:00:20Z"))
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for cron in ["", "0 1 * *", "61 1 * * *", "each night"] {
            let refused = Timetable::new(cron, ZONE).unwrap_err();
            assert!(
                matches!(refused, TimetableError::Cron { .. }),
                "{cron}: {refused}"
            );
        }
        assert_eq!(
            Timetable::new("0 1 30 2 *", ZONE).unwrap_err(),
            TimetableError::Never("0 1 30 2 *".to_owned())
        );
        assert_eq!(
            Timetable::new("0 1 * * *", "Asia/Sai_Gon").unwrap_err(),
            TimetableError::Zone("Asia/Sai_Gon".to_owned())
        );
    }
}
