//! Addresses as people write them, made into URLs that compare.

use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use super::SiteError;

/// Paths that servers use for the home page itself; lower case, without the leading slash.
const LANDING_TAILS: &[&str] = &[
    "web/guest/home",
    "web/guest/trang-chu",
    "web/guest",
    "sitepages/home.aspx",
    "sitepages/default.aspx",
    "pages/home.aspx",
    "pages/default.aspx",
    "pages/trangchu.aspx",
    "trang/default.aspx",
    "trang/trangchu.aspx",
    "default.aspx",
    "home.aspx",
    "index.aspx",
    "default.asp",
    "index.html",
    "index.htm",
    "default.html",
    "default.htm",
    "index.php",
    "index.jsp",
    "home",
    "trang-chu",
    "trangchu",
    "trang-chu.html",
    "vi",
    "vn",
];

/// Tails that follow a unit's own path as well (`/sites/skhcn/SitePages/Home.aspx`).
const LANDING_FILES: &[&str] = &[
    "sitepages/home.aspx",
    "sitepages/default.aspx",
    "pages/home.aspx",
    "pages/default.aspx",
    "pages/trangchu.aspx",
    "trang/default.aspx",
    "trang/trangchu.aspx",
    "default.aspx",
    "home.aspx",
    "index.aspx",
    "default.asp",
    "index.html",
    "index.htm",
    "default.html",
    "default.htm",
    "index.php",
    "index.jsp",
    "home",
    "trang-chu",
];

/// Reads an address as it stands in a list or an attribute: with or without a scheme, with stray
/// white space, full-width or decomposed letters. Without a scheme `https` is assumed.
pub fn parse_address(text: &str) -> Result<Url, SiteError> {
    let cleaned: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let cleaned = cleaned.trim();
    if cleaned.is_empty() {
        return Err(SiteError::Empty);
    }
    if cleaned.contains(char::is_whitespace) {
        return Err(SiteError::NotAnAddress(text.to_owned()));
    }
    let has_scheme = cleaned.split_once("://").is_some_and(|(scheme, _)| {
        scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let other_scheme = !has_scheme
        && cleaned.split_once(':').is_some_and(|(scheme, rest)| {
            matches!(
                scheme.to_ascii_lowercase().as_str(),
                "mailto" | "javascript" | "ftp" | "file" | "data" | "tel"
            ) && !rest.is_empty()
        });
    if other_scheme {
        return Err(SiteError::Scheme(
            cleaned.split(':').next().unwrap_or_default().to_owned(),
        ));
    }
    let absolute = if has_scheme {
        cleaned.to_owned()
    } else {
        format!("https://{cleaned}")
    };
    let mut url = Url::parse(&absolute).map_err(|_| SiteError::NotAnAddress(text.to_owned()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SiteError::Scheme(url.scheme().to_owned()));
    }
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_ascii_lowercase();
    if host.is_empty() {
        return Err(SiteError::NotAnAddress(text.to_owned()));
    }
    url.set_host(Some(&host))
        .map_err(|_| SiteError::NotAnAddress(text.to_owned()))?;
    let is_name = matches!(url.host(), Some(Host::Domain(_)));
    if is_name && !host.contains('.') && host != "localhost" {
        return Err(SiteError::NotAnAddress(text.to_owned()));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Zero-width characters and byte-order marks that spreadsheets carry along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

/// The path of a home page without its landing tail: `/sites/skhcn/SitePages/Home.aspx` becomes
/// `/sites/skhcn`, `/web/guest/home` becomes the empty string. Letter case of the rest is kept.
pub fn landing_tail(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let lower = path.to_ascii_lowercase();
    let bare = lower.trim_start_matches('/');
    if LANDING_TAILS.contains(&bare) {
        return "";
    }
    for tail in LANDING_FILES {
        if let Some(rest) = lower.strip_suffix(tail)
            && rest.ends_with('/')
        {
            return path[..rest.len()].trim_end_matches('/');
        }
    }
    path
}

/// The registrable domain of a host (`sxd.tinh.gov.vn` → `tinh.gov.vn`; `gov.vn` is a public suffix),
/// or the host itself where there is none.
pub fn registrable_domain(host: &str) -> String {
    psl::domain_str(host).unwrap_or(host).to_owned()
}
