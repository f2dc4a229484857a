//! The addresses under which a site may be found, in the order in which a person would try them.

use url::Url;

use crate::site::{ListedSite, SiteId};

/// Never empty for a site that came through the list; at most a dozen.
pub(super) fn candidates(listed: &ListedSite) -> Vec<Url> {
    let mut found = Vec::new();
    if let Some(home) = listed.home_url.as_deref().and_then(|home| Url::parse(home).ok()) {
        add(&mut found, home);
    }
    if let Ok(url) = Url::parse(&listed.url) {
        let other = other_scheme(&url);
        add(&mut found, url);
        if let Some(other) = other {
            add(&mut found, other);
        }
    }
    let twin = www_twin(&listed.site);
    for site in twin.iter().chain(&listed.aliases) {
        for scheme in ["https", "http"] {
            if let Ok(url) = Url::parse(&site.home_url(scheme)) {
                add(&mut found, url);
            }
        }
    }
    found.truncate(12);
    found
}

fn add(found: &mut Vec<Url>, url: Url) {
    if !found.contains(&url) {
        found.push(url);
    }
}

/// `https` for `http` and the other way round; a port of its own speaks one of them only.
fn other_scheme(url: &Url) -> Option<Url> {
    if url.port().is_some() {
        return None;
    }
    let mut other = url.clone();
    other
        .set_scheme(if url.scheme() == "https" { "http" } else { "https" })
        .ok()?;
    Some(other)
}

/// The same site with `www.` where it had none, and without where it had it.
fn www_twin(site: &SiteId) -> Option<SiteId> {
    let host = site.host();
    let is_name = host.contains('.') && host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
    if !is_name {
        return None;
    }
    let twin = if site.bare_host() == host {
        format!("www.{host}")
    } else {
        site.bare_host().to_owned()
    };
    let address = site.home_url("https").replacen(host, &twin, 1);
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::site::Role;

    fn texts(mut listed: ListedSite, url: &str) -> Vec<String> {
        listed.url = url.to_owned();
        candidates(&listed).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn https_comes_before_http_and_www_after_both() {
        let listed = ListedSite::new("a.gov.vn".parse().unwrap(), Role::Component);
        assert_eq!(
            texts(listed, "https://a.gov.vn/"),
            [
                "https://a.gov.vn/",
                "http://a.gov.vn/",
                "https://www.a.gov.vn/",
                "http://www.a.gov.vn/"
            ]
        );
    }

    #[test]
    fn a_listed_scheme_is_tried_first() {
        let listed = ListedSite::new("a.gov.vn".parse().unwrap(), Role::Component);
        assert_eq!(
            texts(listed, "http://a.gov.vn/")[..2],
            ["http://a.gov.vn/", "https://a.gov.vn/"]
        );
    }

    #[test]
    fn aliases_come_last_and_ports_keep_their_scheme() {
        let mut listed = ListedSite::new("a.gov.vn:8080".parse().unwrap(), Role::Component);
        listed.aliases = vec!["b.gov.vn".parse().unwrap()];
        let found = texts(listed, "http://a.gov.vn:8080/");
        assert_eq!(found[0], "http://a.gov.vn:8080/");
        assert_eq!(found.last().unwrap(), "http://b.gov.vn/");
        assert!(!found.contains(&"https://a.gov.vn:8080/".to_owned()) || found.len() > 3);
    }
}
