//! The identity of a site, as lists, links, folders and results write it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::address::{landing_tail, parse_address};

/// A host, optionally with a port and a base path: `host[:port][/base/path]`.
///
/// Two identities are equal when people would call them one site: letter case, a leading `www.`
/// and a trailing slash make no difference. A query counts only where the list's own address has one
/// (`tinh.gov.vn/Default.aspx?sid=4`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct SiteId {
    host: String,
    port: Option<u16>,
    base_path: String,
    query: Option<String>,
}

/// Why a text is no site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    #[error("no address")]
    Empty,
    #[error("{0:?} is not a web address")]
    NotAnAddress(String),
    #[error("scheme {0:?} is not http or https")]
    Scheme(String),
}

impl SiteId {
    /// The site that a home-page address stands for.
    pub fn from_url(url: &Url) -> Self {
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_end_matches('.')
            .to_ascii_lowercase();
        let query = url.query().filter(|query| !query.is_empty()).map(str::to_owned);
        let path = url.path().trim_end_matches('/');
        let base_path = if query.is_some() { path } else { landing_tail(path) };
        Self {
            host,
            port: url.port(),
            base_path: base_path.to_owned(),
            query,
        }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host without a leading `www.`, which never makes another site.
    pub fn bare_host(&self) -> &str {
        bare_host(&self.host)
    }

    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Empty, or begins with a slash and does not end with one.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// The address of the home page under `scheme` (`http` or `https`).
    pub fn home_url(&self, scheme: &str) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let path = if self.base_path.is_empty() {
            "/"
        } else {
            &self.base_path
        };
        let query = self
            .query
            .as_ref()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        format!("{scheme}://{}{port}{path}{query}", self.host)
    }

    /// The site's folder in a run: `/`, `:` and what file systems refuse are written `~`.
    pub fn folder_name(&self) -> String {
        let name: String = self
            .to_string()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-._~%=+&,@!()[]".contains(c) {
                    c
                } else {
                    '~'
                }
            })
            .collect();
        if name.len() <= 180 { name } else { shorten(&name) }
    }

    /// What identity rests on; see the type's note.
    fn key(&self) -> (&str, Option<u16>, String, Option<&str>) {
        (
            self.bare_host(),
            self.port,
            self.base_path.to_lowercase(),
            self.query(),
        )
    }
}

/// Drops a leading `www.`.
pub(super) fn bare_host(host: &str) -> &str {
    host.strip_prefix("www.")
        .filter(|rest| rest.contains('.'))
        .unwrap_or(host)
}

/// Folder names end at 255 bytes on common file systems; a hash keeps two long ones apart.
fn shorten(name: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(name.as_bytes());
    let tail: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let head: String = name.chars().take(150).collect();
    format!("{head}~{tail}")
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.base_path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        Ok(())
    }
}

impl FromStr for SiteId {
    type Err = SiteError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_address(text).map(|url| Self::from_url(&url))
    }
}

impl TryFrom<String> for SiteId {
    type Error = SiteError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SiteId> for String {
    fn from(site: SiteId) -> Self {
        site.to_string()
    }
}

impl PartialEq for SiteId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for SiteId {}

impl Hash for SiteId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for SiteId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SiteId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}
