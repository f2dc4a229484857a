//! `HOST:PORT:ADDR:PORT`, as curl's `--connect-to`: connections to HOST:PORT go to ADDR:PORT.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One rule. An empty host is any host, an empty port any port; an empty target keeps what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectTo {
    host: String,
    port: Option<u16>,
    target_host: String,
    target_port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not HOST:PORT:ADDR:PORT ({reason}). hint: for example ':443:127.0.0.1:8443', an empty part means any"
)]
pub struct ConnectToError {
    text: String,
    reason: &'static str,
}

impl FromStr for ConnectTo {
    type Err = ConnectToError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = |reason| ConnectToError {
            text: text.to_owned(),
            reason,
        };
        let parts =
            split_parts(text).ok_or_else(|| fail("four parts are needed, IPv6 addresses in brackets"))?;
        let port = |part: &str, reason| {
            if part.is_empty() {
                Ok(None)
            } else {
                part.parse::<u16>().map(Some).map_err(|_| fail(reason))
            }
        };
        Ok(Self {
            host: parts[0].to_ascii_lowercase(),
            port: port(&parts[1], "the first port is not a number")?,
            target_host: parts[2].to_ascii_lowercase(),
            target_port: port(&parts[3], "the second port is not a number")?,
        })
    }
}

/// Splits at colons outside brackets; brackets are dropped.
fn split_parts(text: &str) -> Option<[String; 4]> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        match c {
            '[' if !inside => inside = true,
            ']' if inside => inside = false,
            ':' if !inside => parts.push(String::new()),
            _ => parts.last_mut()?.push(c),
        }
    }
    if inside { None } else { parts.try_into().ok() }
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = |port: Option<u16>| port.map(|port| port.to_string()).unwrap_or_default();
        write!(
            f,
            "{}:{}:{}:{}",
            bracketed(&self.host),
            port(self.port),
            bracketed(&self.target_host),
            port(self.target_port)
        )
    }
}

impl TryFrom<String> for ConnectTo {
    type Error = ConnectToError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ConnectTo> for String {
    fn from(rule: ConnectTo) -> Self {
        rule.to_string()
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// All rules of a run; the first that applies wins, as with curl.
#[derive(Debug, Clone, Default)]
pub struct ConnectToRules {
    rules: Vec<ConnectTo>,
}

impl ConnectToRules {
    pub fn new(rules: Vec<ConnectTo>) -> Self {
        Self { rules }
    }

    /// Where a connection to `host:port` goes, if a rule sends it elsewhere.
    pub fn target(&self, host: &str, port: u16) -> Option<(String, u16)> {
        let rule = self.rules.iter().find(|rule| rule.applies(host, port))?;
        let target_host = if rule.target_host.is_empty() {
            host
        } else {
            &rule.target_host
        };
        Some((target_host.to_owned(), rule.target_port.unwrap_or(port)))
    }

    /// Whether a rule that names this very host sends its connections elsewhere.
    pub fn names_host(&self, host: &str, port: u16) -> bool {
        self.rules
            .iter()
            .find(|rule| rule.applies(host, port))
            .is_some_and(|rule| !rule.host.is_empty())
    }

    /// Whether `address:port` is where some rule sends connections to.
    pub fn is_target(&self, address: IpAddr, port: u16) -> bool {
        self.rules.iter().any(|rule| {
            rule.target_host.parse() == Ok(address) && rule.target_port.is_none_or(|target| target == port)
        })
    }

    /// The same for Chromium's `--host-resolver-rules`.
    pub fn resolver_rules(&self) -> Vec<String> {
        self.rules.iter().filter_map(ConnectTo::resolver_rule).collect()
    }
}

impl ConnectTo {
    fn applies(&self, host: &str, port: u16) -> bool {
        let host_fits = self.host.is_empty() || self.host.eq_ignore_ascii_case(host.trim_end_matches('.'));
        host_fits && self.port.is_none_or(|wanted| wanted == port)
    }

    fn resolver_rule(&self) -> Option<String> {
        if self.target_host.is_empty() && self.target_port.is_none() {
            return None;
        }
        let host = if self.host.is_empty() {
            "*".to_owned()
        } else {
            bracketed(&self.host)
        };
        let pattern = self
            .port
            .map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let target = if self.target_host.is_empty() {
            self.host.clone()
        } else {
            bracketed(&self.target_host)
        };
        if target.is_empty() {
            return None;
        }
        let target_port = self
            .target_port
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Some(format!("MAP {pattern} {target}{target_port}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rules(texts: &[&str]) -> ConnectToRules {
        ConnectToRules::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn empty_parts_mean_any_host_and_any_port() {
        let rules = rules(&[":443:127.0.0.1:8443", "a.vn::[::1]:"]);
        assert_eq!(
            rules.target("x.gov.vn", 443),
            Some(("127.0.0.1".to_owned(), 8443))
        );
        assert_eq!(rules.target("a.vn", 80), Some(("::1".to_owned(), 80)));
        assert_eq!(rules.target("x.gov.vn", 80), None);
    }

    #[test]
    fn chromium_gets_the_same_rules() {
        let rules = rules(&[":443:127.0.0.1:8443", "a.vn:80:[::1]:8080"]);
        assert_eq!(
            rules.resolver_rules(),
            ["MAP *:443 127.0.0.1:8443", "MAP a.vn:80 [::1]:8080"]
        );
    }

    #[test]
    fn a_wrong_rule_says_what_is_wrong_with_it() {
        let error = "127.0.0.1:8443".parse::<ConnectTo>().unwrap_err().to_string();
        assert!(error.contains("four parts") && error.contains("hint:"), "{error}");
        assert!(":x:127.0.0.1:1".parse::<ConnectTo>().is_err());
    }

    #[test]
    fn a_rule_reads_back_as_it_was_written() {
        for text in [":443:127.0.0.1:8443", "a.vn:80:[::1]:8080", ":::"] {
            assert_eq!(text.parse::<ConnectTo>().unwrap().to_string(), text);
        }
    }
}
