//! One address loaded once, to learn whether it answers and how: for control visits and for `doctor`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::browser::{BrowserError, BrowserPool, Identity, PageEvent, PageOptions, ResponseHead};
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
        let reached = Arc::new(Mutex::new(Reached::default()));
        let seen = Arc::clone(&reached);
        let page = lease
            .open_page(PageOptions {
                identity: Arc::clone(&self.identity),
                viewport: VIEWPORT,
                gate: None,
                listener: Arc::new(move |event| {
                    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                    let code = match event {
                        PageEvent::ResponseReceived(received) => {
                            if seen.headers.is_empty() {
                                seen.note(&received.response);
                            }
                            received.response.status
                        }
                        PageEvent::RawHeaders(raw) => raw.status_code,
                        _ => None,
                    };
                    if seen.status.is_none() {
                        seen.status = code.and_then(status);
                    }
                }),
            })
            .await?;
        let answer = page.navigate(url, LIMIT).await;
        let mut reached = reached.lock().unwrap_or_else(PoisonError::into_inner).clone();
        reached.error = match &answer {
            _ if reached.status.is_some() => None,
            Ok(answer) => Some(
                answer
                    .error_text
                    .clone()
                    .unwrap_or_else(|| "no answer".to_owned()),
            ),
            Err(error) => Some(error.to_string()),
        };
        if let Err(error) = page.close(LIMIT).await {
            tracing::debug!(%error, "the page of a control visit could not be closed");
        }
        Ok(reached)
    }
}

impl Reach {
    /// Why Chromium would not trust the certificate at `url`; nothing where it does, or where nothing answers.
    pub async fn certificate_error(&self, url: &str) -> Result<Option<String>, BrowserError> {
        let lease = self.pool.lease(self.engine).await?;
        let options = PageOptions {
            identity: Arc::clone(&self.identity),
            viewport: VIEWPORT,
            gate: None,
            listener: Arc::new(|_| {}),
        };
        let page = lease.open_page(options).await?;
        page.refuse_bad_certificates().await?;
        let answer = page.navigate(url, LIMIT).await;
        if let Err(error) = page.close(LIMIT).await {
            tracing::debug!(%error, "the page of a control visit could not be closed");
        }
        let error = answer.ok().and_then(|answer| answer.error_text);
        Ok(error.filter(|error| error.starts_with("net::ERR_CERT")))
    }
}

/// The protocol gives every number as a float.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded before
fn status(code: f64) -> Option<u16> {
    (100.0..1000.0).contains(&code).then_some(code as u16)
}
