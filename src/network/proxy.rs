//! The proxy that everything goes through: `http://user:password@proxy:3128`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// Kinds of proxies that Chromium speaks to.
const SCHEMES: [&str; 4] = ["http", "https", "socks4", "socks5"];

/// Where the proxy is, and who we are to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Proxy {
    scheme: String,
    host: String,
    port: Option<u16>,
    login: Option<ProxyLogin>,
}

/// Name and password for a proxy that asks for them.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyLogin {
    pub user: String,
    pub password: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{shown:?} is no proxy ({reason}). hint: write it as http://proxy:3128, with a login as http://user:password@proxy:3128"
)]
pub struct ProxyError {
    /// Without what may be a password.
    shown: String,
    reason: &'static str,
}

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let shown = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
        let fail = |reason| ProxyError {
            shown: shown.to_owned(),
            reason,
        };
        let whole = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&whole).map_err(|_| fail("it is no address"))?;
        if !SCHEMES.contains(&url.scheme()) {
            return Err(fail("it begins with none of http, https, socks4, socks5"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| fail("it names no host"))?.to_owned();
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(fail("something follows the host and the port"));
        }
        let login = (!url.username().is_empty()).then(|| ProxyLogin {
            user: plain(url.username()),
            password: plain(url.password().unwrap_or_default()),
        });
        if login.is_some() && url.scheme().starts_with("socks") {
            return Err(fail("Chromium has no login for SOCKS proxies"));
        }
        Ok(Self {
            scheme: url.scheme().to_owned(),
            host,
            port: url.port(),
            login,
        })
    }
}

/// Percent-encoded characters of a login, as an address has to write them.
fn plain(text: &str) -> String {
    url::form_urlencoded::parse(text.replace('+', "%2B").as_bytes())
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

impl Proxy {
    /// As Chromium wants it, and as it may be shown: without the login.
    pub fn server(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", self.scheme, self.host)
    }

    pub fn login(&self) -> Option<&ProxyLogin> {
        self.login.as_ref()
    }

    /// The same proxy for a record that others read.
    #[must_use]
    pub fn without_login(&self) -> Self {
        Self {
            login: None,
            ..self.clone()
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.server())
    }
}

impl fmt::Debug for ProxyLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyLogin")
    }
}

impl TryFrom<String> for Proxy {
    type Error = ProxyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Proxy> for String {
    fn from(proxy: Proxy) -> Self {
        let mut url = Url::parse(&proxy.server()).expect("it was read from an address");
        if let Some(login) = proxy.login() {
            // Addresses with a host can carry both. Outside of the assertion, which a release build leaves out.
            let named = url.set_username(&login.user).is_ok();
            let known = url.set_password(Some(&login.password)).is_ok();
            debug_assert!(named && known);
        }
        url.as_str().trim_end_matches('/').to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_proxy_is_read_with_and_without_a_login() {
        let bare: Proxy = "proxy.tinh.gov.vn:3128".parse().unwrap();
        assert_eq!(bare.server(), "http://proxy.tinh.gov.vn:3128");
        assert_eq!(bare.login(), None);
        let known: Proxy = "http://can%40bo:m%3Aat+khau@10.0.0.1:8080/".parse().unwrap();
        assert_eq!(known.server(), "http://10.0.0.1:8080");
        let login = known.login().unwrap();
        assert_eq!(
            (login.user.as_str(), login.password.as_str()),
            ("can@bo", "m:at+khau")
        );
        assert_eq!(String::from(known.clone()).parse(), Ok(known));
    }

    #[test]
    fn an_error_and_a_record_never_show_the_password() {
        let error = "ftp://a:secret@proxy".parse::<Proxy>().unwrap_err().to_string();
        assert!(!error.contains("secret") && error.contains("proxy"), "{error}");
        let known: Proxy = "http://a:secret@proxy:1".parse().unwrap();
        assert!(!format!("{known:?} {:?}", known.login()).contains("secret"));
        assert!(!String::from(known.without_login()).contains("secret"));
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for text in [
            "",
            "http://",
            "http://proxy/path",
            "socks5://a:b@proxy:1",
            "http://pro xy",
        ] {
            assert!(text.parse::<Proxy>().is_err(), "{text:?}");
        }
    }
}
