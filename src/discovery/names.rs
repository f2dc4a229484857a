//! Usual names below a portal's domain: which of them there are. Asked of the DNS at a gentle pace, or of the servers
//! themselves where no name server knows the names (`--connect-to`, a proxy). Where any name at all resolves, one
//! that resolves alike is no find.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use url::Url;

use crate::browser::BrowserError;
use crate::dispatch::Glances;

/// A name server that fails so often in a row is left alone.
const FAILURES_MAX: usize = 5;
const ANSWER_MAX: Duration = Duration::from_secs(4);
/// Names that nobody has, by which a domain is known where every name resolves.
const NOBODYS: [&str; 2] = ["emc-audit-khong-co-ten-nay", "emc-audit-ten-ngau-nhien"];

/// What asking came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Hosts that are there.
    pub found: Vec<String>,
    pub asked: usize,
    /// Every name below the domain resolves.
    pub wildcard: bool,
    /// The name server failed, and the rest was not asked.
    pub failed: Option<String>,
}

/// Asks for `labels` below `domain`; `step` is told each one.
pub(super) async fn ask(
    domain: &str,
    labels: &[String],
    per_second: u32,
    glances: &Glances,
    step: &mut (dyn FnMut() + Send),
) -> Result<Names, BrowserError> {
    let elsewhere = match Url::parse(&format!("https://{domain}/")) {
        Ok(url) => glances.policy().names_known_elsewhere(&url),
        Err(_) => return Ok(Names::default()),
    };
    if elsewhere {
        return ask_servers(domain, labels, glances, step).await;
    }
    match NameServer::of_this_machine() {
        Ok(server) => Ok(server
            .ask(domain, labels, per_second, || glances.stopped(), step)
            .await),
        Err(error) => Ok(Names {
            failed: Some(error),
            ..Names::default()
        }),
    }
}

/// The name servers of this machine.
pub(super) struct NameServer {
    resolver: TokioResolver,
}

impl NameServer {
    fn of_this_machine() -> Result<Self, String> {
        let mut builder = TokioResolver::builder_tokio().map_err(|error| error.to_string())?;
        let options = builder.options_mut();
        options.timeout = ANSWER_MAX;
        options.attempts = 1;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        let resolver = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { resolver })
    }

    async fn ask(
        &self,
        domain: &str,
        labels: &[String],
        per_second: u32,
        stopped: impl Fn() -> bool,
        step: &mut (dyn FnMut() + Send),
    ) -> Names {
        let mut names = Names::default();
        let mut anything = BTreeSet::new();
        for label in NOBODYS {
            match self.addresses(&format!("{label}.{domain}")).await {
                Ok(found) => anything.extend(found),
                Err(error) => {
                    names.failed = Some(error);
                    return names;
                }
            }
        }
        names.wildcard = !anything.is_empty();
        let mut pace = tokio::time::interval(Duration::from_secs(1) / per_second.max(1));
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failures = 0;
        for label in labels {
            pace.tick().await;
            if stopped() {
                break;
            }
            names.asked += 1;
            let host = format!("{label}.{domain}");
            match self.addresses(&host).await {
                Ok(found) => {
                    failures = 0;
                    if is_find(&found, &anything) {
                        names.found.push(host);
                    }
                }
                Err(error) => {
                    failures += 1;
                    if failures >= FAILURES_MAX {
                        names.failed = Some(error);
                        break;
                    }
                }
            }
            step();
        }
        names
    }

    /// The addresses of a name, none where there is no such name. An error is one of the name server.
    async fn addresses(&self, host: &str) -> Result<BTreeSet<IpAddr>, String> {
        // With its last dot the name is whole, and the machine's search domains stay out of it.
        match self.resolver.lookup_ip(format!("{host}.")).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) if error.is_no_records_found() => Ok(BTreeSet::new()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Whether a name has an address that not every name has.
fn is_find(found: &BTreeSet<IpAddr>, anything: &BTreeSet<IpAddr>) -> bool {
    found.difference(anything).next().is_some()
}

/// How a server answers for a name, as far as it tells a site from what answers for every name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Manner {
    status: u16,
    mime_type: Option<String>,
    redirects_to: Option<String>,
}

async fn ask_servers(
    domain: &str,
    labels: &[String],
    glances: &Glances,
    step: &mut (dyn FnMut() + Send),
) -> Result<Names, BrowserError> {
    let mut names = Names::default();
    let mut anything = Vec::new();
    for label in NOBODYS {
        anything.extend(manner(&format!("{label}.{domain}"), glances).await?);
    }
    names.wildcard = !anything.is_empty();
    for some in labels.chunks(8) {
        if glances.stopped() {
            break;
        }
        let hosts = some.iter().map(|label| format!("{label}.{domain}"));
        let asked = hosts.map(|host| async { (manner(&host, glances).await, host) });
        for (answer, host) in futures::future::join_all(asked).await {
            names.asked += 1;
            if answer?.is_some_and(|manner| !anything.contains(&manner)) {
                names.found.push(host);
            }
            step();
        }
    }
    Ok(names)
}

/// How the host answers over https, else over http; `None` where it does not.
async fn manner(host: &str, glances: &Glances) -> Result<Option<Manner>, BrowserError> {
    for scheme in ["https", "http"] {
        let Ok(url) = Url::parse(&format!("{scheme}://{host}/")) else {
            continue;
        };
        let Some(reached) = glances.ask(&url).await? else {
            return Ok(None);
        };
        if let Some(status) = reached.status {
            return Ok(Some(Manner {
                status,
                redirects_to: reached.header("location").map(|to| to.replace(host, "")),
                mime_type: reached.mime_type,
            }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::net::SocketAddr;

    use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;
    use tokio::net::UdpSocket;

    use super::*;

    /// A name server on loopback: `answer` gives the last byte of a name's address, or `None` for no such name.
    async fn serve(answer: fn(&str) -> Option<u8>) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0_u8; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let reply = reply(&buffer[..length], answer);
                socket.send_to(&reply, from).await.unwrap();
            }
        });
        address
    }

    /// RFC 1035, section 4.1, for one question of class IN.
    fn reply(query: &[u8], answer: fn(&str) -> Option<u8>) -> Vec<u8> {
        let (mut at, mut labels) = (12, Vec::new());
        while query[at] != 0 {
            let end = at + 1 + usize::from(query[at]);
            labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
            at = end;
        }
        let question = &query[12..at + 5];
        let is_ipv4 = query[at + 2] == 1;
        let found = answer(&labels.join("."));
        let has_answer = found.is_some() && is_ipv4;
        let code = if found.is_some() { 0 } else { 3 };
        let mut reply = query[..2].to_vec();
        reply.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(has_answer), 0, 0, 0, 0]);
        reply.extend(question);
        if let Some(last) = found.filter(|_| has_answer) {
            reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, last]);
        }
        reply
    }

    async fn asked(answer: fn(&str) -> Option<u8>, labels: &[&str]) -> Names {
        let address = serve(answer).await;
        let mut connection = ConnectionConfig::new(ProtocolConfig::Udp);
        connection.port = address.port();
        let server = NameServerConfig::new(address.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let server = NameServer {
            resolver: resolver.build().unwrap(),
        };
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        server
            .ask("tinhmau.gov.vn", &labels, 200, || false, &mut || {})
            .await
    }

    #[tokio::test]
    async fn names_that_resolve_are_found() {
        let names = asked(
            |name| (name == "sxd.tinhmau.gov.vn").then_some(7),
            &["sxd", "syt"],
        )
        .await;
        assert_eq!(names.found, ["sxd.tinhmau.gov.vn"]);
        assert!(!names.wildcard && names.failed.is_none());
        assert_eq!(names.asked, 2);
    }

    #[tokio::test]
    async fn a_name_that_resolves_like_any_other_is_no_find() {
        let names = asked(
            |name| Some(if name.starts_with("sxd.") { 7 } else { 1 }),
            &["sxd", "syt"],
        )
        .await;
        assert!(names.wildcard);
        assert_eq!(names.found, ["sxd.tinhmau.gov.vn"]);
    }
}
