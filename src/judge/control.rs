//! Whether EMC itself could be reached from here at the time of a visit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Every control visit of a run, in any order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ControlFacts {
    pub samples: Vec<ControlSample>,
}

/// One control visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ControlSample {
    /// RFC 3339, UTC.
    pub at: String,
    pub target: ControlTarget,
    /// Any HTTP answer came (for EMC's script: below 500).
    pub answered: bool,
    /// What was asked and what came, in words for a log.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlTarget {
    /// EMC's script.
    Emc,
    /// Another known address: tells our own outage from EMC's.
    Network,
}

impl ControlFacts {
    /// One control visit of EMC that did or did not answer, valid for the whole run.
    pub fn always(answered: bool) -> Self {
        Self {
            samples: vec![ControlSample {
                at: "1970-01-01T00:00:00Z".to_owned(),
                target: ControlTarget::Emc,
                answered,
                detail: String::new(),
            }],
        }
    }

    /// Whether any control address has answered in this run, so that the network was known to work.
    pub fn ever_answered(&self) -> bool {
        self.samples.iter().any(|sample| sample.answered)
    }

    /// Whether EMC answered when it was asked last, or was never asked.
    pub fn emc_answered_last(&self) -> bool {
        let mut samples = self.samples.iter().rev();
        samples
            .find(|sample| sample.target == ControlTarget::Emc)
            .is_none_or(|sample| sample.answered)
    }

    /// Whether any address answered when it was asked last.
    pub fn network_answered_last(&self) -> bool {
        let last = |target| self.samples.iter().rev().find(|sample| sample.target == target);
        [ControlTarget::Emc, ControlTarget::Network]
            .into_iter()
            .filter_map(last)
            .any(|sample| sample.answered)
    }

    /// Whether no control address at all answered before `at` (RFC 3339), or none after it, so that our own
    /// network may have been down.
    pub fn nobody_answered_near(&self, at: &str) -> bool {
        let Ok(at) = at.parse::<Timestamp>() else {
            return false;
        };
        let samples = self.samples.iter().filter_map(|sample| {
            let time = sample.at.parse::<Timestamp>().ok()?;
            Some((time, sample))
        });
        let (before, after): (Vec<_>, Vec<_>) = samples.partition(|(time, _)| *time <= at);
        let silent = |side: &[(Timestamp, &ControlSample)], distance: fn(Timestamp, Timestamp) -> i64| {
            let nearest = [ControlTarget::Emc, ControlTarget::Network].map(|target| {
                let of_target = side.iter().filter(|(_, sample)| sample.target == target);
                of_target.min_by_key(|(time, _)| distance(*time, at))
            });
            let mut asked = nearest.into_iter().flatten().peekable();
            asked.peek().is_some() && asked.all(|(_, sample)| !sample.answered)
        };
        let distance = |time: Timestamp, at: Timestamp| (time.as_millisecond() - at.as_millisecond()).abs();
        silent(&before, distance) || silent(&after, distance)
    }

    /// Whether EMC answered around `at` (RFC 3339): both the control visit before and the one after it, as
    /// far as there are any. `None` if there was no control visit, so that nobody can be accused.
    pub fn emc_answered_near(&self, at: &str) -> Option<bool> {
        let at: Timestamp = at.parse().ok()?;
        let mut before: Option<(Timestamp, bool)> = None;
        let mut after: Option<(Timestamp, bool)> = None;
        for sample in self.samples.iter().filter(|s| s.target == ControlTarget::Emc) {
            let Ok(time) = sample.at.parse::<Timestamp>() else {
                continue;
            };
            if time <= at && before.is_none_or(|(known, _)| time >= known) {
                before = Some((time, sample.answered));
            } else if time > at && after.is_none_or(|(known, _)| time < known) {
                after = Some((time, sample.answered));
            }
        }
        match (before, after) {
            (None, None) => None,
            (one, other) => Some([one, other].into_iter().flatten().all(|(_, answered)| answered)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts(samples: &[(&str, bool)]) -> ControlFacts {
        let samples = samples
            .iter()
            .map(|(at, answered)| ControlSample {
                at: (*at).to_owned(),
                target: ControlTarget::Emc,
                answered: *answered,
                detail: String::new(),
            })
            .collect();
        ControlFacts { samples }
    }

    #[test]
    fn an_outage_on_either_side_of_a_visit_counts() {
        let facts = facts(&[
            ("2026-11-21T02:00:00Z", true),
            ("2026-11-21T02:10:00Z", true),
            ("2026-11-21T02:20:00Z", false),
        ]);
        assert_eq!(facts.emc_answered_near("2026-11-21T02:05:00Z"), Some(true));
        assert_eq!(facts.emc_answered_near("2026-11-21T02:15:00Z"), Some(false));
        assert_eq!(facts.emc_answered_near("2026-11-21T02:25:00Z"), Some(false));
    }

    #[test]
    fn our_own_outage_is_one_of_every_control_address() {
        let mut facts = facts(&[
            ("2026-11-21T02:00:00Z", true),
            ("2026-11-21T02:10:00Z", true),
            ("2026-11-21T02:20:00Z", false),
        ]);
        assert!(!facts.nobody_answered_near("2026-11-21T02:05:00Z"));
        assert!(facts.nobody_answered_near("2026-11-21T02:15:00Z"));
        assert!(facts.nobody_answered_near("2026-11-21T02:25:00Z"));
        let another = ControlSample {
            at: "2026-11-21T02:20:01Z".to_owned(),
            target: ControlTarget::Network,
            answered: true,
            detail: String::new(),
        };
        facts.samples.push(another);
        assert!(
            !facts.nobody_answered_near("2026-11-21T02:15:00Z"),
            "EMC alone was down"
        );
        assert!(!ControlFacts::default().nobody_answered_near("2026-11-21T02:15:00Z"));
    }

    #[test]
    fn without_a_control_visit_nothing_is_known() {
        assert_eq!(
            ControlFacts::default().emc_answered_near("2026-11-21T02:05:00Z"),
            None
        );
        assert_eq!(ControlFacts::always(true).emc_answered_near("no time"), None);
    }
}
