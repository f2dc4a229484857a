//! From the stages that Chromium reports to those of the format, whose sum is the entry's time.

use super::model::Timings;
use crate::observation::Exchange;

impl Timings {
    /// Nothing is known but, perhaps, how long it took.
    fn unknown(took: Option<f64>) -> Self {
        Self {
            blocked: took.map_or(-1.0, known),
            dns: -1.0,
            connect: -1.0,
            ssl: -1.0,
            send: 0.0,
            wait: 0.0,
            receive: 0.0,
            queueing: -1.0,
        }
    }

    /// The stages of a request.
    pub(super) fn of(exchange: &Exchange) -> Self {
        let Some(answered) = exchange.answered_after_ms else {
            // No answer came: all of it was waiting, as far as anyone knows.
            return Self::unknown(exchange.ended_after_ms);
        };
        let receive = exchange
            .ended_after_ms
            .map_or(0.0, |ended| known(ended - answered));
        let Some(timing) = exchange.timing else {
            return Self {
                blocked: -1.0,
                wait: known(answered),
                receive,
                ..Self::unknown(None)
            };
        };
        let stage = |start: f64, end: f64| {
            if start >= 0.0 && end >= start {
                tidy(end - start)
            } else {
                -1.0
            }
        };
        let queued = known(timing.queued);
        let first = [timing.dns_start, timing.connect_start, timing.send_start]
            .into_iter()
            .filter(|start| *start >= 0.0)
            .fold(f64::INFINITY, f64::min);
        let stalled = if first.is_finite() { first } else { 0.0 };
        let gone = [timing.send_end, timing.connect_end, timing.dns_end, stalled]
            .into_iter()
            .fold(0.0, f64::max);
        let dns = stage(timing.dns_start, timing.dns_end);
        let connect = stage(timing.connect_start, timing.connect_end);
        let blocked = tidy(queued + stalled);
        // What lies between the stages counts as sending, so that nothing is lost from the sum.
        let send = known(gone - stalled - dns.max(0.0) - connect.max(0.0));
        Self {
            blocked,
            dns,
            connect,
            ssl: stage(timing.ssl_start, timing.ssl_end),
            send,
            wait: known(answered - queued - gone),
            receive,
            queueing: queued,
        }
    }

    /// The sum of the stages; `ssl` is within `connect`.
    pub(super) fn total(&self) -> f64 {
        let stages = [
            self.blocked,
            self.dns,
            self.connect,
            self.send,
            self.wait,
            self.receive,
        ];
        tidy(stages.into_iter().map(|stage| stage.max(0.0)).sum())
    }
}

/// Never negative, and a number whatever came.
fn known(ms: f64) -> f64 {
    if ms.is_finite() { tidy(ms.max(0.0)) } else { 0.0 }
}

/// Microseconds are as fine as the clocks are.
fn tidy(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}
