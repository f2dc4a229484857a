//! One address loaded once, to learn whether it answers and how: for control visits and for `doctor`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::browser::{
    BrowserError, BrowserPool, Identity, Page, PageEvent, PageOptions, RequestGate, ResponseHead,
};
use crate::observation::Engine;

/// An address that does not answer for this long is down.
const LIMIT: Duration = Duration::from_secs(10);

const VIEWPORT: (u32, u32) = (800, 600);

/// Loads addresses through the browser, so that proxy and `--connect-to` hold as for visits.
#[derive(Debug)]
pub struct Reach {
    pub pool: Arc<BrowserPool>,
    pub engine: Engine,
    pub identity: Arc<Identity>,
    /// For addresses that may lead anywhere; those of the settings need none.
    pub gate: Option<Arc<dyn RequestGate>>,
}

/// What came of one address.
#[derive(Debug, Clone, Default)]
pub struct Reached {
    pub status: Option<u16>,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub mime_type: Option<String>,
    pub server_address: Option<String>,
    pub certificate_issuer: Option<String>,
    /// Chromium's words, where nothing answered.
    pub error: Option<String>,
}

impl Reached {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn note(&mut self, head: &ResponseHead) {
        self.mime_type.clone_from(&head.mime_type);
        self.server_address.clone_from(&head.remote_ip_address);
        self.certificate_issuer = head
            .security_details
            .as_ref()
            .map(|details| details.issuer.clone());
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        self.headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), text(value)))
            .collect();
    }
}

impl Reach {
    /// Loads `url`. An error is one of the browser, never of the address.
    pub async fn ask(&self, url: &str) -> Result<Reached, BrowserError> {
        let lease = self.pool.lease(self.engine).await?;
        let seen = Arc::new(Seen::default());
        let listener = Arc::clone(&seen);
        let page = lease
            .open_page(self.page_options(move |event| listener.note(&event)))
            .await?;
        let asked = tokio::time::timeout(LIMIT, async {
            let answer = page.navigate(url, LIMIT).await;
            // The navigation's own answer may overtake the news of what was received.
            if answer.as_ref().is_ok_and(|answer| answer.error_text.is_none()) {
                seen.answered.notified().await;
            }
            answer
        });
        let answer = asked.await;
        let mut reached = seen.reached();
        reached.error = match answer {
            _ if reached.status.is_some() => None,
            Ok(Ok(answer)) => Some(answer.error_text.unwrap_or_else(|| "no answer".to_owned())),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!("no answer within {} s", LIMIT.as_secs())),
        };
        close(page).await;
        Ok(reached)
    }

    /// Why Chromium would not trust the certificate at `url`; nothing where it does, or where nothing answers.
    pub async fn certificate_error(&self, url: &str) -> Result<Option<String>, BrowserError> {
        let lease = self.pool.lease(self.engine).await?;
        let page = lease.open_page(self.page_options(|_| {})).await?;
        page.refuse_bad_certificates().await?;
        let answer = page.navigate(url, LIMIT).await;
        close(page).await;
        let error = answer.ok().and_then(|answer| answer.error_text);
        Ok(error.filter(|error| error.starts_with("net::ERR_CERT")))
    }

    fn page_options(&self, listener: impl Fn(PageEvent) + Send + Sync + 'static) -> PageOptions {
        PageOptions {
            identity: Arc::clone(&self.identity),
            viewport: VIEWPORT,
            gate: self.gate.clone(),
            listener: Arc::new(listener),
        }
    }
}

/// What the page's events told so far.
#[derive(Debug, Default)]
struct Seen {
    reached: Mutex<Reached>,
    answered: Notify,
}

impl Seen {
    fn note(&self, event: &PageEvent) {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let code = match event {
            PageEvent::ResponseReceived(received) => {
                if reached.headers.is_empty() {
                    reached.note(&received.response);
                }
                received.response.status
            }
            PageEvent::RawHeaders(raw) => raw.status_code,
            _ => None,
        };
        if reached.status.is_none() {
            reached.status = code.and_then(status);
        }
        // The raw headers come first, and lack what the answer itself says.
        if matches!(event, PageEvent::ResponseReceived(_)) {
            self.answered.notify_one();
        }
    }

    fn reached(&self) -> Reached {
        self.reached
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn close(page: Page) {
    if let Err(error) = page.close(LIMIT).await {
        tracing::debug!(%error, "the page of a control visit could not be closed");
    }
}

/// The protocol gives every number as a float.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded before
fn status(code: f64) -> Option<u16> {
    (100.0..1000.0).contains(&code).then_some(code as u16)
}
