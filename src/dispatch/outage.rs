//! Telling our own outage, and one of EMC, from a site's fault: control visits after each row of failures,
//! and waiting for the network to come back.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use url::Url;

use super::audit::{Audit, AuditError, RunEvent};
use crate::emc::EmcSettings;
use crate::judge::ControlFacts;
use crate::observation::{Observation, RequestRecord};

/// Visits in a row that reached nobody before the network itself is doubted.
const DOUBT_NETWORK_AFTER: u32 = 5;
/// EMC is asked at the first visit whose page asked it in vain, and again after so many more in a row.
const DOUBT_EMC_EVERY: u32 = 3;
/// Between two control visits while the run waits for its network.
const OUTAGE_PAUSE: Duration = Duration::from_secs(10);

/// Failures since the last success.
#[derive(Debug, Default)]
pub(super) struct FailureRows {
    unreached: AtomicU32,
    emc_silent: AtomicU32,
}

impl Audit {
    /// Asks the control addresses after a row of visits that reached nobody, or that EMC did not answer; waits
    /// for our own network, within bounds.
    pub(super) async fn watch_network(&self, seen: &Observation) -> Result<(), AuditError> {
        let rows = &self.rows;
        let reached = seen.document.status.is_some();
        let unreached = lengthen(&rows.unreached, !reached);
        if unreached >= DOUBT_NETWORK_AFTER && self.judge.control().ever_answered() {
            return self.wait_for_network().await;
        }
        if let Some(answered) = emc_answered(seen, &self.emc)
            && lengthen(&rows.emc_silent, !answered) % DOUBT_EMC_EVERY == 1
        {
            self.sample_control().await?;
        }
        Ok(())
    }

    async fn wait_for_network(&self) -> Result<(), AuditError> {
        let _everyone_waits = self.network_up.write().await;
        if self.rows.unreached.swap(0, Relaxed) < DOUBT_NETWORK_AFTER {
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

/// The length of the row after one more visit.
fn lengthen(row: &AtomicU32, failed: bool) -> u32 {
    if failed {
        return row.fetch_add(1, Relaxed) + 1;
    }
    row.store(0, Relaxed);
    0
}

/// Whether EMC answered the page's requests for its script; nothing where none was let out.
fn emc_answered(seen: &Observation, emc: &EmcSettings) -> Option<bool> {
    let is_script = |request: &&RequestRecord| {
        let refused = request.failure.as_ref().is_some_and(|one| one.blocked.is_some());
        !refused && Url::parse(&request.url).is_ok_and(|url| emc.is_script(&url))
    };
    let mut asked = seen.requests.iter().filter(is_script).peekable();
    asked.peek()?;
    Some(asked.any(|request| request.status.is_some_and(|status| status < 500)))
}
