//! Addresses as people write them, made into URLs and paths that compare.

use unicode_normalization::UnicodeNormalization;
use url::{Host, Url};

use super::SiteError;

/// Whole paths that servers use for the home page of a host; lower case, without the leading slash.
const HOST_LANDINGS: &[&str] = &[
    "web/guest/home",
    "web/guest/trang-chu",
    "web/guest/trangchu",
    "web/guest",
    "vi",
    "vn",
    "vi-vn",
    "index.php/vi",
];

/// Tails that also follow a unit's own path (`/sites/skhcn/SitePages/Home.aspx`).
const LANDINGS: &[&str] = &[
    "sitepages/home.aspx",
    "sitepages/default.aspx",
    "sitepages/trangchu.aspx",
    "pages/home.aspx",
    "pages/default.aspx",
    "pages/index.aspx",
    "pages/trangchu.aspx",
    "pages/trang-chu.aspx",
    "trang/default.aspx",
    "trang/home.aspx",
    "trang/trangchu.aspx",
    "trang/trang-chu.aspx",
    "home/index",
    "default.aspx",
    "home.aspx",
    "index.aspx",
    "trangchu.aspx",
    "trang-chu.aspx",
    "default.asp",
    "index.asp",
    "index.html",
    "index.htm",
    "index.shtml",
    "default.html",
    "default.htm",
    "home.html",
    "home.htm",
    "trang-chu.html",
    "trang-chu.htm",
    "trangchu.html",
    "index.php",
    "default.php",
    "home.php",
    "index.jsp",
    "index.do",
    "home",
    "index",
    "trang-chu",
    "trangchu",
];

/// Parameters that say where a visitor comes from or how the page is shown, never which site it is.
const IDLE_PARAMETERS: &[&str] = &[
    "gidzl",
    "fbclid",
    "gclid",
    "dclid",
    "wbraid",
    "gbraid",
    "msclkid",
    "yclid",
    "zarsrc",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_",
    "ref",
    "lang",
    "language",
    "locale",
    "hl",
    "p_auth",
    "jsessionid",
    "phpsessid",
    "sessionid",
];
const IDLE_PREFIXES: &[&str] = &["utm_", "p_p_"];

/// Parameters that choose a page inside a site (`/?p=57`, `/index.php?nv=news`, `/Default.aspx?tabid=9`).
const PAGE_PARAMETERS: &[&str] = &[
    "p",
    "id",
    "cat",
    "page",
    "post",
    "s",
    "q",
    "nv",
    "op",
    "option",
    "view",
    "task",
    "mod",
    "module",
    "act",
    "action",
    "do",
    "r",
    "route",
    "sname",
    "mnu",
    "menu",
    "url",
    "path",
    "article",
    "news",
    "search",
    "keyword",
    "file",
    "chuyenmuc",
    "tin",
];

/// Reads an address as it stands in a list or an attribute: with or without a scheme, with stray
/// white space, full-width or decomposed letters. Without a scheme `https` is assumed (`http` where
/// port 80 is written). User name, password and fragment are dropped.
pub fn parse_address(text: &str) -> Result<Url, SiteError> {
    let not_an_address = || SiteError::NotAnAddress(text.trim().to_owned());
    let cleaned: String = text.nfkc().filter(|c| !is_invisible(*c)).collect();
    let cleaned = cleaned.trim().replace('\\', "/");
    if cleaned.is_empty() {
        return Err(SiteError::Empty);
    }
    if cleaned.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(not_an_address());
    }
    let scheme = written_scheme(&cleaned);
    if let Some(scheme) = scheme
        && !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https")
    {
        return Err(SiteError::Scheme(scheme.to_owned()));
    }
    let absolute = match scheme {
        Some(_) => cleaned.clone(),
        None => format!("https://{}", cleaned.trim_start_matches('/')),
    };
    let mut url = Url::parse(&absolute).map_err(|_| not_an_address())?;
    if scheme.is_none() && url.port() == Some(80) {
        url.set_scheme("http").map_err(|()| not_an_address())?;
    }
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_ascii_lowercase();
    if !is_plausible_host(&url, &host, scheme.is_some(), &absolute) {
        return Err(not_an_address());
    }
    url.set_host(Some(&host)).map_err(|_| not_an_address())?;
    url.set_username("").map_err(|()| not_an_address())?;
    url.set_password(None).map_err(|()| not_an_address())?;
    url.set_fragment(None);
    Ok(url)
}

/// The scheme as written, if there is one: `ftp` of `ftp://x`, `mailto` of `mailto:a@b.vn`, none of
/// `x.gov.vn:8080/y`.
fn written_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let known = ["mailto", "javascript", "ftp", "file", "data", "tel"];
    let is_known = known.iter().any(|name| scheme.eq_ignore_ascii_case(name)) && !rest.is_empty();
    (is_scheme && (rest.starts_with("//") || is_known)).then_some(scheme)
}

/// Whether a parsed host is one that somebody meant: a dotted name, `localhost`, an address. The URL
/// standard also takes `12.5` and bare numbers for IPv4 addresses; without a scheme those are
/// telephone numbers and row numbers.
fn is_plausible_host(url: &Url, host: &str, scheme_given: bool, absolute: &str) -> bool {
    match url.host() {
        Some(Host::Domain(_)) => {
            let is_name = |label: &str| {
                let mut bytes = label.bytes();
                !label.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            };
            host == "localhost" || (host.contains('.') && host.split('.').all(is_name))
        }
        Some(Host::Ipv4(address)) => {
            let rest = absolute.split_once("://").map_or("", |(_, rest)| rest);
            scheme_given || rest.starts_with(&address.to_string())
        }
        Some(Host::Ipv6(_)) => true,
        None => false,
    }
}

/// Zero-width characters and byte-order marks that spreadsheets carry along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

/// The path of a home page without its landing tail: `/sites/skhcn/SitePages/Home.aspx` becomes
/// `/sites/skhcn`, `/web/guest/home` becomes the empty string. Letter case of the rest is kept.
pub fn landing_tail(path: &str) -> &str {
    let lower = path.to_ascii_lowercase();
    let mut end = lower.trim_end_matches('/').len();
    loop {
        let here = &lower[..end];
        if HOST_LANDINGS.contains(&here.trim_start_matches('/')) {
            return "";
        }
        let shorter = LANDINGS
            .iter()
            .filter_map(|tail| here.strip_suffix(tail))
            .find(|rest| rest.is_empty() || rest.ends_with('/'));
        match shorter {
            Some(rest) => end = rest.trim_end_matches('/').len(),
            None => return &path[..end],
        }
    }
}

/// The path of a URL as sites compare and show it: no trailing slash, no doubled slashes, no session
/// marks (`;jsessionid=…`, ASP.NET's `(S(…))`), letters that need no percent sign without one.
/// The root is the empty string.
pub(super) fn clean_path(url: &Url) -> String {
    let mut path = String::new();
    for segment in url.path().split('/') {
        let segment = segment.split(';').next().unwrap_or_default();
        if segment.is_empty() || is_session_mark(segment) {
            continue;
        }
        path.push('/');
        push_normal_escapes(&mut path, segment);
    }
    path
}

/// ASP.NET without cookies: `(S(lit3py55t21z5v55vlm25s55))`, `(X(1)F(…)S(…))`.
fn is_session_mark(segment: &str) -> bool {
    segment.starts_with("(S(") || segment.starts_with("(X(") || segment.starts_with("(A(")
}

/// Decodes percent signs before unreserved ASCII and writes the remaining ones in upper case.
fn push_normal_escapes(out: &mut String, segment: &str) {
    let mut rest = segment;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let byte = rest.get(at + 1..at + 3).and_then(hex_byte);
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
            }
            Some(byte) => {
                out.push('%');
                for half in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(u32::from(half), 16).unwrap_or('0');
                    out.push(digit.to_ascii_uppercase());
                }
            }
            None => out.push('%'),
        }
        rest = &rest[at + if byte.is_some() { 3 } else { 1 }..];
    }
    out.push_str(rest);
}

fn hex_byte(text: &str) -> Option<u8> {
    let digits = text.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(*digits.first()?)? * 16 + digit(*digits.get(1)?)?;
    u8::try_from(value).ok()
}

/// A path or parameter for comparing: escaped letters beyond ASCII decoded and composed, lower case.
pub(super) fn fold(text: &str) -> String {
    if !text.contains('%') {
        return text.to_lowercase();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        match rest.get(at + 1..at + 3).and_then(hex_byte) {
            Some(byte) if !byte.is_ascii() => {
                bytes.push(byte);
                rest = &rest[at + 3..];
            }
            _ => {
                bytes.push(b'%');
                rest = &rest[at + 1..];
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes)
        .nfc()
        .collect::<String>()
        .to_lowercase()
}

/// The part of a query that can tell one site from another, or `None`.
pub(super) fn telling_query(query: &str) -> Option<String> {
    let telling: Vec<&str> = query.split('&').filter(|parameter| !is_idle(parameter)).collect();
    (!telling.is_empty()).then(|| telling.join("&"))
}

/// The parameters of a query, folded and in order, for comparing.
pub(super) fn parameters(query: &str) -> Vec<String> {
    let mut parameters: Vec<String> = query
        .split('&')
        .filter(|parameter| !is_idle(parameter))
        .map(fold)
        .collect();
    parameters.sort_unstable();
    parameters.dedup();
    parameters
}

/// Whether a query chooses a page inside the site, so that the address is not its home page even
/// where the path is.
pub(super) fn chooses_page(query: &str) -> bool {
    query.split('&').any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        !value.is_empty()
            && !is_idle(parameter)
            && (PAGE_PARAMETERS.contains(&name.as_str()) || name.ends_with("id"))
    })
}

fn is_idle(parameter: &str) -> bool {
    let name = parameter
        .split('=')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    name.is_empty()
        || IDLE_PARAMETERS.contains(&name.as_str())
        || IDLE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The registrable domain of a host (`sxd.tinh.gov.vn` → `tinh.gov.vn`; `gov.vn` is a public suffix),
/// or the host itself where there is none.
pub fn registrable_domain(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_number = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    if is_number {
        return host;
    }
    psl::domain_str(&host).map(str::to_owned).unwrap_or(host)
}
