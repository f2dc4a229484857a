//! The gate through which every request of a visit passes: private addresses stay closed to pages, and
//! calls of EMC's tracker are let out and counted, or answered here.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;
use url::Url;

use super::policy::AddressPolicy;
use super::range::is_private;
use crate::browser::{RequestGate, RequestVerdict};
use crate::emc::EmcSettings;

/// Calls of EMC's tracker: whether they leave, and how many of a run have left.
#[derive(Debug)]
pub struct TrackerCalls {
    emc: EmcSettings,
    stub: bool,
    let_out: AtomicU64,
}

impl TrackerCalls {
    /// With `stub` the robot answers all calls itself.
    pub fn new(emc: EmcSettings, stub: bool) -> Self {
        Self {
            emc,
            stub,
            let_out: AtomicU64::new(0),
        }
    }

    /// Counts calls that the run let out before it was interrupted.
    pub fn add_let_out(&self, calls: u64) {
        self.let_out.fetch_add(calls, Ordering::Relaxed);
    }

    /// Calls that were let out so far.
    pub fn let_out(&self) -> u64 {
        self.let_out.load(Ordering::Relaxed)
    }
}

/// What is allowed to the pages of one visit.
#[derive(Debug, Clone)]
pub struct SiteGate {
    policy: Arc<AddressPolicy>,
    own_addresses: Vec<IpAddr>,
    tracker: Arc<TrackerCalls>,
    aside: bool,
}

impl SiteGate {
    /// A gate for a visit of the site at `url`.
    pub async fn for_site(policy: Arc<AddressPolicy>, url: &Url, tracker: Arc<TrackerCalls>) -> Self {
        let own_addresses = policy.addresses(url).await;
        Self {
            policy,
            own_addresses,
            tracker,
            aside: false,
        }
    }

    /// The same for pages that are opened beside the home page: nobody visits them, so the national
    /// statistics hear nothing of them.
    #[must_use]
    pub fn aside(&self) -> Self {
        Self {
            aside: true,
            ..self.clone()
        }
    }

    async fn refusal(&self, url: &Url) -> Option<IpAddr> {
        let (host, port) = (url.host()?, url.port_or_known_default()?);
        if self.policy.is_redirected(&host, port) {
            return None;
        }
        let addresses = self.policy.resolve(&host).await;
        addresses
            .iter()
            .copied()
            .find(|address| is_private(*address) && !self.is_allowed(*address))
    }

    /// Private addresses of the site itself are open to its pages; with `allow_private` other hosts of
    /// the same network are too, but never the robot's own machine.
    fn is_allowed(&self, address: IpAddr) -> bool {
        let on_this_machine = address.is_loopback() || address.is_unspecified();
        self.own_addresses.contains(&address)
            || self.policy.in_allowed_range(address)
            || (self.policy.allows_private() && !on_this_machine)
    }
}

impl RequestGate for SiteGate {
    fn judge(&self, url: String, _resource: Option<String>) -> BoxFuture<'_, RequestVerdict> {
        async move {
            let Ok(url) = Url::parse(&url) else {
                return RequestVerdict::Allow;
            };
            if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
                return RequestVerdict::Allow;
            }
            let is_call = self.tracker.emc.is_tracker(&url);
            // Aside EMC's script gets an empty answer too: a call that waits here while its page is closed
            // would be let go by the browser.
            let aside = self.aside && self.tracker.emc.is_host(&url);
            if aside || (is_call && self.tracker.stub) {
                return RequestVerdict::AnswerHere;
            }
            if let Some(address) = self.refusal(&url).await {
                return RequestVerdict::Refuse(format!("private address {address}"));
            }
            if is_call {
                self.tracker.let_out.fetch_add(1, Ordering::Relaxed);
            }
            RequestVerdict::Allow
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::policy::tests::policy;
    use super::*;

    fn calls(stub: bool) -> Arc<TrackerCalls> {
        Arc::new(TrackerCalls::new(EmcSettings::default(), stub))
    }

    async fn verdict(policy: &Arc<AddressPolicy>, site: &str, request: &str) -> bool {
        let gate = SiteGate::for_site(
            Arc::clone(policy),
            &site.parse().unwrap(),
            Arc::clone(&calls(false)),
        )
        .await;
        matches!(gate.judge(request.to_owned(), None).await, RequestVerdict::Allow)
    }

    #[tokio::test]
    async fn a_page_may_not_reach_private_addresses() {
        let policy = policy(&[":443:127.0.0.1:8443", ":80:127.0.0.1:8080"], false);
        let site = "https://a.gov.vn/";
        for request in [
            "http://127.0.0.1:9000/",
            "http://10.0.0.1/",
            "http://localhost:17171/x",
            "http://[::1]/",
        ] {
            assert!(!verdict(&policy, site, request).await, "{request}");
        }
        for request in [
            "https://b.gov.vn/x.js",
            "http://c.gov.vn/",
            "data:text/plain,x",
            "http://127.0.0.1:8080/",
        ] {
            assert!(verdict(&policy, site, request).await, "{request}");
        }
    }

    #[tokio::test]
    async fn a_private_site_may_use_its_own_address_when_private_sites_are_allowed() {
        let policy = policy(&[], true);
        assert!(verdict(&policy, "http://127.0.0.1:8000/", "http://127.0.0.1:9000/").await);
        assert!(verdict(&policy, "http://10.0.0.5/", "http://10.0.0.6/").await);
        assert!(!verdict(&policy, "http://10.0.0.5/", "http://127.0.0.1:9000/").await);
    }

    #[tokio::test]
    async fn calls_of_the_tracker_are_counted_when_they_leave_and_stay_here_aside() {
        let policy = policy(&[":443:127.0.0.1:8443"], false);
        let site = "https://a.gov.vn/".parse().unwrap();
        let call = "https://f-emc.ngsp.gov.vn/tracking?idsite=1";
        let judged = async |gate: &SiteGate, url: &str| gate.judge(url.to_owned(), None).await;
        for (stub, left) in [(false, 1), (true, 0)] {
            let tracker = calls(stub);
            let gate = SiteGate::for_site(Arc::clone(&policy), &site, Arc::clone(&tracker)).await;
            let here = matches!(judged(&gate, call).await, RequestVerdict::AnswerHere);
            assert_eq!(here, stub);
            let script = "https://f-emc.ngsp.gov.vn/embed/gov-tracking.min.js";
            for url in [call, script] {
                let aside = judged(&gate.aside(), url).await;
                assert!(matches!(aside, RequestVerdict::AnswerHere), "{url}");
            }
            assert!(matches!(judged(&gate, script).await, RequestVerdict::Allow));
            assert_eq!(tracker.let_out(), left, "stub: {stub}");
        }
    }
}
