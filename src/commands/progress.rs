//! What a person sees on stderr while a run goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::dispatch::RunEvent;

/// A bar where stderr is a terminal, and nothing otherwise.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    unreached: Arc<AtomicU64>,
}

impl Progress {
    pub(super) fn new() -> Self {
        // indicatif draws nothing by itself where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {pos}/{len} {elapsed} eta {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            unreached: Arc::default(),
        }
    }

    pub(super) fn note(&self, event: &RunEvent) {
        match event {
            RunEvent::Started { folder, visits } => {
                tracing::info!(folder = %folder.display(), visits, "the run begins");
                self.bar.set_length(u64::try_from(*visits).unwrap_or(u64::MAX));
                self.bar.set_message("first visits");
                self.bar.enable_steady_tick(std::time::Duration::from_millis(500));
            }
            RunEvent::Visited {
                site,
                visit,
                took,
                reached,
            } => {
                if !reached {
                    self.unreached.fetch_add(1, Ordering::Relaxed);
                }
                tracing::info!(%site, visit, seconds = took.as_secs_f32(), reached, "visited");
                self.bar.inc(1);
                let unreached = self.unreached.load(Ordering::Relaxed);
                if unreached > 0 {
                    self.bar.set_message(format!("visits ({unreached} not reached)"));
                }
            }
            RunEvent::Confirming { sites } => {
                tracing::info!(sites, "confirming visits begin");
                self.bar.inc_length(u64::try_from(*sites).unwrap_or(u64::MAX));
                self.bar.set_message("confirming visits");
            }
            RunEvent::Waiting { reason } => {
                tracing::warn!(reason, "the run waits for its network");
                self.bar.set_message("waiting for the network");
            }
            RunEvent::Judging => self.bar.set_message("judging"),
        }
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
