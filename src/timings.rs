//! Where the time of a run goes: steps are spans, and a layer of the log adds up how long they took.
//!
//! Without `--timings` nobody listens to these spans and they cost nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::span::{Attributes, Id};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::language::{Language, word};

/// The target of spans that are steps.
pub(crate) const TARGET: &str = "emc_audit::step";

/// A step by its name: `future.instrument(step!("settle"))`, or `step!("judge").in_scope(|| …)`.
macro_rules! step {
    ($name:literal) => {
        tracing::debug_span!(target: $crate::timings::TARGET, $name)
    };
}
pub(crate) use step;

/// How long each step took, as often as it was taken.
#[derive(Debug, Clone, Default)]
pub struct Timings {
    steps: Arc<Mutex<BTreeMap<&'static str, Step>>>,
}

#[derive(Debug, Default)]
struct Step {
    /// From its beginning to its end, ms; waiting for a browser included.
    took_ms: Vec<f32>,
    /// While this program itself worked at it.
    busy: Duration,
    /// Place in the order in which steps began first.
    order: usize,
}

/// A step that goes on.
struct UnderWay {
    began: Instant,
    busy: Duration,
    entered: Option<Instant>,
}

impl Timings {
    /// Whether a span is a step.
    pub fn is_step(metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    /// A table for people: number, median, ninth decile and sum of each step, and the program's own part of it.
    /// Steps lie in each other and run side by side: their sums are not parts of one whole.
    pub fn table(&self, language: Language) -> String {
        let mut steps = self.steps();
        let mut rows: Vec<_> = steps.iter_mut().collect();
        rows.sort_by_key(|(_, step)| step.order);
        let say = |key| word("timings", key, language);
        let mut table = format!(
            "{:<14} {:>8} {:>12} {:>12} {:>10} {:>10}\n",
            say("step"),
            say("number"),
            say("median"),
            say("decile"),
            say("sum"),
            say("own")
        );
        for (name, step) in rows {
            step.took_ms.sort_unstable_by(f32::total_cmp);
            let sum: f32 = step.took_ms.iter().sum();
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{name:<14} {:>8} {:>9.1} ms {:>9.1} ms {:>8.1} s {:>8.2} s",
                step.took_ms.len(),
                quantile(&step.took_ms, 5),
                quantile(&step.took_ms, 9),
                sum / 1000.0,
                step.busy.as_secs_f32(),
            );
        }
        table
    }

    fn steps(&self) -> MutexGuard<'_, BTreeMap<&'static str, Step>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value below which so many tenths of the sorted values lie.
fn quantile(sorted: &[f32], tenths: usize) -> f32 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * tenths / 10).copied().unwrap_or_default()
}

impl<S> Layer<S> for Timings
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(UnderWay {
                began: Instant::now(),
                busy: Duration::ZERO,
                entered: None,
            });
        }
        let mut steps = self.steps();
        let order = steps.len();
        steps.entry(attributes.metadata().name()).or_insert_with(|| Step {
            order,
            ..Step::default()
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(step) = span.extensions_mut().get_mut::<UnderWay>()
        {
            step.entered = Some(Instant::now());
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(step) = span.extensions_mut().get_mut::<UnderWay>()
            && let Some(entered) = step.entered.take()
        {
            step.busy += entered.elapsed();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        if let Some(ended) = span.extensions_mut().remove::<UnderWay>() {
            let mut steps = self.steps();
            let step = steps.entry(span.name()).or_default();
            step.took_ms.push(ended.began.elapsed().as_secs_f32() * 1000.0);
            step.busy += ended.busy;
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn steps_are_counted_in_their_order_and_other_spans_are_not() {
        let timings = Timings::default();
        let layer = timings.clone().with_filter(filter_fn(Timings::is_step));
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            step!("settle").in_scope(|| step!("badge").in_scope(|| ()));
            step!("settle").in_scope(|| ());
            tracing::debug_span!("something else").in_scope(|| ());
        });
        let table = timings.table(Language::English);
        let rows: Vec<Vec<&str>> = table
            .lines()
            .skip(1)
            .map(|row| row.split_whitespace().take(2).collect())
            .collect();
        assert_eq!(rows, [["settle", "2"], ["badge", "1"]]);
    }

    #[test]
    fn quantiles_are_of_what_is_there() {
        assert_eq!(quantile(&[], 5).to_bits(), 0.0_f32.to_bits());
        let sorted = [1.0, 2.0, 3.0, 4.0, 100.0];
        assert_eq!(quantile(&sorted, 5).to_bits(), 3.0_f32.to_bits());
        assert_eq!(quantile(&sorted, 9).to_bits(), 4.0_f32.to_bits());
    }
}
