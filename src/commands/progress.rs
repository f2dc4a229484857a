//! What a person sees on stderr while a run goes on: a bar where it is a terminal, and a line for each visit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::auditing::{note, say};
use crate::dispatch::RunEvent;
use crate::language::{Language, Sentence, word};
use crate::verdict::{Outcome, Verdict};

/// Draws nothing where stderr is no terminal.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    language: Language,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    in_flight: AtomicU64,
    unmeasured: AtomicU64,
    failing: AtomicU64,
}

impl Progress {
    pub(super) fn new(language: Language) -> Self {
        // indicatif draws nothing by itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let left = word("progress", "left", language);
        let template = format!("{{spinner}} {{prefix}} [{{bar:24}}] {{pos}}/{{len}}, {left} {{eta}}{{msg}}");
        let style = ProgressStyle::with_template(&template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            language,
            counts: Arc::default(),
        }
    }

    pub(super) fn note(&self, event: &RunEvent) {
        match event {
            RunEvent::Started { folder, visits } => {
                tracing::info!(folder = %folder.display(), visits, "the run begins");
                self.bar.set_length(u64::try_from(*visits).unwrap_or(u64::MAX));
                self.stage("first_visits");
                self.bar.enable_steady_tick(std::time::Duration::from_millis(500));
            }
            RunEvent::Visited {
                site,
                visit,
                took,
                outcome,
                in_flight,
            } => {
                let in_flight = u64::try_from(*in_flight).unwrap_or(u64::MAX);
                self.counts.in_flight.store(in_flight, Relaxed);
                if *outcome != Outcome::Measured && *visit == 1 {
                    self.counts.unmeasured.fetch_add(1, Relaxed);
                }
                self.bar.inc(1);
                let seconds = took.as_secs_f32();
                let outcome = word("outcome", outcome.as_str(), self.language);
                tracing::info!(%site, visit, seconds, outcome, "visited");
                // A site that is seen again has its line when nothing more is needed.
                if *visit == 1 {
                    self.bar.println(format!("{site}: {outcome} ({seconds:.1} s)"));
                }
            }
            RunEvent::Confirming { sites } => {
                tracing::info!(sites, "confirming visits begin");
                self.bar.inc_length(u64::try_from(*sites).unwrap_or(u64::MAX));
                self.stage("confirming");
            }
            RunEvent::Settled {
                site,
                verdict,
                visits,
            } => {
                tracing::info!(%site, verdict = verdict.as_str(), visits, "nothing more is needed");
                let fails = *verdict == Verdict::Fail;
                self.counts.failing.fetch_add(u64::from(fails), Relaxed);
                let verdict = word("status", verdict.as_str(), self.language);
                let counted = word("progress", "visits", self.language);
                self.bar
                    .println(format!("{site}: {verdict} ({visits} {counted})"));
            }
            RunEvent::TryingAgain { sites, wait } => {
                tracing::info!(sites, ?wait, "trying again what was missed");
                self.bar.inc_length(u64::try_from(*sites).unwrap_or(u64::MAX));
                self.stage("trying_again");
                if !wait.is_zero() {
                    let notice = Sentence::new("notice", "tries_again").with("sites", sites);
                    note(&notice.with("seconds", wait.as_secs().max(1)), self.language);
                }
            }
            RunEvent::Waiting => {
                say(&Sentence::new("notice", "network_waits"), self.language);
                self.stage("waiting");
            }
            RunEvent::NetworkNever => say(&Sentence::new("notice", "network_never"), self.language),
            RunEvent::NetworkLost => say(&Sentence::new("notice", "network_lost"), self.language),
            RunEvent::Judging => self.stage("judging"),
        }
        self.bar.set_message(self.message());
    }

    fn stage(&self, key: &'static str) {
        self.bar.set_prefix(word("progress", key, self.language));
    }

    fn message(&self) -> String {
        let Counts {
            in_flight,
            unmeasured,
            failing,
        } = &*self.counts;
        let counts = [
            ("in_flight", in_flight),
            ("unmeasured", unmeasured),
            ("failing", failing),
        ];
        let told = counts
            .into_iter()
            .filter(|(_, count)| count.load(Relaxed) > 0)
            .map(|(key, count)| format!("{} {}", count.load(Relaxed), word("progress", key, self.language)));
        // The template puts it behind the time that is left.
        std::iter::once(String::new())
            .chain(told)
            .collect::<Vec<_>>()
            .join(", ")
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
