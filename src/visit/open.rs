//! Finding the address that answers: the listed one, then the others that people would try.

use std::time::{Duration, Instant};

use url::Url;

use super::addresses;
use super::clip::clip_text;
use super::facts::millis;
use super::visitor::{OpenVisit, Stop};
use crate::browser::BrowserError;
use crate::observation::{Attempt, BlockReason, Ending, NetworkFailure};

/// Events of a navigation may come this long after its answer, on a busy machine.
const EVENTS_LIMIT: Duration = Duration::from_secs(1);

impl OpenVisit<'_> {
    /// Tries one address after the other until a server answers.
    pub(super) async fn open_home(&mut self) -> Result<(), Stop> {
        let began = Instant::now();
        let mut last = Ending::NetworkError {
            error: "no address to try".to_owned(),
        };
        for url in addresses::candidates(&self.request.listed) {
            if self.time_left() <= Duration::from_secs(1) && !self.facts.attempts.is_empty() {
                self.facts.note_cut("addresses: no time left for all of them");
                break;
            }
            self.recorder.begin_attempt();
            last = self.attempt(&url).await?;
            self.facts.attempts.push(Attempt {
                url: url.to_string(),
                ending: last.clone(),
            });
            if self.is_answer(&last) {
                break;
            }
        }
        self.facts.note_time("navigate", began);
        if last == Ending::Loaded {
            Ok(())
        } else {
            Err(Stop::Ended(last))
        }
    }

    pub(super) async fn attempt(&mut self, url: &Url) -> Result<Ending, Stop> {
        if let Some(address) = self.options.policy.refusal_for_site(url).await {
            return Ok(Ending::PrivateAddress {
                address: address.to_string(),
            });
        }
        let limit = self.options.settings.navigation().min(self.time_left());
        let answer = self.page.navigate(url.as_str(), limit).await;
        if answer.is_ok() {
            self.recorder.document_noted(EVENTS_LIMIT).await;
        }
        match answer {
            Ok(answer) if answer.is_download.unwrap_or(false) => Ok(self.not_a_page()),
            Ok(answer) => match answer.error_text.filter(|error| !error.is_empty()) {
                Some(error) => Ok(self.failed_navigation(&error)),
                None => Ok(self.judge_type()),
            },
            Err(BrowserError::NoAnswer { .. }) => {
                let answered = self
                    .recorder
                    .read()
                    .document_request()
                    .is_some_and(|request| request.status.is_some());
                if !answered {
                    // Until a navigation is over Chromium hands nothing on to the page, which only looks
                    // as if a script kept it busy.
                    self.stop_loading().await?;
                }
                let woken = self.revive("navigate").await?;
                tracing::debug!(?woken, url = url.as_str(), "a navigation was not answered");
                // A server that has sent its headers is there; what it sends so slowly may still show.
                Ok(if answered {
                    self.judge_type()
                } else {
                    Ending::TimedOut {
                        limit_ms: millis(limit),
                    }
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn failed_navigation(&self, error: &str) -> Ending {
        let status = self.document_status();
        let no_page = matches!(status, Some(204 | 205)) || self.recorder.read().download_began;
        if error == "net::ERR_ABORTED" && no_page {
            return self.not_a_page();
        }
        let failure = self
            .recorder
            .read()
            .document_request()
            .and_then(|request| request.failure.clone());
        failure.filter(|failure| failure.blocked.is_some()).map_or_else(
            || Ending::NetworkError {
                error: clip_text(error, 120),
            },
            |failure| refused_or_failed(&failure),
        )
    }

    fn not_a_page(&self) -> Ending {
        let record = self.recorder.read();
        let mime_type = record.document_request().and_then(|request| {
            request
                .mime_type
                .clone()
                .filter(|mime| !mime.is_empty())
                .or_else(|| request.content_type.clone())
        });
        Ending::NotAPage { mime_type }
    }

    /// Documents that are no HTML are shown by a viewer of the browser's own: not the site's page.
    fn judge_type(&self) -> Ending {
        let record = self.recorder.read();
        let mime = record
            .document_request()
            .and_then(|request| request.mime_type.clone())
            .unwrap_or_default();
        let status = record.document_request().and_then(|request| request.status);
        let is_page =
            mime.is_empty() || mime.contains("html") || (mime.contains("xml") && !mime.starts_with("image/"));
        if status == Some(204) || (!is_page && status.is_none_or(|status| status < 400)) {
            return Ending::NotAPage {
                mime_type: Some(mime).filter(|mime| !mime.is_empty()),
            };
        }
        Ending::Loaded
    }

    /// Whether the browser shows a page that its server meant to show.
    pub(super) fn shows_a_page(&self) -> bool {
        self.facts.page.is_some()
            && self.document_status().is_none_or(|status| status < 400)
            && self.judge_type() == Ending::Loaded
    }

    pub(super) fn document_status(&self) -> Option<u16> {
        let record = self.recorder.read();
        let index = record.document?;
        record.finished_requests().get(index)?.status
    }

    /// Whether some server answered, so that other addresses need not be tried.
    fn is_answer(&self, ending: &Ending) -> bool {
        match ending {
            Ending::Loaded | Ending::NotAPage { .. } | Ending::Runaway { .. } | Ending::Wedged { .. } => true,
            Ending::NetworkError { .. } => self
                .document_status()
                .is_some_and(|status| !(300..400).contains(&status)),
            Ending::TimedOut { .. } | Ending::PrivateAddress { .. } | Ending::AskedToWait { .. } => false,
        }
    }
}

/// How a document failed: because the robot may not go there, or as the browser says.
pub(super) fn refused_or_failed(failure: &NetworkFailure) -> Ending {
    match failure.blocked {
        Some(BlockReason::PrivateAddress) => Ending::PrivateAddress {
            address: failure
                .error
                .rsplit(' ')
                .next()
                .unwrap_or(&failure.error)
                .to_owned(),
        },
        _ => Ending::NetworkError {
            error: clip_text(&failure.error, 120),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_the_robot_refused_names_the_private_address() {
        let failure = |error: &str, blocked| NetworkFailure {
            error: error.to_owned(),
            blocked,
            cancelled: false,
        };
        let refused = failure("private address 10.0.0.1", Some(BlockReason::PrivateAddress));
        assert!(
            matches!(refused_or_failed(&refused), Ending::PrivateAddress { address } if address == "10.0.0.1")
        );
        let failed = failure("net::ERR_CONNECTION_RESET", None);
        assert!(matches!(refused_or_failed(&failed), Ending::NetworkError { .. }));
    }
}
