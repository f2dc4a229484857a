//! Which addresses the robot may be made to talk to.
//!
//! A page is hostile input: it may not have the robot, which often runs inside an agency's own network,
//! call addresses there. The site itself may be private where the settings allow it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use url::{Host, Url};

use super::connect_to::ConnectToRules;
use super::range::{AddressRange, is_private};

/// A name server that is slower leaves the question to the browser.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// What the policy of a run rests on.
#[derive(Debug, Clone, Default)]
pub struct PolicyOptions {
    pub connect_to: ConnectToRules,
    pub allow_private: bool,
    pub allow_private_for: Vec<AddressRange>,
    /// Names are resolved by a proxy, not here.
    pub proxied: bool,
}

/// Shared by all visits of a run; remembers what names resolve to.
#[derive(Debug, Default)]
pub struct AddressPolicy {
    options: PolicyOptions,
    resolved: Mutex<HashMap<String, Arc<[IpAddr]>>>,
}

impl AddressPolicy {
    pub fn new(options: PolicyOptions) -> Self {
        Self {
            options,
            resolved: Mutex::default(),
        }
    }

    pub(super) fn allows_private(&self) -> bool {
        self.options.allow_private
    }

    /// The private address that forbids visiting a site at `url`, if there is one.
    pub async fn refusal_for_site(&self, url: &Url) -> Option<IpAddr> {
        let (host, port) = (url.host()?, url.port_or_known_default()?);
        if self.is_redirected(&host, port) {
            return None;
        }
        let addresses = self.resolve(&host).await;
        if self.options.allow_private {
            return None;
        }
        addresses
            .iter()
            .copied()
            .find(|address| is_private(*address) && !self.in_allowed_range(*address))
    }

    /// Addresses of `host`, for politeness and records; empty when it does not resolve here.
    pub async fn addresses(&self, url: &Url) -> Vec<IpAddr> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Vec::new();
        };
        if self.is_redirected(&host, port) {
            return Vec::new();
        }
        self.resolve(&host).await.to_vec()
    }

    /// Whether this machine's name servers have no say in where connections to `url` go.
    pub fn names_known_elsewhere(&self, url: &Url) -> bool {
        let rule = url
            .host()
            .zip(url.port_or_known_default())
            .is_some_and(|(host, port)| self.is_redirected(&host, port));
        rule || self.options.proxied
    }

    /// Whether connections to `url` go to a target of `--connect-to` or to loopback, which need no
    /// politeness.
    pub async fn is_local(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return false;
        };
        self.is_redirected(&host, port) || self.resolve(&host).await.iter().any(IpAddr::is_loopback)
    }

    /// A rule of `--connect-to` decides where this goes. A literal private address in a page is what
    /// it says, unless a rule names it.
    pub(super) fn is_redirected(&self, host: &Host<&str>, port: u16) -> bool {
        let rules = &self.options.connect_to;
        let text = host.to_string();
        let name = text.trim_matches(['[', ']']);
        if rules.target(name, port).is_none() {
            return literal(host).is_some_and(|address| rules.is_target(address, port));
        }
        let private_literal = literal(host).is_some_and(is_private) || is_localhost(host);
        !private_literal || rules.names_host(name, port)
    }

    pub(super) fn in_allowed_range(&self, address: IpAddr) -> bool {
        self.options
            .allow_private_for
            .iter()
            .any(|range| range.contains(address))
    }

    pub(super) async fn resolve(&self, host: &Host<&str>) -> Arc<[IpAddr]> {
        if let Some(address) = literal(host) {
            return Arc::from([address]);
        }
        if is_localhost(host) {
            return Arc::from([IpAddr::from([127, 0, 0, 1])]);
        }
        if self.options.proxied {
            return Arc::from([]);
        }
        let name = host.to_string();
        if let Some(known) = self.cache().get(&name) {
            return Arc::clone(known);
        }
        let addresses = look_up(&name).await;
        self.cache().insert(name, Arc::clone(&addresses));
        addresses
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<[IpAddr]>>> {
        self.resolved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Empty when the name does not resolve: the browser asks again and reports that in its own words.
async fn look_up(name: &str) -> Arc<[IpAddr]> {
    match tokio::time::timeout(RESOLVE_LIMIT, tokio::net::lookup_host((name, 0))).await {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
        Ok(Err(_)) | Err(_) => Arc::from([]),
    }
}

fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

fn is_localhost(host: &Host<&str>) -> bool {
    matches!(host, Host::Domain(name) if {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        name == "localhost" || name.ends_with(".localhost")
    })
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub(in crate::network) fn policy(rules: &[&str], allow_private: bool) -> Arc<AddressPolicy> {
        let connect_to = ConnectToRules::new(rules.iter().map(|rule| rule.parse().unwrap()).collect());
        Arc::new(AddressPolicy::new(PolicyOptions {
            connect_to,
            allow_private,
            ..PolicyOptions::default()
        }))
    }

    #[tokio::test]
    async fn a_listed_private_address_is_refused_unless_allowed() {
        let site: Url = "http://10.0.0.5/".parse().unwrap();
        assert!(policy(&[], false).refusal_for_site(&site).await.is_some());
        assert!(policy(&[], true).refusal_for_site(&site).await.is_none());
        assert!(
            policy(&["10.0.0.5::127.0.0.1:80"], false)
                .refusal_for_site(&site)
                .await
                .is_none()
        );
    }
}
