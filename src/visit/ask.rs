//! Questions to the top document. A page may navigate or be busy while it is asked: the probe is put in again,
//! and the question asked once more.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use super::probe::{PageState, Probe};
use super::settle::{MOVING_TIME, TICK, TRIES};
use super::visitor::{OpenVisit, Stop};
use crate::observation::Ending;

/// A cheap look that takes longer finds a page that hangs.
const STATE_LIMIT: Duration = Duration::from_secs(5);

impl OpenVisit<'_> {
    /// The probe of the top document; put in again after a navigation.
    pub(super) async fn top_probe(&mut self) -> Result<Probe, Stop> {
        if let Some((probe, _)) = self.facts.probes.first() {
            return Ok(probe.clone());
        }
        let frames = self.page.frames(self.call_limit()).await?;
        let top = frames.into_iter().next().ok_or_else(|| {
            Stop::Ended(Ending::Wedged {
                what: "the page has no frame".to_owned(),
            })
        })?;
        let probe = Probe::install(self.page, &top, self.call_limit()).await?;
        self.facts.probes = vec![(probe.clone(), (0.0, 0.0))];
        Ok(probe)
    }

    pub(super) async fn state(&mut self) -> Result<PageState, Stop> {
        for _ in 0..TRIES {
            let limit = self.call_limit().min(STATE_LIMIT);
            let probed = match self.top_probe().await {
                Ok(probe) => probe
                    .state(self.page, &self.options.emc, limit)
                    .await
                    .map_err(Stop::from),
                Err(stop) => Err(stop),
            };
            match probed {
                Ok(state) => return Ok(state),
                Err(stop) => self.recover(stop, "settle").await?,
            }
        }
        Ok(PageState::default())
    }

    /// After a failed call: a navigation took the probe away, or the page is busy. What cannot be
    /// mended is handed on.
    pub(super) async fn recover(&mut self, stop: Stop, during: &str) -> Result<(), Stop> {
        self.facts.probes.clear();
        match stop {
            Stop::Ended(Ending::Wedged { what }) => {
                tracing::debug!(site = %self.request.listed.site, what, during, "a probe is put in again");
                self.revive(during).await?;
                tokio::time::sleep(TICK).await;
                Ok(())
            }
            other => Err(other),
        }
    }

    /// Asks one of the probe's functions in the top document; once more where a navigation took the probe away
    /// meanwhile. `None` where the page cannot be asked, which is noted and ends nothing.
    pub(super) async fn ask_top<T: DeserializeOwned>(
        &mut self,
        function: &str,
        argument: &serde_json::Value,
        limit: Duration,
    ) -> Result<Option<T>, Stop> {
        let began = Instant::now();
        for attempt in 1.. {
            let asked = match self.top_probe().await {
                Ok(probe) => probe
                    .call(self.page, function, argument, limit.min(self.call_limit()))
                    .await
                    .map_err(Stop::from),
                Err(stop) => Err(stop),
            };
            match asked {
                Ok(answer) => return Ok(Some(answer)),
                Err(Stop::Ended(ending)) if attempt >= TRIES || began.elapsed() > MOVING_TIME => {
                    self.facts.probes.clear();
                    self.facts.note_cut(format!("{function}: {ending:?}"));
                    break;
                }
                Err(stop) => self.recover(stop, function).await?,
            }
        }
        Ok(None)
    }
}
