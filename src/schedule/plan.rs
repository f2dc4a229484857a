//! The lists of the settings, checked: each with a name of its own, its file and its timetable.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::due::{Timetable, TimetableError};
use crate::settings::ScheduleSettings;

const NAME_MAX: usize = 40;
/// Each pause before an audit is gone on with is so many times as long as the one before.
const LONGER: u32 = 5;

/// A list that is audited by a timetable.
#[derive(Debug, Clone)]
pub struct PlannedList {
    pub name: String,
    pub sites: PathBuf,
    pub timetable: Timetable,
    /// A run begins up to so much later.
    pub delay_max: Duration,
    /// Before an audit that died is gone on with for the first time.
    pub pause: Duration,
}

impl PlannedList {
    /// When what is due at `due` begins; `chance` is from 0 to 1, drawn anew each time. Portals of a province that are
    /// all audited at one in the morning would otherwise be asked for everything at once.
    pub fn begins(&self, due: Timestamp, chance: f64) -> Timestamp {
        let delay = self.delay_max.mul_f64(chance.clamp(0.0, 1.0));
        due.saturating_add(delay).unwrap_or(due)
    }

    /// When an audit that has died `times` times is gone on with: each pause is longer than the one before, as what
    /// kills audits (memory, a disk) may take its time to pass.
    pub fn tries_again(&self, times: u32, now: Timestamp) -> Timestamp {
        let pause = self
            .pause
            .saturating_mul(LONGER.saturating_pow(times.saturating_sub(1)));
        now.saturating_add(pause).unwrap_or(now)
    }
}

/// Why the settings are no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Nothing is to be audited, ever.
    #[error("no list is scheduled")]
    Empty,
    #[error("{0:?} is no name of a list")]
    Name(String),
    #[error("two lists are named {0}")]
    Twice(String),
    #[error("list {list}: {source}")]
    Timetable { list: String, source: TimetableError },
    #[error("no list is named {asked}")]
    NoSuchList { asked: String, known: Vec<String> },
}

/// The lists of the settings, in their order.
///
/// # Errors
/// The first that is not right; no list at all.
pub fn plan(settings: &ScheduleSettings) -> Result<Vec<PlannedList>, PlanError> {
    if settings.list.is_empty() {
        return Err(PlanError::Empty);
    }
    let mut names = BTreeSet::new();
    let mut planned = Vec::new();
    for list in &settings.list {
        if !is_name(&list.name) {
            return Err(PlanError::Name(list.name.clone()));
        }
        if !names.insert(&list.name) {
            return Err(PlanError::Twice(list.name.clone()));
        }
        let zone = list.timezone.as_ref().unwrap_or(&settings.timezone);
        let timetable = Timetable::new(&list.cron, zone).map_err(|source| PlanError::Timetable {
            list: list.name.clone(),
            source,
        })?;
        planned.push(PlannedList {
            name: list.name.clone(),
            sites: list.sites.clone(),
            timetable,
            delay_max: Duration::from_secs(list.delay_max_s.unwrap_or(settings.delay_max_s)),
            pause: Duration::from_secs(settings.retry_pause_s),
        });
    }
    Ok(planned)
}

/// The list of that name.
pub fn named(planned: Vec<PlannedList>, asked: &str) -> Result<PlannedList, PlanError> {
    let known = planned.iter().map(|list| list.name.clone()).collect();
    let found = planned.into_iter().find(|list| list.name == asked);
    found.ok_or_else(|| PlanError::NoSuchList {
        asked: asked.to_owned(),
        known,
    })
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    !name.is_empty() && name.len() <= NAME_MAX && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn planned(text: &str) -> Result<Vec<PlannedList>, PlanError> {
        plan(&toml::from_str(text).unwrap())
    }

    #[test]
    fn a_list_has_its_own_times_or_those_of_all() {
        let lists = planned(
            "delay_max_s = 60\n[[list]]\nname = \"tinh\"\nsites = \"a.csv\"\ncron = \"0 1 * * *\"\n\
             [[list]]\nname = \"bo\"\nsites = \"b.csv\"\ncron = \"0 1 * * *\"\ntimezone = \"UTC\"\ndelay_max_s = 0\n",
        )
        .unwrap();
        assert_eq!(lists[0].delay_max, Duration::from_mins(1));
        assert_eq!(lists[1].delay_max, Duration::ZERO);
        let from = "2026-11-26T12:00:00Z".parse().unwrap();
        assert_ne!(lists[0].timetable.after(from), lists[1].timetable.after(from));
    }

    #[test]
    fn a_run_begins_by_chance_within_the_delay_and_without_one_on_time() {
        let lists = planned(
            "delay_max_s = 600\n[[list]]\nname = \"tinh\"\nsites = \"a.csv\"\ncron = \"0 1 * * *\"\n\
             [[list]]\nname = \"bo\"\nsites = \"b.csv\"\ncron = \"0 1 * * *\"\ndelay_max_s = 0\n",
        )
        .unwrap();
        let due: Timestamp = "2026-11-26T18:00:00Z".parse().unwrap();
        let later = |list: &PlannedList, chance| list.begins(due, chance).duration_since(due).as_secs();
        assert_eq!(
            [0.0, 0.5, 1.0, 7.0].map(|chance| later(&lists[0], chance)),
            [0, 300, 600, 600]
        );
        assert_eq!([0.0, 0.5, 1.0].map(|chance| later(&lists[1], chance)), [0, 0, 0]);
    }

    #[test]
    fn an_audit_that_dies_again_is_left_alone_for_longer() {
        let lists =
            planned("retry_pause_s = 60\n[[list]]\nname = \"a\"\nsites = \"a.csv\"\ncron = \"0 1 * * *\"\n");
        let list = &lists.unwrap()[0];
        let died: Timestamp = "2026-11-26T18:00:00Z".parse().unwrap();
        let pause = |times| list.tries_again(times, died).duration_since(died).as_secs();
        assert_eq!([1, 2, 3].map(pause), [60, 300, 1500]);
    }

    #[test]
    fn what_is_no_plan_is_named() {
        assert!(matches!(planned(""), Err(PlanError::Empty)));
        let list = |name: &str, cron: &str| {
            format!("[[list]]\nname = \"{name}\"\nsites = \"a.csv\"\ncron = \"{cron}\"\n")
        };
        let bad = planned(&list("Tỉnh A", "0 1 * * *"));
        assert!(matches!(bad, Err(PlanError::Name(name)) if name == "Tỉnh A"));
        let twice = list("a", "0 1 * * *").repeat(2);
        assert!(matches!(planned(&twice), Err(PlanError::Twice(name)) if name == "a"));
        let wrong = planned(&list("a", "0 25 * * *"));
        assert!(matches!(wrong, Err(PlanError::Timetable { list, .. }) if list == "a"));
    }
}
