//! Not too much at once for any server: visits at the same time by host and by address, a pause between two
//! visits of the same host, and the time that a server asks to be left alone for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use crate::network::AddressPolicy;
use crate::observation::DocumentFacts;
use crate::settings::RunSettings;

/// Limits of one run.
#[derive(Debug)]
pub(super) struct Politeness {
    policy: Arc<AddressPolicy>,
    per_host: usize,
    per_address: usize,
    pause: Duration,
    longest_wait: Duration,
    hosts: Mutex<HashMap<String, Host>>,
    addresses: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

#[derive(Debug, Clone)]
struct Host {
    slots: Arc<Semaphore>,
    times: Arc<Mutex<Times>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Times {
    last_visit: Option<Instant>,
    /// The server asked not to be visited before.
    not_before: Option<Instant>,
}

/// The turn of one visit; ends when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    times: Arc<Mutex<Times>>,
    _host: OwnedSemaphorePermit,
    _address: Option<OwnedSemaphorePermit>,
}

/// The server asked to be left alone for longer than a run waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AskedToWait(pub Duration);

impl Turn {
    /// Takes note of the server's answer: whether it asks for a pause before the next visit.
    pub(super) fn note_answer(&self, document: &DocumentFacts) {
        if let Some(wait) = wait_asked_for(document, Timestamp::now()) {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.not_before = Some(Instant::now() + wait);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.times
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last_visit = Some(Instant::now());
    }
}

impl Politeness {
    pub(super) fn new(policy: Arc<AddressPolicy>, settings: &RunSettings) -> Self {
        Self {
            policy,
            per_host: settings.visits_per_host.max(1),
            per_address: settings.visits_per_address.max(1),
            pause: Duration::from_millis(settings.host_pause_ms),
            longest_wait: Duration::from_secs(settings.retry_after_max_s),
            hosts: Mutex::default(),
            addresses: Mutex::default(),
        }
    }

    /// Waits until `url` may be visited. Loopback and targets of `--connect-to` need no pause and have
    /// no limit by address; what a server asks for is obeyed everywhere.
    pub(super) async fn turn(&self, url: &Url) -> Result<Turn, AskedToWait> {
        let local = self.policy.is_local(url).await;
        let host = self.host(url.host_str().unwrap_or_default());
        let host_permit = permit(&host.slots).await;
        let times = *host.times.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(not_before) = times.not_before {
            let wait = not_before.saturating_duration_since(Instant::now());
            if wait > self.longest_wait {
                return Err(AskedToWait(wait));
            }
            tokio::time::sleep_until(not_before).await;
        }
        if let Some(last) = times.last_visit.filter(|_| !local) {
            tokio::time::sleep_until(last + self.pause).await;
        }
        let address = if local {
            None
        } else {
            self.policy.addresses(url).await.into_iter().next()
        };
        let address_permit = match address {
            Some(address) => Some(permit(&self.address(address)).await),
            None => None,
        };
        Ok(Turn {
            times: host.times,
            _host: host_permit,
            _address: address_permit,
        })
    }

    fn host(&self, name: &str) -> Host {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Host {
            slots: Arc::new(Semaphore::new(self.per_host)),
            times: Arc::default(),
        };
        hosts
            .entry(name.to_ascii_lowercase())
            .or_insert_with(fresh)
            .clone()
    }

    fn address(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            addresses
                .entry(address)
                .or_insert_with(|| Arc::new(Semaphore::new(self.per_address))),
        )
    }
}

async fn permit(slots: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(slots)
        .acquire_owned()
        .await
        .expect("the semaphores of a run are never closed")
}

/// How long a refusing server asks to be left alone: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
fn wait_asked_for(document: &DocumentFacts, now: Timestamp) -> Option<Duration> {
    if !matches!(document.status, Some(429 | 503)) {
        return None;
    }
    let (_, value) = document.headers.iter().find(|(name, _)| name == "retry-after")?;
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        // Beyond a year it makes no difference, and the clock does not overflow.
        return Some(Duration::from_secs(seconds.min(31_536_000)));
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn politeness() -> Politeness {
        Politeness::new(Arc::new(AddressPolicy::default()), &RunSettings::default())
    }

    fn refusal(retry_after: &str) -> DocumentFacts {
        DocumentFacts {
            status: Some(429),
            headers: vec![("retry-after".to_owned(), retry_after.to_owned())],
            ..DocumentFacts::default()
        }
    }

    #[tokio::test]
    async fn one_host_is_visited_once_at_a_time() {
        let politeness = politeness();
        let url: Url = "http://127.0.0.1/a".parse().unwrap();
        let first = politeness.turn(&url).await.unwrap();
        assert!(futures::poll!(Box::pin(politeness.turn(&url))).is_pending());
        drop(first);
        assert!(politeness.turn(&url).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_gets_a_pause_between_two_visits() {
        let politeness = politeness();
        let url: Url = "http://203.0.113.7/".parse().unwrap();
        drop(politeness.turn(&url).await.unwrap());
        let before = Instant::now();
        drop(politeness.turn(&url).await.unwrap());
        assert!(before.elapsed() >= Duration::from_millis(500));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_for_time_gets_it() {
        let politeness = politeness();
        let url: Url = "http://127.0.0.1/a".parse().unwrap();
        politeness.turn(&url).await.unwrap().note_answer(&refusal("7"));
        let before = Instant::now();
        let turn = politeness.turn(&url).await.unwrap();
        assert!(before.elapsed() >= Duration::from_secs(7));
        turn.note_answer(&refusal("86400"));
        drop(turn);
        assert!(politeness.turn(&url).await.is_err(), "a day is not waited for");
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let wait = |text: &str| wait_asked_for(&refusal(text), now);
        assert_eq!(wait(" 120 "), Some(Duration::from_mins(2)));
        assert_eq!(
            wait("Sat, 21 Nov 2026 02:01:00 GMT"),
            Some(Duration::from_mins(1))
        );
        assert_eq!(wait("Sat, 21 Nov 2026 01:00:00 GMT"), None, "it is over");
        assert_eq!(wait("soon"), None);
        assert!(wait("99999999999999999").is_some(), "no overflow");
        let fine = DocumentFacts {
            status: Some(200),
            ..refusal("120")
        };
        assert_eq!(wait_asked_for(&fine, now), None);
    }
}
