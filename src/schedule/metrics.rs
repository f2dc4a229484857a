//! What the scheduler counts, as `OpenMetrics` text. Every name begins with `emc_audit_`, units stand in it.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::runner::End;
use crate::bundle::RunRecord;
use crate::notify::{ChannelKind, DeliveryResult};
use crate::verdict::{Outcome, Verdict};

/// From a minute to a day.
const DURATIONS_S: [f64; 9] = [
    60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 86_400.0,
];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfList {
    list: String,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfVerdict {
    list: String,
    verdict: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfOutcome {
    list: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfEnd {
    list: String,
    end: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfWhat {
    list: String,
    what: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfDelivery {
    channel: &'static str,
    result: &'static str,
}

/// All of it, and what `/healthz` goes by.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    sites: Family<OfVerdict, Gauge>,
    outcomes: Family<OfOutcome, Gauge>,
    runs: Family<OfEnd, Counter>,
    died: Family<OfList, Counter>,
    duration: Family<OfList, Histogram>,
    browsers: Family<OfWhat, Counter>,
    lost_messages: Family<OfList, Counter>,
    last_success: Family<OfList, Gauge>,
    last_end: Family<OfList, Gauge>,
    next_run: Family<OfList, Gauge>,
    in_progress: Family<OfList, Gauge>,
    messages: Family<OfDelivery, Counter>,
    forgets: AtomicBool,
}

impl Default for Metrics {
    fn default() -> Self {
        let duration = || Histogram::new(DURATIONS_S);
        let mut metrics = Self {
            registry: Registry::with_prefix("emc_audit"),
            sites: Family::default(),
            outcomes: Family::default(),
            runs: Family::default(),
            died: Family::default(),
            duration: Family::new_with_constructor(duration),
            browsers: Family::default(),
            lost_messages: Family::default(),
            last_success: Family::default(),
            last_end: Family::default(),
            next_run: Family::default(),
            in_progress: Family::default(),
            messages: Family::default(),
            forgets: AtomicBool::new(false),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "sites",
            "Sites of the newest finished run by verdict",
            self.sites.clone(),
        );
        registry.register(
            "outcomes",
            "Sites of the newest finished run by outcome",
            self.outcomes.clone(),
        );
        registry.register("runs", "Runs by how they ended", self.runs.clone());
        let died = "Processes of audits that died; most are gone on with after a pause";
        registry.register("audits_died", died, self.died.clone());
        let took = "How long runs took from their first to their last moment";
        registry.register_with_unit("run_duration", took, Unit::Seconds, self.duration.clone());
        let browsers = "Browser processes that were started, retired after their share of visits, or crashed and replaced";
        registry.register("browsers", browsers, self.browsers.clone());
        let lost = "Messages of browsers that were unreadable or dropped";
        registry.register("browser_messages_lost", lost, self.lost_messages.clone());
        let times = [
            (
                "last_success_timestamp",
                "When a run last finished",
                &self.last_success,
            ),
            (
                "last_end_timestamp",
                "When a run last ended, however it did",
                &self.last_end,
            ),
            (
                "next_run_timestamp",
                "When a run begins next, or one that died is gone on with",
                &self.next_run,
            ),
        ];
        for (name, help, family) in times {
            registry.register_with_unit(name, help, Unit::Seconds, family.clone());
        }
        let messages = "Messages to people and programs: sent, failed and to be tried again, or dropped";
        registry.register("messages", messages, self.messages.clone());
        let works = "Whether a run goes on";
        registry.register("run_in_progress", works, self.in_progress.clone());
    }

    /// What was so before this start.
    pub(super) fn remember(&self, list: &str, last_success: Option<Timestamp>) {
        if let Some(at) = last_success {
            self.last_success.get_or_create(&of(list)).set(at.as_second());
        }
        self.in_progress.get_or_create(&of(list)).set(0);
        // Known from the start: what appears with its first count is no increase to who watches.
        self.died.get_or_create(&of(list)).inc_by(0);
    }

    pub(super) fn waits(&self, list: &str, until: Timestamp) {
        self.next_run.get_or_create(&of(list)).set(until.as_second());
    }

    pub(super) fn works(&self, list: &str, works: bool) {
        self.in_progress.get_or_create(&of(list)).set(works.into());
    }

    /// An audit died, and is gone on with at `again`, if at all.
    pub(super) fn died(&self, list: &str, again: Option<Timestamp>) {
        self.died.get_or_create(&of(list)).inc();
        if let Some(again) = again {
            self.waits(list, again);
        }
    }

    pub(super) fn ended(&self, list: &str, end: End, now: Timestamp) {
        let label = OfEnd {
            list: list.to_owned(),
            end: end.as_str(),
        };
        self.runs.get_or_create(&label).inc();
        self.last_end.get_or_create(&of(list)).set(now.as_second());
        if end == End::Finished {
            self.last_success.get_or_create(&of(list)).set(now.as_second());
        }
    }

    /// What a finished run says of itself.
    pub(super) fn finished(&self, list: &str, record: &RunRecord) {
        let name = || list.to_owned();
        for verdict in Verdict::ALL {
            let count = record.counts.verdicts.get(&verdict).copied().unwrap_or_default();
            let verdict = verdict.as_str();
            self.sites
                .get_or_create(&OfVerdict {
                    list: name(),
                    verdict,
                })
                .set(whole(count as u64));
        }
        // One that the run before had may be none in this one.
        for outcome in Outcome::ALL {
            let count = record.counts.outcomes.get(&outcome).copied().unwrap_or_default();
            let outcome = outcome.as_str();
            self.outcomes
                .get_or_create(&OfOutcome {
                    list: name(),
                    outcome,
                })
                .set(whole(count as u64));
        }
        if let Some(seconds) = seconds_of(record) {
            self.duration.get_or_create(&of(list)).observe(seconds);
        }
        let work = record.browser_work;
        for (what, count) in [
            ("started", work.started),
            ("retired", work.retired),
            ("crashed", work.crashed),
        ] {
            self.browsers
                .get_or_create(&OfWhat { list: name(), what })
                .inc_by(count);
        }
        self.lost_messages
            .get_or_create(&of(list))
            .inc_by(work.lost_messages);
    }

    /// An attempt to deliver a message.
    pub fn delivered(&self, channel: ChannelKind, result: DeliveryResult) {
        let label = OfDelivery {
            channel: channel.as_str(),
            result: result.as_str(),
        };
        self.messages.get_or_create(&label).inc();
    }

    pub(super) fn remembers(&self, written: bool) {
        self.forgets.store(!written, Ordering::Relaxed);
    }

    /// Whether it can do its work: what happens is written down.
    pub fn is_well(&self) -> bool {
        !self.forgets.load(Ordering::Relaxed)
    }

    /// All of it.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn of(list: &str) -> OfList {
    OfList {
        list: list.to_owned(),
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// From the first to the last moment of a run, the time left out in which nobody worked at it not counted apart.
pub(crate) fn seconds_of(record: &RunRecord) -> Option<f64> {
    let started: Timestamp = record.started.parse().ok()?;
    let ended: Timestamp = record.ended.as_ref()?.parse().ok()?;
    Some(ended.duration_since(started).as_secs_f64())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::browser::BrowserWork;
    use crate::bundle::{JudgedBy, RunKind};
    use crate::emc::EmcSettings;

    fn record() -> RunRecord {
        let judged_by = JudgedBy {
            profile: "province".to_owned(),
            rules: "1".to_owned(),
            only: None,
            beacon_stub: false,
            confirm: true,
            emc: EmcSettings::default(),
        };
        let started = "2026-11-26T18:00:00Z".parse().unwrap();
        let mut record = RunRecord::begin("r", RunKind::Full, started, judged_by);
        record.ended = Some("2026-11-26T18:10:00Z".to_owned());
        record.counts.verdicts.insert(Verdict::Fail, 2);
        record.counts.outcomes.insert(Outcome::Blocked, 1);
        record.browser_work = BrowserWork {
            started: 5,
            retired: 1,
            crashed: 2,
            lost_messages: 7,
        };
        record
    }

    #[test]
    fn a_finished_run_is_told_with_its_units() {
        let metrics = Metrics::default();
        let now = "2026-11-26T18:10:01Z".parse().unwrap();
        metrics.ended("tinh", End::Finished, now);
        metrics.finished("tinh", &record());
        let text = metrics.text().unwrap();
        for line in [
            "emc_audit_sites{list=\"tinh\",verdict=\"fail\"} 2",
            "emc_audit_sites{list=\"tinh\",verdict=\"pass\"} 0",
            "emc_audit_outcomes{list=\"tinh\",outcome=\"blocked\"} 1",
            "emc_audit_run_duration_seconds_sum{list=\"tinh\"} 600.0",
            "emc_audit_run_duration_seconds_bucket{le=\"900.0\",list=\"tinh\"} 1",
            "emc_audit_browsers_total{list=\"tinh\",what=\"crashed\"} 2",
            "emc_audit_browser_messages_lost_total{list=\"tinh\"} 7",
            "emc_audit_runs_total{list=\"tinh\",end=\"finished\"} 1",
            "emc_audit_last_success_timestamp_seconds{list=\"tinh\"} 1795716601",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}:\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn an_outcome_that_is_no_more_is_none() {
        let metrics = Metrics::default();
        metrics.finished("tinh", &record());
        metrics.finished("bo", &record());
        let mut next = record();
        next.counts.outcomes.clear();
        metrics.finished("tinh", &next);
        let text = metrics.text().unwrap();
        assert!(
            text.contains("emc_audit_outcomes{list=\"tinh\",outcome=\"blocked\"} 0"),
            "{text}"
        );
        assert!(
            text.contains("emc_audit_outcomes{list=\"bo\",outcome=\"blocked\"} 1"),
            "{text}"
        );
    }
}
