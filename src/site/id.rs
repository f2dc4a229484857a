//! The identity of a site, as lists, links, folders and results write it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::address::{clean_path, fold, landing_tail, parameters, parse_address, telling_query};

/// A host, optionally with a port and a base path: `host[:port][/base/path]`.
///
/// Two identities are equal when people would call them one site: letter case, a leading `www.`,
/// a trailing slash and the order of parameters make no difference. A query counts only where the
/// list's own address has one that tells sites apart (`tinh.gov.vn/Default.aspx?sid=4`).
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
        let query = url.query().and_then(telling_query);
        let mut base_path = clean_path(url);
        if query.is_none() {
            base_path.truncate(landing_tail(&base_path).len());
        }
        Self {
            host: host_of(url),
            port: port_of(url),
            base_path,
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

    /// The site's folder in a run: `/`, `:` and what file systems refuse are written `~`. Where that
    /// alone could make one name of two sites, or a very long one, a hash follows.
    pub fn folder_name(&self) -> String {
        let text = self.to_string();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._%=+&,@!()[]".contains(c);
        let name: String = text.chars().map(|c| if is_plain(c) { c } else { '~' }).collect();
        // The colon of a port reads like a first path segment made of digits.
        let first = self.base_path.split('/').nth(1).unwrap_or_default();
        let like_port = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
        let is_clear = self.query.is_none()
            && !like_port
            && !text.ends_with('.')
            && self.base_path.chars().all(|c| is_plain(c) || c == '/');
        if is_clear && name.len() <= LONGEST_FOLDER_NAME {
            name
        } else {
            with_hash(&name, &text)
        }
    }

    /// What identity rests on; see the type's note.
    fn key(&self) -> (&str, Option<u16>, String, Vec<String>) {
        (
            self.bare_host(),
            self.port,
            self.folded_base(),
            self.folded_query(),
        )
    }

    /// The base path for comparing. Under a query `/Default.aspx` and `/` are the same page.
    pub(super) fn folded_base(&self) -> String {
        fold(landing_tail(&self.base_path))
    }

    /// The parameters for comparing; empty without a query.
    pub(super) fn folded_query(&self) -> Vec<String> {
        self.query.as_deref().map(parameters).unwrap_or_default()
    }
}

/// The host of a URL, lower case, without the root's dot.
pub(super) fn host_of(url: &Url) -> String {
    url.host_str()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

/// The port of a URL unless it is one of the web's own: a site has no scheme, so `http://x:443`,
/// `https://x:80` and `x` must not be three sites.
pub(super) fn port_of(url: &Url) -> Option<u16> {
    url.port().filter(|port| !matches!(port, 80 | 443))
}

/// Drops a leading `www.`.
pub(super) fn bare_host(host: &str) -> &str {
    host.strip_prefix("www.")
        .filter(|rest| rest.contains('.'))
        .unwrap_or(host)
}

/// Folder names end at 255 bytes on common file systems; files inside need room in the path too.
const LONGEST_FOLDER_NAME: usize = 180;

/// The (ASCII) name, cut if need be, with a hash of the whole text behind it.
fn with_hash(name: &str, text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    let tail = digest
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let head: String = name.chars().take(150).collect();
    format!("{head}~{tail:012x}")
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
