//! Telling our own outage from a site's: control visits, and waiting for the network to come back.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::audit::{Audit, AuditError, RunEvent};
use crate::judge::ControlFacts;

/// Visits in a row that reached nobody before the network itself is doubted.
const DOUBT_AFTER: u32 = 5;
/// Between two control visits while the run waits for its network.
const OUTAGE_PAUSE: Duration = Duration::from_secs(10);

impl Audit {
    /// Doubts the network after a row of visits that reached nobody, and waits for it, within bounds.
    pub(super) async fn watch_network(&self, reached: bool) -> Result<(), AuditError> {
        if reached {
            self.unreached_in_a_row.store(0, Relaxed);
            return Ok(());
        }
        if self.unreached_in_a_row.fetch_add(1, Relaxed) + 1 < DOUBT_AFTER
            || !self.judge.control().ever_answered()
        {
            return Ok(());
        }
        let _everyone_waits = self.network_up.write().await;
        if self.unreached_in_a_row.swap(0, Relaxed) < DOUBT_AFTER {
            return Ok(());
        }
        let deadline = Instant::now() + Duration::from_secs(self.options.settings.run.outage_wait_s);
        loop {
            self.sample_control().await?;
            if self.judge.control().network_answered_last() {
                return Ok(());
            }
            if Instant::now() + OUTAGE_PAUSE >= deadline || self.stop.is_cancelled() {
                (self.report)(RunEvent::NetworkLost);
                return Ok(());
            }
            (self.report)(RunEvent::Waiting);
            tokio::select! {
                () = tokio::time::sleep(OUTAGE_PAUSE) => {}
                () = self.stop.cancelled() => return Ok(()),
            }
        }
    }

    pub(super) async fn sample_control(&self) -> Result<(), AuditError> {
        if self.stop.is_cancelled() {
            return Ok(());
        }
        let mut fresh = ControlFacts::default();
        self.control.sample(&mut fresh).await?;
        self.judge.control().samples.append(&mut fresh.samples);
        let record = self.note_record(|_| {});
        self.maker.folder.write_record(&record)?;
        Ok(())
    }
}
