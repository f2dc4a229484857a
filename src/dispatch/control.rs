//! Control visits: they tell an outage of our own or of EMC from a fault of a site.

use std::sync::Arc;
use std::time::Duration;

use crate::browser::{BrowserError, BrowserPool, Identity, PageEvent, PageOptions};
use crate::judge::{ControlFacts, ControlSample, ControlTarget};
use crate::observation::Engine;

/// An address that does not answer for this long is down.
const LIMIT: Duration = Duration::from_secs(10);

/// Makes control visits through the browser, so that proxy and `--connect-to` hold for them too.
#[derive(Debug)]
pub(super) struct Control {
    pub pool: Arc<BrowserPool>,
    pub engine: Engine,
    pub identity: Arc<Identity>,
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
        let lease = self.pool.lease(self.engine).await?;
        let status = Arc::new(std::sync::Mutex::new(None));
        let seen = Arc::clone(&status);
        let page = lease
            .open_page(PageOptions {
                identity: Arc::clone(&self.identity),
                viewport: (800, 600),
                gate: None,
                listener: Arc::new(move |event| {
                    let code = match event {
                        PageEvent::ResponseReceived(received) => received.response.status,
                        PageEvent::RawHeaders(raw) => raw.status_code,
                        _ => None,
                    };
                    if let (Some(code), Ok(mut seen)) = (code, seen.lock()) {
                        seen.get_or_insert(code);
                    }
                }),
            })
            .await?;
        let answer = page.navigate(url, LIMIT).await;
        let status = status.lock().ok().and_then(|status| *status);
        let detail = match (&status, &answer) {
            (Some(status), _) => format!("{url} answered {status}"),
            (None, Ok(answer)) => format!("{url}: {}", answer.error_text.as_deref().unwrap_or("no answer")),
            (None, Err(error)) => format!("{url}: {error}"),
        };
        if let Err(error) = page.close(LIMIT).await {
            tracing::debug!(%error, "the page of a control visit could not be closed");
        }
        // EMC answering with an error of its own is EMC's trouble, not a site's.
        let answered = status.is_some_and(|status| target == ControlTarget::Network || status < 500.0);
        Ok(ControlSample {
            at,
            target,
            answered,
            detail,
        })
    }
}
