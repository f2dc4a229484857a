//! Control visits: they tell an outage of our own or of EMC from a fault of a site.

use super::reach::Reach;
use crate::browser::BrowserError;
use crate::judge::{ControlFacts, ControlSample, ControlTarget};

/// Makes control visits.
#[derive(Debug)]
pub(super) struct Control {
    pub reach: Reach,
    pub emc_script: String,
    pub others: Vec<String>,
}

impl Control {
    /// Asks EMC and the other addresses once, and adds what came to `facts`.
    pub(super) async fn sample(&self, facts: &mut ControlFacts) -> Result<(), BrowserError> {
        let emc = self.ask(&self.emc_script, ControlTarget::Emc).await?;
        tracing::debug!(
            answered = emc.answered,
            detail = emc.detail,
            "control visit of EMC"
        );
        facts.samples.push(emc);
        for url in &self.others {
            let sample = self.ask(url, ControlTarget::Network).await?;
            facts.samples.push(sample);
        }
        Ok(())
    }

    async fn ask(&self, url: &str, target: ControlTarget) -> Result<ControlSample, BrowserError> {
        let at = jiff::Timestamp::now().to_string();
        let mut reached = self.reach.ask(url).await?;
        if reached.status.is_none() {
            // A connection may fail once on any network: silence is confirmed, as faults of sites are.
            reached = self.reach.ask(url).await?;
        }
        let detail = match (reached.status, &reached.error) {
            (Some(status), _) => format!("{url} answered {status}"),
            (None, error) => format!("{url}: {}", error.as_deref().unwrap_or("no answer")),
        };
        // EMC answering with an error of its own is EMC's trouble, not a site's.
        let answered = reached
            .status
            .is_some_and(|status| target == ControlTarget::Network || status < 500);
        Ok(ControlSample {
            at,
            target,
            answered,
            detail,
        })
    }
}
