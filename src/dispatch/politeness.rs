//! Not too much at once for any server: visits at the same time by host and by address, and a pause
//! between two visits of the same host.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use crate::network::AddressPolicy;
use crate::settings::RunSettings;

/// Limits of one run.
#[derive(Debug)]
pub(super) struct Politeness {
    policy: Arc<AddressPolicy>,
    per_host: usize,
    per_address: usize,
    pause: Duration,
    hosts: Mutex<HashMap<String, Host>>,
    addresses: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

#[derive(Debug, Clone)]
struct Host {
    slots: Arc<Semaphore>,
    last_visit: Arc<Mutex<Option<Instant>>>,
}

/// The turn of one visit; ends when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    last_visit: Arc<Mutex<Option<Instant>>>,
    _host: OwnedSemaphorePermit,
    _address: Option<OwnedSemaphorePermit>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.last_visit.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

impl Politeness {
    pub(super) fn new(policy: Arc<AddressPolicy>, settings: &RunSettings) -> Self {
        Self {
            policy,
            per_host: settings.visits_per_host.max(1),
            per_address: settings.visits_per_address.max(1),
            pause: Duration::from_millis(settings.host_pause_ms),
            hosts: Mutex::default(),
            addresses: Mutex::default(),
        }
    }

    /// Waits until `url` may be visited. Loopback and targets of `--connect-to` need no pause and have
    /// no limit by address.
    pub(super) async fn turn(&self, url: &Url) -> Option<Turn> {
        let local = self.policy.is_local(url).await;
        let host = self.host(url.host_str().unwrap_or_default());
        let host_permit = Arc::clone(&host.slots).acquire_owned().await.ok()?;
        if !local {
            let last = *host.last_visit.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = last {
                tokio::time::sleep_until(last + self.pause).await;
            }
        }
        let address = if local {
            None
        } else {
            self.policy.addresses(url).await.into_iter().next()
        };
        let address_permit = match address {
            Some(address) => Some(self.address(address).acquire_owned().await.ok()?),
            None => None,
        };
        Some(Turn {
            last_visit: host.last_visit,
            _host: host_permit,
            _address: address_permit,
        })
    }

    fn host(&self, name: &str) -> Host {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Host {
            slots: Arc::new(Semaphore::new(self.per_host)),
            last_visit: Arc::default(),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn one_host_is_visited_once_at_a_time() {
        let politeness = Politeness::new(Arc::new(AddressPolicy::default()), &RunSettings::default());
        let url: Url = "http://127.0.0.1/a".parse().unwrap();
        let first = politeness.turn(&url).await.unwrap();
        assert!(futures::poll!(Box::pin(politeness.turn(&url))).is_pending());
        drop(first);
        assert!(politeness.turn(&url).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_gets_a_pause_between_two_visits() {
        let politeness = Politeness::new(Arc::new(AddressPolicy::default()), &RunSettings::default());
        let url: Url = "http://203.0.113.7/".parse().unwrap();
        drop(politeness.turn(&url).await.unwrap());
        let before = Instant::now();
        drop(politeness.turn(&url).await.unwrap());
        assert!(before.elapsed() >= Duration::from_millis(500));
    }
}
